"""Mail goes to the verified primary address, and the former one is told once."""

from collections.abc import Sequence

import pytest
from allauth.account.models import EmailAddress
from django.core import mail

from foundation.accounts.models import User
from foundation.actor import Actor
from foundation.audit.models import AuditLog
from foundation.jobs.actions import run_due_jobs
from foundation.jobs.models import Job
from profiles.addresses import follow_address, takes_mail, usable_address
from tests.support.races import run_at_once

Row = tuple[str, bool, bool]
GITHUB_NOREPLY = "583231+octocat@users.noreply.github.com"


def rows(*columns: Row) -> list[EmailAddress]:
    return [EmailAddress(email=e, primary=p, verified=v) for e, p, v in columns]


def sign_in_with(user: User, *columns: Row) -> list[str]:
    """Sign in with these addresses; return who got mail."""
    mail.outbox.clear()
    follow_address(user, rows(*columns), by=Actor(user=user))
    run_due_jobs()
    return [message.to[0] for message in mail.outbox]


@pytest.fixture
def at_one(ada: User) -> User:
    sign_in_with(ada, ("one@example.org", True, True))
    return User.objects.get(pk=ada.pk)


@pytest.mark.once
@pytest.mark.parametrize(
    ("addresses", "address"),
    [
        ([], ""),
        ([("a@example.org", True, False)], ""),
        ([("a@example.org", False, True)], ""),
        ([("a@example.org", True, False), ("b@example.org", False, True)], ""),
        ([("b@example.org", False, True), ("a@example.org", True, True)], "a@example.org"),
        ([(GITHUB_NOREPLY, True, True)], ""),
        ([("x@privaterelay.appleid.com", True, True)], "x@privaterelay.appleid.com"),
    ],
)
def test_only_the_verified_primary_address_is_used(addresses: Sequence[Row], address: str) -> None:
    assert usable_address(rows(*addresses)) == address


@pytest.mark.once
@pytest.mark.parametrize(
    ("address", "is_usable"),
    [
        (GITHUB_NOREPLY, False),
        ("octocat@users.noreply.git.example.org", False),
        ("No-Reply@example.org", False),
        ("noreply@github.com", False),
        ("norell@example.org", True),
        ("ada@noreplying.example", True),
        ("no address", False),
        ("a\nb@example.org", False),
        ("x" * 60 + "@" + ("y" * 60 + ".") * 4 + "org", False),
    ],
)
def test_addresses_that_take_mail(address: str, is_usable: bool) -> None:
    assert takes_mail(address) is is_usable


def test_former_address_is_told_once_and_not_the_new_one(at_one: User) -> None:
    new = (("one@example.org", False, True), ("two@example.org", True, True))

    assert sign_in_with(at_one, *new) == ["one@example.org"]

    (message,) = mail.outbox
    assert "two@example.org" not in message.body
    # Neither a link that works without signing in, nor one to preferences that do not apply.
    assert "for=" not in message.body
    assert "List-Unsubscribe" not in message.extra_headers
    assert sign_in_with(at_one, *new) == []
    assert User.objects.get(pk=at_one.pk).email == "two@example.org"
    library_rows = EmailAddress.objects.values_list("email", "primary", "verified")
    assert list(library_rows) == [("two@example.org", True, True)]


@pytest.mark.once
def test_former_address_stays_neither_in_the_job_nor_in_the_log(at_one: User) -> None:
    sign_in_with(at_one, ("two@example.org", True, True))

    assert not [job for job in Job.objects.all() if "example.org" in str(job.payload)]
    event = AuditLog.objects.filter(action="email.changed").latest("created_at")
    assert event.details == {"has_address": True}


@pytest.mark.once
def test_address_that_is_no_longer_verified_gets_no_mail(at_one: User) -> None:
    assert sign_in_with(at_one, ("one@example.org", True, False)) == []
    assert User.objects.get(pk=at_one.pk).email == ""
    assert not EmailAddress.objects.exists()


@pytest.mark.once
def test_other_case_of_an_address_is_no_change(at_one: User) -> None:
    User.objects.filter(pk=at_one.pk).update(email="One@Example.org")

    assert sign_in_with(at_one, ("one@example.org", True, True)) == []
    assert User.objects.get(pk=at_one.pk).email == "one@example.org"


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_concurrent_sign_ins_tell_the_former_address_once(at_one: User) -> None:
    addresses = rows(("two@example.org", True, True))

    def step() -> None:
        follow_address(User.objects.get(pk=at_one.pk), addresses, by=Actor(user=at_one))

    assert run_at_once([step] * 4) == [None] * 4
    assert (
        Job.objects.filter(kind="mails.address_changed", payload__former__isnull=False).count() == 1
    )
