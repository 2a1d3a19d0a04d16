"""A mirrored scope belongs to no account here."""

from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.test import Client

from foundation.accounts.models import User
from foundation.actor import Actor
from foundation.clock import now
from profiles.actions import make_development_user
from profiles.errors import ScopeMirrored, ScopeReserved, ScopeTaken
from profiles.mirrored import mirror_scope
from profiles.models import Scope
from registry.mirroring.actions import add_scopes, run_mirror
from registry.mirroring.errors import InvalidSource, MirrorBusy, NoMirroredScopes
from registry.mirroring.jobs import follow, schedule
from registry.mirroring.run import LEASE, leased
from registry.models import Agent, Mirror
from registry.transfers.actions import offer_agent
from tests.registry.mirroring.conftest import OPERATOR
from tests.support.servers.fake_source import fake_source
from tests.support.uploads import publish

pytestmark = pytest.mark.django_db
SOURCE = "https://shop.example"


def test_taken_and_reserved_scopes_are_refused_and_nothing_is_stored(ada: User) -> None:
    for scopes, refusal in (
        (["@linus", "@ada"], ScopeTaken),
        (["@linus", "@admin"], ScopeReserved),
        ([], NoMirroredScopes),
    ):
        with pytest.raises(refusal):
            add_scopes(SOURCE, scopes, by=OPERATOR)
    add_scopes("https://other.example", ["@grace"], by=OPERATOR)
    with pytest.raises(ScopeTaken):
        add_scopes(SOURCE, ["@grace"], by=OPERATOR)
    assert not Scope.objects.filter(mirrored_from=SOURCE).exists()
    assert not Mirror.objects.filter(source=SOURCE).exists()


@pytest.mark.parametrize(
    "url", ["ftp://shop.example", "https://shop.example/path", "https://a:b@shop.example", "shop"]
)
def test_address_of_a_source_is_an_origin(url: str) -> None:
    with pytest.raises(InvalidSource):
        run_mirror(url, scopes=["@ada"], by=OPERATOR)


def test_nobody_gets_into_a_mirrored_scope(
    ada: User, as_ada: Actor, storage_folder: Path, settings: Any
) -> None:
    add_scopes(SOURCE, ["@linus"], by=OPERATOR)
    holder = Scope.objects.get(name="linus").holder
    publish(as_ada, "@ada/coach")
    coach = Agent.objects.get()
    for by in (as_ada, Actor(user=holder, door="api")):
        with pytest.raises(ScopeMirrored):
            publish(by, "@linus/coach")
    with pytest.raises(ScopeMirrored):
        offer_agent(coach, to="linus", confirmation="@ada/coach", by=as_ada)
    client = Client()
    page = client.post("/signin", {"login": "linus"})
    assert (page.status_code, client.session.get("_auth_user_id")) == (403, None)
    assert "linus" not in client.get("/signin").content.decode()
    newcomer = make_development_user("Linus-", by=OPERATOR)
    assert newcomer.username != "linus"
    assert Agent.objects.count() == 1
    coach.refresh_from_db()
    assert coach.full_id == "@ada/coach"


def test_scope_of_an_account_is_derived_beside_a_mirrored_one() -> None:
    mirror_scope("mona", source=SOURCE, by=OPERATOR)
    with pytest.raises(Exception, match="mona"):
        mirror_scope("mona", source="https://other.example", by=OPERATOR)
    assert make_development_user("mona", by=OPERATOR).username == "mona--dev"


def test_two_runs_of_one_source(storage_folder: Path) -> None:
    with fake_source() as fake:
        fake.publish("@linus/planner", "1.0.0")
        mirror = add_scopes(fake.url, ["@linus"], by=OPERATOR)
        with leased(mirror), pytest.raises(MirrorBusy):
            run_mirror(fake.url, by=OPERATOR)
        assert fake.paths == []
        # A killed run: its lease ends by itself.
        Mirror.objects.update(lease_token=mirror.pk, lease_ends_at=now() - LEASE)
        assert run_mirror(fake.url, by=OPERATOR).published_count == 1


def test_command_and_job_do_the_same(storage_folder: Path, settings: Any, capsys: Any) -> None:
    with fake_source() as fake:
        fake.publish("@linus/planner", "1.0.0")
        settings.MIRROR_KEY = "claw_key"
        call_command("mirror", fake.url, "--all")
        assert "1 versions published" in capsys.readouterr().out
        with pytest.raises(CommandError, match=r"\[scope_reserved\]"):
            call_command("mirror", fake.url, "--scope", "@admin")

        assert schedule(None) is False  # type: ignore[arg-type]
        settings.MIRROR_URL, settings.MIRROR_SCOPES = f"{fake.url}/v1/", ["*"]
        fake.publish("@grace/other", "1.0.0")
        fake.publish("@admin/other", "1.0.0")
        assert schedule(None) is True  # type: ignore[arg-type]
        assert schedule(None) is False  # type: ignore[arg-type]
        result = follow(None)  # type: ignore[arg-type]
        assert (result["published"], result["problems"]) == (1, 1)
        assert fake.keys == {"Bearer claw_key"}
        settings.MIRROR_SCOPES = ["@admin"]
        assert follow(None)["code"] == "scope_reserved"  # type: ignore[arg-type]
