"""The near future, in sentences: what operators will notice once a version is published."""

from collections.abc import Iterable, Iterator

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, ngettext_lazy

from registry.analysis.diff.capabilities import CapabilityChange, CapabilityKind, ChangeSign

NAMES_TOLD = 4
Sentence = Promise | str

# By kind of growth, in the order of `registry.analysis.diff.capabilities`.
MORE: dict[tuple[CapabilityKind, ChangeSign], Sentence] = {
    ("secret", "+"): ngettext_lazy(
        "Operators will be asked for %(n)d more secret: %(names)s.",
        "Operators will be asked for %(n)d more secrets: %(names)s.",
        "n",
    ),
    ("secret", "~"): ngettext_lazy(
        "%(n)d secret becomes required: %(names)s.",
        "%(n)d secrets become required: %(names)s.",
        "n",
    ),
    ("plugin", "+"): ngettext_lazy(
        "Operators will need %(n)d more plugin: %(names)s.",
        "Operators will need %(n)d more plugins: %(names)s.",
        "n",
    ),
    ("plugin", "~"): ngettext_lazy(
        "%(n)d plugin becomes required: %(names)s.",
        "%(n)d plugins become required: %(names)s.",
        "n",
    ),
    ("skill", "+"): ngettext_lazy(
        "Operators will need %(n)d more skill: %(names)s.",
        "Operators will need %(n)d more skills: %(names)s.",
        "n",
    ),
    ("skill", "~"): ngettext_lazy(
        "%(n)d skill becomes required: %(names)s.",
        "%(n)d skills become required: %(names)s.",
        "n",
    ),
    ("provider", "+"): ngettext_lazy(
        "Operators will need a model provider: %(names)s.",
        "Operators will need one of %(n)d model providers: %(names)s.",
        "n",
    ),
    ("provider", "-"): ngettext_lazy(
        "%(n)d model provider will no longer work: %(names)s.",
        "%(n)d model providers will no longer work: %(names)s.",
        "n",
    ),
    ("workspace", "+"): ngettext_lazy(
        "It will write %(n)d more file to their workspace: %(names)s.",
        "It will write %(n)d more files to their workspace: %(names)s.",
        "n",
    ),
    ("workspace", "~"): ngettext_lazy(
        "Updates will replace %(n)d more file: %(names)s.",
        "Updates will replace %(n)d more files: %(names)s.",
        "n",
    ),
    ("host", "+"): ngettext_lazy(
        "Its files will mention %(n)d more host: %(names)s.",
        "Its files will mention %(n)d more hosts: %(names)s.",
        "n",
    ),
    ("hidden", "+"): ngettext_lazy(
        "Its files will contain %(n)d more invisible or look-alike character.",
        "Its files will contain %(n)d more invisible or look-alike characters.",
        "n",
    ),
    ("heartbeat", "+"): ngettext_lazy(
        "It will run on its own at every heartbeat.",
        "It will run on its own at every heartbeat.",
        "n",
    ),
    ("heartbeat", "~"): ngettext_lazy(
        "Its heartbeat instructions will have %(n)d new line.",
        "Its heartbeat instructions will have %(n)d new lines.",
        "n",
    ),
    ("boot", "+"): ngettext_lazy(
        "It will run on its own whenever the host starts.",
        "It will run on its own whenever the host starts.",
        "n",
    ),
    ("boot", "~"): ngettext_lazy(
        "Its startup instructions will have %(n)d new line.",
        "Its startup instructions will have %(n)d new lines.",
        "n",
    ),
    ("prompt", "~"): ngettext_lazy(
        "Every turn will use %(n)d more token.",
        "Every turn will use about %(n)d more tokens.",
        "n",
    ),
}


def what_operators_notice(changes: Iterable[CapabilityChange]) -> list[str]:
    """A sentence for each kind of thing that a version asks for or does more than the one before;
    one that says so where there is none."""
    grown: dict[tuple[CapabilityKind, ChangeSign], list[CapabilityChange]] = {}
    for change in changes:
        if change.grows and (change.kind, change.sign) in MORE:
            grown.setdefault((change.kind, change.sign), []).append(change)
    return list(_sentences(grown)) or [_("Operators will not be asked for anything more.")]


def who_gets(number: str, *, is_prerelease: bool, latest: str | None) -> str:
    """Whom a version reaches; ``latest`` is what the agent's latest is now."""
    if is_prerelease and latest:
        words = _("Pre-release: installed only by exact version; %(latest)s stays the latest.")
    elif is_prerelease:
        words = _("Pre-release: installed only by exact version, and not listed in search yet.")
    elif latest:
        words = _(
            "%(number)s becomes the latest version and replaces %(latest)s for installs and"
            " updates."
        )
    else:
        words = _("The agent will appear in search, and anyone can install it.")
    return words % {"number": number, "latest": latest}


def _sentences(
    grown: dict[tuple[CapabilityKind, ChangeSign], list[CapabilityChange]],
) -> Iterator[str]:
    for what, sentence in MORE.items():
        if found := grown.get(what):
            counted = {"n": sum(map(_weight, found)), "names": _names(found)}
            yield str(sentence % counted)


def _weight(change: CapabilityChange) -> int:
    """How many things the change is about: characters, things to do, tokens, or one by name."""
    if change.kind == "prompt":
        return int(change.after) - int(change.before)
    return change.count or 1


def _names(changes: list[CapabilityChange]) -> str:
    names = [change.name for change in changes]
    told = ", ".join(names[:NAMES_TOLD])
    rest = len(names) - NAMES_TOLD
    if rest <= 0:
        return told
    return ngettext("%(told)s and %(n)d other", "%(told)s and %(n)d others", rest) % {
        "told": told,
        "n": rest,
    }
