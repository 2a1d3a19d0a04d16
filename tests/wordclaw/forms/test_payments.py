"""Forms with a price: one submission for each payment."""

from typing import Any

import pytest
from django.test import Client

from tests.support.http import Api, status_and_code
from tests.support.races import run_at_once
from tests.wordclaw.conftest import ContentApi
from tests.wordclaw.payments.conftest import pay, read_challenge
from wordclaw.forms.models import FormSubmission
from wordclaw.payments.models import Entitlement, LicencePolicy, Offer, Payment

SEND = "/forms/claim/submissions"


@pytest.fixture
def sold(content: ContentApi, form: dict[str, Any], settings: Any) -> ContentApi:
    """The form at a price of 5 satoshis."""
    settings.PAYMENT_PROVIDER = "mock"
    change = content.patch("/forms/claim", {"requirePayment": True, "priceSatoshis": 5})
    assert change.status_code == 200, change.content
    return content


def send(
    client: ContentApi, data: Any, challenge: Any = None, preimage: str = "", **more: str
) -> Any:
    if challenge is not None:
        more["Authorization"] = f"L402 {challenge['token']}:{preimage}"
    return client.post(SEND, {"data": data}, **more)


@pytest.mark.once
def test_a_payment_is_one_submission(sold: ContentApi, visitor: ContentApi):
    challenge = read_challenge(send(visitor, {"x": 1}))
    assert (challenge["amountSatoshis"], challenge["reason"]) == (5, "initial")
    preimage = pay(challenge["paymentHash"])

    assert send(visitor, {"x": 1}, challenge, "0" * 64).status_code == 402
    # A mistake uses nothing up.
    mistake = send(visitor, {"x": 1}, challenge, preimage)
    assert status_and_code(mistake) == (422, "form_submission_unknown_fields")
    assert send(visitor, {"title": "T"}, challenge, preimage).status_code == 201
    again = send(visitor, {"title": "U"}, challenge, preimage)

    assert status_and_code(again) == (403, "payment_consumed")
    assert FormSubmission.objects.count() == 1
    assert Payment.objects.get().status == "consumed"


def test_a_key_repeats_the_paid_answer_and_a_dry_run_makes_no_invoice(
    sold: ContentApi, visitor: ContentApi
):
    visitor.query = "?mode=dry_run"
    assert send(visitor, {"title": "T"}).status_code == 402
    assert not Payment.objects.exists()
    visitor.query = ""
    challenge = read_challenge(send(visitor, {"title": "T"}))
    preimage = pay(challenge["paymentHash"])

    first = send(visitor, {"title": "T"}, challenge, preimage, idempotency_key="k")
    again = send(visitor, {"title": "T"}, challenge, preimage, idempotency_key="k")

    assert (first.status_code, again.json()) == (201, first.json())
    assert again["Idempotent-Replayed"] == "true"


def test_token_of_another_form_is_refused(
    sold: ContentApi, visitor: ContentApi, form: dict[str, Any]
):
    body = {key: form[key] for key in ("name", "contentType", "fields")}
    other = {"slug": "other", "requirePayment": True, "priceSatoshis": 1}
    assert sold.post("/forms", body | other).status_code == 201
    challenge = read_challenge(visitor.post("/forms/other/submissions", {"data": {}}))

    answer = send(visitor, {"title": "T"}, challenge, pay(challenge["paymentHash"]))

    assert status_and_code(answer) == (403, "l402_subject_mismatch")


def test_the_price_is_the_form_s_own_and_ends_with_it(sold: ContentApi, visitor: ContentApi):
    offer = Offer.objects.get()
    for change in ({"active": False}, {"amountSatoshis": 1}):
        answer = sold.patch(f"/offers/{offer.pk}", change)
        assert status_and_code(answer) == (409, "offer_of_form")

    sold.patch("/forms/claim", {"priceSatoshis": 9})
    assert read_challenge(send(visitor, {}))["amountSatoshis"] == 9
    sold.patch("/forms/claim", {"requirePayment": False})
    assert send(visitor, {"title": "Free"}).status_code == 201
    sold.patch("/forms/claim", {"requirePayment": True})
    assert Offer.objects.filter(is_active=True).count() == 1
    sold.send("DELETE", "/forms/claim")

    assert not Offer.objects.filter(is_active=True).exists()
    assert not Entitlement.objects.exists()


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_one_token_sent_many_times_at_once_is_one_submission(sold: ContentApi) -> None:
    visitor = ContentApi(Api(Client()), "")
    challenge = read_challenge(send(visitor, {}))
    preimage = pay(challenge["paymentHash"])

    def submit() -> Any:
        return send(ContentApi(Api(Client()), ""), {"title": "T"}, challenge, preimage)

    statuses = sorted(answer.status_code for answer in run_at_once([submit] * 5))

    assert statuses == [201, 403, 403, 403, 403]
    assert FormSubmission.objects.count() == 1


def test_a_user_confirms_and_sends_with_a_key(sold: ContentApi, stranger: ContentApi) -> None:
    challenge = read_challenge(send(stranger, {"title": "T"}))
    path = f"/v1/payments/{challenge['paymentHash']}/confirm"
    answer = stranger.post(path, {"preimage": pay(challenge["paymentHash"])})
    assert answer.status_code == 200, answer.content

    assert send(stranger, {"title": "T"}).status_code == 201
    assert send(stranger, {"title": "U"}).status_code == 402
    assert FormSubmission.objects.count() == 1


@pytest.mark.once
@pytest.mark.parametrize("credential", ["key", "token"])
def test_idempotency_key_of_a_challenge_takes_the_paid_request(
    sold: Any, stranger: Any, visitor: Any, credential: str
) -> None:
    client = stranger if credential == "key" else visitor
    challenge = read_challenge(send(client, {"title": "T"}, idempotency_key="k"))
    preimage = pay(challenge["paymentHash"])

    if credential == "key":
        client.post(f"/v1/payments/{challenge['paymentHash']}/confirm", {"preimage": preimage})
        answers = [send(client, {"title": "T"}, idempotency_key="k") for _ in range(2)]
    else:
        answers = [
            send(client, {"title": "T"}, challenge, preimage, idempotency_key="k") for _ in range(2)
        ]

    assert [answer.status_code for answer in answers] == [201, 201]
    assert [answer.headers.get("Idempotent-Replayed") for answer in answers] == [None, "true"]


def test_policy_of_a_price_belongs_to_the_form(sold: Any) -> None:
    policy = LicencePolicy.objects.get()

    answer = sold.patch(f"/licence-policies/{policy.pk}", {"maxReads": None})

    assert status_and_code(answer) == (409, "offer_of_form")
