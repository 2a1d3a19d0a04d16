"""Management commands: keys, roles, delisting."""

from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from foundation.access.actions import resolve_key
from foundation.access.models import ApiKey
from foundation.accounts.models import User
from foundation.clock import now
from profiles.models import Scope
from registry.models import Agent
from tests.support.audit import last_audit_row
from tests.support.factories import make_agent, make_version
from tests.support.http import Api


def run(name: str, *arguments: str) -> str:
    """The output of a command; errors raise CommandError."""
    out = StringIO()
    call_command(name, *arguments, stdout=out, stderr=StringIO())
    return out.getvalue()


# --- create_key ------------------------------------------------------------------------------


@pytest.mark.once
def test_create_key_prints_only_the_key(ada: User, api: Api) -> None:
    output = run("create_key", "Ada", "--scope", "read", "agents:yank", "--scope", "agents:publish")

    key = ApiKey.objects.get()
    assert output == f"{output.strip()}\n"
    assert output.startswith("claw_")
    assert resolve_key(output.strip()) == key
    assert (key.scopes, key.name, key.bound_to, key.expires_at) == (
        "read,agents:publish,agents:yank",
        "created on the command line",
        "",
        None,
    )
    assert api.get("/v1/me", key=output.strip()).json()["scope"] == "ada"
    log = last_audit_row("api_key.created")
    assert (log.door, log.user_id, log.entity_id) == ("command", None, str(key.pk))
    assert output.strip() not in str(log.details)


@pytest.mark.once
def test_create_key_accepts_name_binding_and_lifetime(ada: User) -> None:
    options = ("--name", "laptop", "--bound-to", "@ada/coach", "--days", "3")
    run("create_key", "ada", "--scope", "agents:publish", *options)

    key = ApiKey.objects.get()
    assert (key.name, key.bound_to) == ("laptop", "@ada/coach")
    assert 2 <= (key.expires_at - now()).days <= 3


def test_create_key_creates_the_user_in_development(db: None) -> None:
    run("create_key", "Emmy", "--scope", "read", "--create")
    run("create_key", "emmy", "--scope", "read", "--create")

    assert list(Scope.objects.values_list("name", flat=True)) == ["emmy"]
    assert ApiKey.objects.filter(created_by__username="emmy").count() == 2


@pytest.mark.once
def test_create_key_creates_no_user_in_production(db: None, settings: Any) -> None:
    settings.IN_DEVELOPMENT = False

    with pytest.raises(CommandError, match="in production, people sign in"):
        run("create_key", "emmy", "--scope", "read", "--create")

    assert User.objects.count() == 0


@pytest.mark.once
@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (("nobody", "--scope", "read"), "There is no user nobody"),
        (("ada",), "--scope"),
        (("ada", "--scope", "everything"), "Select at least one scope"),
        (("ada", "--scope", "read", "--bound-to", "coach"), "must be one @scope/name"),
        (("ada", "--scope", "read", "--days", "0"), "is in the past"),
        (("ada", "--scope", "read", "--days", "-1"), "is in the past"),
        (("ada", "--scope", "read", "--days", "99999999999"), "days"),
        (("ada", "--scope", "read", "--days", "soon"), "days"),
    ],
)
def test_create_key_refuses_invalid_arguments(
    ada: User, arguments: tuple[str, ...], complaint: str
) -> None:
    with pytest.raises(CommandError, match=complaint):
        run("create_key", *arguments)

    assert ApiKey.objects.count() == 0


# --- grant_role ------------------------------------------------------------------------------


def test_grant_role_grants_and_revokes_maintainer(ada: User) -> None:
    assert run("grant_role", "Ada", "maintainer") == "ada is now maintainer.\n"
    user = User.objects.get(pk=ada.pk)
    assert (user.has_role("maintainer"), user.is_staff, user.is_superuser) == (True, True, False)
    assert user.has_perm("moderation.view_report")
    assert not user.has_perm("accounts.delete_user")
    assert (last_audit_row("role.granted").door, last_audit_row("role.granted").details) == (
        "command",
        {"role": "maintainer"},
    )

    output = run("grant_role", "ada", "maintainer", "--revoke")
    assert output == "ada is no longer maintainer.\n"
    user = User.objects.get(pk=ada.pk)
    assert (user.has_role("maintainer"), user.is_staff) == (False, False)
    assert not user.has_perm("moderation.view_report")
    assert last_audit_row("role.revoked").entity_id == "ada"


@pytest.mark.once
def test_official_publisher_is_not_staff(ada: User) -> None:
    run("grant_role", "ada", "official")

    user = User.objects.get(pk=ada.pk)
    assert (user.has_role("official"), user.has_role("maintainer"), user.is_staff) == (
        True,
        False,
        False,
    )


@pytest.mark.once
@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (("nobody", "maintainer"), "There is no user nobody"),
        (("ada", "king"), "invalid choice"),
        (("ada",), "required"),
    ],
)
def test_grant_role_refuses_invalid_arguments(
    ada: User, arguments: tuple[str, ...], complaint: str
) -> None:
    with pytest.raises(CommandError, match=complaint):
        run("grant_role", *arguments)

    assert not ada.groups.exists()


# --- delist_agent ----------------------------------------------------------------------------


def delist(*options: str, agent: str = "@ada/coach", by: str = "root") -> str:
    return run("delist_agent", agent, "--by", by, *options)


@pytest.mark.once
def test_delist_agent_delists_and_relists_for_a_maintainer(
    coach: Agent, root: User, api: Api
) -> None:
    assert delist("--reason", "It is spam.") == "@ada/coach is delisted.\n"
    assert delist("--reason", "Again.") == "@ada/coach was already delisted.\n"

    refusal = api.get("/v1/agents/ada/coach")
    assert refusal.status_code == 410
    assert refusal.json()["error"]["details"]["reason"] == "It is spam."
    log = last_audit_row("agent.delisted")
    assert (log.user_id, log.door, log.details) == (root.pk, "command", {"reason": "It is spam."})

    assert delist("--relist", agent="@Ada/COACH", by="Root") == "@ada/coach is relisted.\n"
    assert delist("--relist") == "@ada/coach was already relisted.\n"
    assert api.get("/v1/agents/ada/coach").status_code == 200


@pytest.mark.once
@pytest.mark.parametrize(
    ("options", "agent", "by", "complaint"),
    [
        ((), "@ada/coach", "root", "Enter a reason"),
        (("--reason", "x" * 2001), "@ada/coach", "root", "at most 2000"),
        (("--reason", "x"), "@ada/nothing", "root", "Agent not found"),
        (("--reason", "x"), "coach", "root", "Agent not found"),
        (("--reason", "x"), "@ada/coach", "ada", "Only a maintainer"),
        (("--reason", "x"), "@ada/coach", "nobody", "There is no user nobody"),
    ],
)
def test_delist_agent_refuses_invalid_arguments(
    coach: Agent, root: User, options: tuple[str, ...], agent: str, by: str, complaint: str
) -> None:
    with pytest.raises(CommandError, match=complaint):
        delist(*options, agent=agent, by=by)

    assert not Agent.objects.get().is_delisted


@pytest.mark.once
def test_delist_agent_refuses_a_maintainers_own_agent(root: User) -> None:
    make_version(make_agent(root, "own"))

    with pytest.raises(CommandError, match="about your own agent"):
        delist("--reason", "x", agent="@root/own")
