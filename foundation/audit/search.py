"""Search of the audit log: words, and words about one field.

``key:claw_ab12`` · ``reason:malware`` · ``address:9f3c`` · ``actor:ada`` · ``object:@ada/coach`` ·
``request:4bf1`` · ``action:withheld`` · ``via:api``. A word without a field may be in any of them.
"""

from collections.abc import Callable, Collection
from functools import reduce
from operator import or_
from uuid import UUID

from django.db.models import Q

from foundation.text.expressions import compile_text

KeysOf = Callable[[str], Collection[UUID]]
"""Returns the ids of the API keys that a text names: a prefix, an id or a whole key."""

# A bound for the number of conditions of one query.
MAX_TERMS = 12
TERM = compile_text(r'(?:(?P<field>[a-z]+):)?(?:"(?P<quoted>[^"]*)"|(?P<word>\S+))')


def audit_condition(text: str, *, keys_of: KeysOf) -> Q:
    """The condition for entries that fit all terms of a search."""
    condition = Q()
    for match in list(TERM.finditer(text))[:MAX_TERMS]:
        field, value = match["field"], match["quoted"] or match["word"] or ""
        # A text with a colon, such as an address, is a word and no mistake.
        if field is not None and field not in FIELDS:
            field, value = None, match[0]
        fields = [field] if field else list(FIELDS)
        condition &= reduce(or_, (FIELDS[name](value, keys_of) for name in fields))
    return condition


def _by_key(value: str, keys_of: KeysOf) -> Q:
    ids = list(keys_of(value))
    about = Q(entity_type="api_key", entity_id__in=[str(key_id) for key_id in ids])
    return Q(api_key_id__in=ids) | about


def _by_object(value: str, _keys_of: KeysOf) -> Q:
    """Entries about a person (``@ada``), an agent (``@ada/coach``) or part of a name.

    Those about an agent include its versions, its reviews, and reports and appeals about it.
    """
    if value.startswith("@") and "/" not in value:
        return Q(entity_type="user", entity_id__iexact=value[1:])
    if not value.startswith("@"):
        return Q(entity_id__icontains=value)
    return (
        Q(entity_id__iexact=value)
        | Q(entity_id__istartswith=f"{value}@")
        | Q(entity_id__istartswith=f"{value} by ")
        | Q(details__agent=value)
        | Q(details__about=value)
        | Q(details__about__startswith=f"{value}@")
    )


def _by_request(value: str, _keys_of: KeysOf) -> Q:
    return Q(request_id__startswith=value)


def _by_address(value: str, _keys_of: KeysOf) -> Q:
    # Short words would find a hash by chance.
    return Q(address_hash__startswith=value.lower()) if len(value) >= 4 else Q(pk=None)


FIELDS: dict[str, Callable[[str, KeysOf], Q]] = {
    "key": _by_key,
    "reason": lambda value, _keys: Q(details__reason__icontains=value),
    "address": _by_address,
    "actor": lambda value, _keys: Q(user__username__iexact=value.removeprefix("@")),
    "object": _by_object,
    "request": _by_request,
    "action": lambda value, _keys: Q(action__icontains=value),
    "via": lambda value, _keys: Q(door__iexact=value),
}
