"""Limits of the processor time of writes of content."""

import pytest

from foundation.accounts.models import User
from foundation.limits.actions import count_use
from foundation.limits.budgets import cpu_budget
from foundation.limits.declarations import get_limit
from tests.support.http import client_of, status_and_code
from tests.wordclaw.conftest import ContentApi
from wordclaw.content import work
from wordclaw.content.models import ContentItem, ContentItemVersion
from wordclaw.content.work import CONTENT_WORK

pytestmark = pytest.mark.once

BATCH = "/content-types/post/items/batch"
# Each branch leads twice into the next, so the last one applies 2^9 times to each value.
DOUBLING = {f"l{n}": {"allOf": 2 * [{"$ref": f"#/$defs/l{n + 1}"}]} for n in range(9)}
COSTLY = {
    "type": "object",
    "properties": {"values": {"type": "array", "items": {"$ref": "#/$defs/l0"}}},
    "$defs": DOUBLING | {"l9": {"type": "integer"}},
}


@pytest.mark.parametrize("query", ["", "?atomic=true"])
def test_costly_batch_is_stopped_and_stores_nothing(
    content: ContentApi, limits_on: None, monkeypatch: pytest.MonkeyPatch, query: str
) -> None:
    content.make_type(schema=COSTLY)
    operations = 20 * [{"op": "create", "data": {"values": list(range(100))}}]
    monkeypatch.setattr(work, "REQUEST_SECONDS", 0.1)

    refusal = content.post(BATCH + query, {"items": operations})

    assert status_and_code(refusal) == (422, "content_too_costly")
    assert refusal.json()["error"]["remediation"]
    assert not ContentItem.objects.filter(domain__name="ada").exists()
    assert not ContentItemVersion.objects.filter(item__domain__name="ada").exists()
    # The time of the request is over with it, and its account has paid.
    assert content.post(BATCH, {"items": operations[:1]}).json()["results"][0]["ok"]
    user = User.objects.get(username="ada")
    assert count_use(get_limit(CONTENT_WORK), f"user:{user.pk}", cost=0).used_units >= 100


def test_account_and_all_together_have_a_share(
    content: ContentApi, limits_on: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    content.make_type()
    item = content.make_item()
    user_id = ContentItem.objects.get(pk=item["id"]).author_id
    data, path = {"data": {"title": "Two"}}, f"/content-items/{item['id']}"

    budget = cpu_budget(CONTENT_WORK)
    monkeypatch.setattr(budget, "rate", 1.0)
    budget.remaining_seconds = budget.capacity / 10
    assert content.put(path, data).status_code == 200
    # An account that used much leaves the rest to others.
    count_use(get_limit(CONTENT_WORK), f"user:{user_id}", cost=work.HEAVY_USE)
    assert status_and_code(content.put(path, data)) == (429, "rate_limited")
    budget.reset()
    assert content.put(path, data).status_code == 200

    count_use(get_limit(CONTENT_WORK), f"user:{user_id}", cost=60_000)
    refusal = content.post(BATCH, {"items": [{"op": "create", "data": {"title": "New"}}]})

    assert status_and_code(refusal) == (429, "rate_limited")
    assert int(refusal["Retry-After"]) > 0
    assert ContentItem.objects.get(domain__name="ada").version == 3
    # What readers get can always be withdrawn, and reading goes on.
    assert content.post(f"{path}/archive").status_code == 200
    assert content.get(path + "?draft=true").status_code == 200


def test_pages_of_the_studio_are_charged_and_keep_what_was_typed(
    content: ContentApi, ada: User, limits_on: None
) -> None:
    content.make_type()
    item, client = content.make_item(), client_of(ada)
    page = f"/studio/@ada/items/{item['id']}"
    share, caller = get_limit(CONTENT_WORK), f"user:{ada.pk}"
    before = count_use(share, caller, cost=0).used_units

    assert client.get(page).status_code == 200
    assert count_use(share, caller, cost=0).used_units > before

    count_use(share, caller, cost=60_001)
    refusal = client.post(page, {"base": "1", "v:/title": "Typed for an hour", "do": "save"})
    assert refusal.status_code == 429
    assert "Typed for an hour" in refusal.text
    assert client.get(page).status_code == 429
