"""Subjects of offers, which apps above declare; this app knows none of them.

``settings.PAYMENT_SUBJECTS`` names a tuple of `SaleSubjectType`, which the project assembles
(`clawstore/payment_subjects.py`). An app that sells something

1. declares a `SaleSubjectType` with ``find``, which returns a `SaleSubject` of a domain or None;
2. makes a `Gate` of all subjects that cover what is read, the narrowest first: a file of a version
   is covered by ``("agent_version", "@ada/coach@1.0.0")`` and by ``("agent", "@ada/coach")``;
3. calls `wordclaw.payments.access.actions.open_gate` before bytes or texts leave.

A gate without an active offer costs one query.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache

from django.conf import settings
from django.utils.module_loading import import_string

SubjectKey = tuple[str, str]
"""Type and ID of a subject: ``("agent", "@ada/coach")``."""
DomainSubject = tuple[str, str, str]
"""The domain that sold it, type and ID of a subject."""


def ignore_offer(_domain_name: str, _subject_id: str) -> None:
    """Do nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SaleSubject:
    """A thing of a domain that can be sold.

    ``is_readable``: buyers could read it now. ``is_public``: they could at all.
    """

    id: str
    title: str
    path: str = ""
    is_public: bool = True
    is_readable: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class SaleSubjectType:
    """A kind of subjects, with its name in offers and caveats.

    ``find`` gets the domain's name and an ID as a caller wrote it; the subject's own ID is stored.
    ``offer_changed`` is called in the transaction that starts, stops or changes an offer.
    ``has_own_price``: the price is a setting of the subject, which stores it with
    `wordclaw.payments.offers.actions.set_price`; such an offer is not made or changed by itself.
    """

    name: str
    find: Callable[[str, str], SaleSubject | None]
    offer_changed: Callable[[str, str], None] = ignore_offer
    has_own_price: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Gate:
    """A thing that is read, and the subjects of offers that cover it.

    The narrowest subject is the first. ``is_free_for_reader`` is asked only if there is an
    offer: whether the reader is a member, who reads the own things freely. ``version`` is what
    is read. With ``is_counted_hourly`` further reads of the same version within the hour cost
    nothing. ``former_subjects`` are what the thing was when it belonged to other domains: what
    was paid for then stays open.
    """

    domain_name: str
    subjects: tuple[SubjectKey, ...]
    is_free_for_reader: Callable[[], bool]
    version: str = ""
    is_counted_hourly: bool = False
    former_subjects: tuple[DomainSubject, ...] = ()

    @property
    def caveats(self) -> frozenset[str]:
        """The values of ``subject`` caveats that this gate satisfies."""
        return frozenset(f"{kind}:{subject_id}" for _, kind, subject_id in self.paid_subjects)

    @property
    def paid_subjects(self) -> tuple[DomainSubject, ...]:
        """All subjects with their domains: a right to one of them opens this gate."""
        own_subjects = tuple((self.domain_name, *subject) for subject in self.subjects)
        return own_subjects + self.former_subjects

    def is_opened_by(self, domain_name: str, subject_type: str, subject_id: str) -> bool:
        """Whether a right to a subject of a domain opens this gate."""
        return (domain_name, subject_type, subject_id) in self.paid_subjects


@cache
def subject_types() -> dict[str, SaleSubjectType]:
    """Return the declared types by name."""
    types: Sequence[SaleSubjectType] = import_string(settings.PAYMENT_SUBJECTS)
    return {subject_type.name: subject_type for subject_type in types}


def find_subject(domain_name: str, subject_type: str, subject_id: str) -> SaleSubject | None:
    """Return a subject of a domain; None for an unknown type, too."""
    kind = subject_types().get(subject_type)
    return kind.find(domain_name, subject_id) if kind else None
