"""Each refusal of the content runtime says itself what to do next."""

from collections.abc import Iterator

import clawstore.urls  # noqa: F401 - imports all modules with refusals
from foundation.refusals import Refusal
from tests.support.http import Api

PARTS = (
    *("wordclaw.", "clawstore.following.", "clawstore.intake."),
    *("foundation.jobs.", "foundation.webhooks."),
)


def refusals(base: type[Refusal] = Refusal) -> Iterator[type[Refusal]]:
    for refusal in base.__subclasses__():
        yield refusal
        yield from refusals(refusal)


def test_refusals_of_the_runtime_have_remediation():
    runtime_refusals = {item for item in refusals() if item.__module__.startswith(PARTS)}
    assert len(runtime_refusals) > 100
    assert [refusal.__name__ for refusal in runtime_refusals if not refusal.remediation] == []


def test_following_answers_with_remediation(api: Api, db: None):
    answer = api.get("/v1/following")
    assert answer.status_code == 401
    assert answer.json()["error"]["remediation"]
