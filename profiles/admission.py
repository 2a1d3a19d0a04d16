"""Rules of admission (``SIGN_IN_ALLOW``): a person must fit at least one of them."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

SEPARATOR = "="
CLAIM_PREFIX = "claim."


class RuleKind(StrEnum):
    """The fact that a rule looks at."""

    OIDC = "oidc"
    """All people with an account at the OpenID Connect provider."""
    ORGANISATION = "github-org"
    MAIL_DOMAIN = "mail-domain"
    CLAIM = "claim"


@dataclass(frozen=True, slots=True)
class AdmissionRule:
    """One entry of the setting; ``claim`` is the claim that the rule reads, or empty."""

    kind: RuleKind
    value: str = ""
    claim: str = ""


@dataclass(frozen=True, slots=True)
class Applicant:
    """Facts about a person who signs in."""

    provider: str
    mail_domains: Collection[str] = ()
    """The domains of verified addresses, in lower case."""
    organisations: Collection[str] = ()
    """The GitHub organisations of which they are active members, in lower case."""
    claims: Mapping[str, Any] = field(default_factory=dict)


def read_rules(text: str) -> tuple[AdmissionRule, ...]:
    """Parse the setting: rules separated by commas. Raises ValueError."""
    return tuple(_read_rule(entry.strip()) for entry in text.split(",") if entry.strip())


def _read_rule(entry: str) -> AdmissionRule:
    name, _, value = (part.strip() for part in entry.partition(SEPARATOR))
    if entry == RuleKind.OIDC:
        return AdmissionRule(RuleKind.OIDC)
    if name.startswith(CLAIM_PREFIX) and len(name) > len(CLAIM_PREFIX) and value:
        return AdmissionRule(RuleKind.CLAIM, value, name.removeprefix(CLAIM_PREFIX))
    if name in (RuleKind.ORGANISATION, RuleKind.MAIL_DOMAIN) and value:
        return AdmissionRule(RuleKind(name), value.lower().removeprefix("@"))
    raise ValueError(
        f"{entry!r} is none of oidc, github-org=NAME, mail-domain=DOMAIN, claim.NAME=VALUE"
    )


def organisations_of(rules: Sequence[AdmissionRule]) -> list[str]:
    """The GitHub organisations that the rules name."""
    return [rule.value for rule in rules if rule.kind == RuleKind.ORGANISATION]


def is_admitted(applicant: Applicant, rules: Sequence[AdmissionRule]) -> bool:
    """Whether a person may sign in; without rules all people may."""
    return not rules or any(_admits(rule, applicant) for rule in rules)


def _admits(rule: AdmissionRule, applicant: Applicant) -> bool:
    match rule.kind:
        case RuleKind.OIDC:
            return applicant.provider == "oidc"
        case RuleKind.ORGANISATION:
            return rule.value in applicant.organisations
        case RuleKind.MAIL_DOMAIN:
            return rule.value in applicant.mail_domains
        case RuleKind.CLAIM:
            return _has_value(applicant.claims.get(rule.claim), rule.value)


def _has_value(claim: object, value: str) -> bool:
    """Whether a claim is this value, or a list with it. Case matters."""
    return value in claim if isinstance(claim, list) else claim == value
