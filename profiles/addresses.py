"""The email address of an account: the verified primary address on GitHub."""

from collections.abc import Collection

from allauth.account.models import EmailAddress
from django.core.exceptions import ValidationError
from django.core.validators import EmailValidator
from django.db import transaction

from foundation.accounts.actions import lock_user
from foundation.accounts.models import User
from foundation.actor import Actor
from foundation.audit.actions import record
from foundation.jobs.actions import enqueue

MAX_LENGTH = 254
NOREPLY_NAMES = frozenset({"noreply", "no-reply", "donotreply", "do-not-reply"})
is_valid = EmailValidator()


def usable_address(addresses: Collection[EmailAddress]) -> str:
    """The verified primary address, or "" if there is none that takes mail."""
    primary = [address.email for address in addresses if address.primary and address.verified]
    return primary[0] if primary and takes_mail(primary[0]) else ""


def takes_mail(address: str) -> bool:
    """Whether an address is valid and receives mail; noreply addresses do not."""
    try:
        is_valid(address)
    except ValidationError:
        return False
    name, _, domain = address.lower().rpartition("@")
    # GitHub's are 583231+octocat@users.noreply.github.com. A relay forwards mail and is used.
    is_noreply = name in NOREPLY_NAMES or "noreply" in domain.split(".")
    return len(address) <= MAX_LENGTH and not is_noreply


def keep_only(address: str, addresses: Collection[EmailAddress]) -> list[EmailAddress]:
    """The addresses that the sign-in library may store: the used one and no other."""
    return [row for row in addresses if address and row.email == address][:1]


@transaction.atomic
def follow_address(user: User, addresses: Collection[EmailAddress], *, by: Actor) -> None:
    """Use GitHub's present address from now on, and email the former one once."""
    locked_user, address = lock_user(user.pk), usable_address(addresses)
    old_address = locked_user.email
    if old_address == address:
        return
    locked_user.email = user.email = address
    locked_user.save(update_fields=["email"])
    EmailAddress.objects.filter(user=locked_user).delete()
    if address:
        EmailAddress.objects.create(user=locked_user, email=address, primary=True, verified=True)
    if old_address.lower() == address.lower():
        return
    # The audit log says that the address changed; addresses are no part of it.
    record("email.changed", "user", locked_user.username, by=by, has_address=bool(address))
    if takes_mail(old_address) and not _is_unverified(old_address, addresses):
        enqueue("mails.address_changed", {"user": str(locked_user.pk), "former": old_address})


def _is_unverified(address: str, addresses: Collection[EmailAddress]) -> bool:
    matches = [row for row in addresses if row.email.lower() == address.lower()]
    return bool(matches) and not any(row.verified for row in matches)
