"""The command that compares and repairs derived columns of agents."""

from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from foundation.accounts.models import User
from foundation.audit.models import AuditLog
from foundation.clock import now
from registry.models import Agent, AgentTag, SearchValue, SearchWord
from tests.support.catalogue import create_sample_shop


@pytest.fixture
def agent(ada: User, grace: User, root: User, storage_folder: Path) -> Agent:
    create_sample_shop(ada, grace, root)
    agent: Agent = Agent.objects.get(name="coach")
    return agent


def recount(*arguments: str) -> str:
    out = StringIO()
    call_command("recount", *arguments, stdout=out)
    return out.getvalue()


def row() -> dict[str, Any]:
    columns: dict[str, Any] = Agent.objects.filter(name="coach").values().get()
    del columns["search_weight"]  # A generated column.
    del columns["revision"]  # A repair increases the revision.
    return columns


def test_correct_columns_equal_a_recount(agent: Agent) -> None:
    assert recount() == "No differences.\n"


DRIFTED: dict[str, Any] = {
    "latest_version_id": None,
    "is_listed": False,
    "offers_beta": True,
    "folded_name": "x",
    "latest_channel": "official",
    "model_provider": "nobody",
    "requires_secrets": True,
    "row_facts": {"secrets": 9},
    "version_count": 7,
    "days_between_versions": 365,
    "signed_in_30d": 5,
    "tagline": "Something else",
    "download_count": 7,
    "avg_rating": 1.5,
    "review_count": 9,
}


def report_line(column: str, right: Any) -> str:
    """The reported line of a column; databases order keys differently."""
    value = DRIFTED[column]
    recount_text = "" if isinstance(value, dict) else f"{right!r}"
    return f"@ada/coach {column}: stored {value!r}, recounted {recount_text}"


def test_wrong_column_is_reported_and_repaired(agent: Agent) -> None:
    right = row()
    Agent.objects.filter(pk=agent.pk).update(**DRIFTED)

    with pytest.raises(CommandError) as refusal:
        recount()

    assert refusal.value.returncode == 1
    assert row() == right | DRIFTED
    output = recount("--repair")
    assert [column for column in DRIFTED if report_line(column, right[column]) not in output] == []
    assert row() == right
    assert recount() == "No differences.\n"


@pytest.mark.parametrize("column", ["row_facts", "avg_rating"])
def test_single_wrong_column_is_found(agent: Agent, column: str) -> None:
    right = row()
    Agent.objects.filter(pk=agent.pk).update(**{column: DRIFTED[column]})

    output = recount("--repair")

    assert output.count(": stored ") == 1
    assert report_line(column, right[column]) in output
    assert row() == right


@pytest.mark.once
def test_wrong_tags_are_replaced(agent: Agent) -> None:
    right = list(AgentTag.objects.order_by("tag").values_list("tag", flat=True))
    AgentTag.objects.create(agent=agent, tag="sneaked-in")

    assert "@ada/coach tags: " in recount("--repair")

    assert list(AgentTag.objects.order_by("tag").values_list("tag", flat=True)) == right


def test_repair_is_recorded_and_keeps_updated_at(agent: Agent) -> None:
    before = row()["updated_at"]
    Agent.objects.filter(pk=agent.pk).update(download_count=7)

    recount("--repair")

    event = AuditLog.objects.get(action="agent.recounted")
    assert (event.entity_id, event.details, event.door) == (
        "@ada/coach",
        {"columns": ["download_count"]},
        "command",
    )
    assert row()["updated_at"] == before


def test_recount_does_not_list_a_delisted_agent(agent: Agent) -> None:
    Agent.objects.filter(pk=agent.pk).update(delisted_at=now(), delisted_reason="Spam")

    assert "@ada/coach is_listed: stored True, recounted False" in recount("--repair")


def test_numbers_of_words_and_tags_are_compared_and_repaired(agent: Agent) -> None:
    word = SearchWord.objects.get(word="coach")
    SearchWord.objects.filter(pk="coach").update(agents=word.agents + 3)
    tag = SearchValue.objects.filter(kind="tag", agents__gt=0).order_by("value").first()
    assert tag is not None
    SearchValue.objects.filter(pk=tag.pk).update(agents=0)

    with pytest.raises(CommandError, match="2 differences"):
        recount()
    assert "Search term coach agents: stored" in recount("--repair")

    assert recount() == "No differences.\n"
    assert SearchWord.objects.get(word="coach").stem == word.stem
    assert SearchValue.objects.get(pk=tag.pk).agents == tag.agents
