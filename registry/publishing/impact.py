"""Sentences about what publishing a draft changes for operators."""

from collections.abc import Iterable

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, ngettext_lazy

from registry.agents.detail import AgentVersionDetail
from registry.analysis.diff.capabilities import CapabilityChange, CapabilityKind, ChangeSign
from registry.models import Agent
from registry.publishing.preview import UpcomingChanges

MAX_NAMES = 4
Sentence = Promise | str

# One sentence for each kind of change that expands access, most important first.
GROWTH: dict[tuple[CapabilityKind, ChangeSign], Sentence] = {
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
    ("bundled_skill", "+"): ngettext_lazy(
        "The package brings %(n)d new skill, which the host lists to the model: %(names)s.",
        "The package brings %(n)d new skills, which the host lists to the model: %(names)s.",
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
    ("unseen", "+"): ngettext_lazy(
        "%(n)d new or changed line is left out of the rendered views.",
        "%(n)d new or changed lines are left out of the rendered views.",
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


def describe_impact(preview: AgentVersionDetail, changes: UpcomingChanges | None) -> list[str]:
    """Returns sentences about who gets the version, what grows, and its warnings."""
    # Read from the table: the agent of a preview already has the draft as its latest version.
    agents = Agent.objects.filter(pk=preview.agent.pk)
    latest = agents.values_list("latest_version__version", flat=True).first()
    version = preview.version
    sentences = [
        describe_audience(version.version, is_prerelease=version.is_prerelease, latest=latest)
    ]
    if changes:
        sentences += describe_growth(changes.summary.capabilities)
    if warning_count := len(preview.findings):
        sentence = ngettext(
            "Its page will show %(n)d package check warning.",
            "Its page will show %(n)d package check warnings.",
            warning_count,
        )
        sentences.append(sentence % {"n": warning_count})
    return sentences


def describe_audience(number: str, *, is_prerelease: bool, latest: str | None) -> str:
    """Says who gets a version. `latest` is the present latest version, or None."""
    if is_prerelease and latest:
        sentence = _("Pre-release: installed only by exact version; %(latest)s stays the latest.")
    elif is_prerelease:
        sentence = _("Pre-release: installed only by exact version, and not listed in search yet.")
    elif latest:
        sentence = _(
            "%(number)s becomes the latest version and replaces %(latest)s for installs and"
            " updates."
        )
    else:
        sentence = _("The agent will appear in search, and anyone can install it.")
    return sentence % {"number": number, "latest": latest}


def describe_growth(changes: Iterable[CapabilityChange]) -> list[str]:
    """Returns a sentence for each kind of growth, or a single one that there is none."""
    growth: dict[tuple[CapabilityKind, ChangeSign], list[CapabilityChange]] = {}
    for change in changes:
        if change.grows:
            growth.setdefault((change.kind, change.sign), []).append(change)
    sentences = [
        str(sentence % {"n": sum(map(_amount, growth[kind])), "names": _join_names(growth[kind])})
        for kind, sentence in GROWTH.items()
        if kind in growth
    ]
    return sentences or [_("Operators will not be asked for anything more.")]


def _amount(change: CapabilityChange) -> int:
    """Returns tokens for a prompt, characters or instructions for a count, else 1."""
    if change.kind == "prompt":
        # The new size would say nothing to an operator who has the old version.
        return int(change.after) - int(change.before)
    return change.count or 1


def _join_names(changes: list[CapabilityChange]) -> str:
    names = [change.name for change in changes]
    name_list = ", ".join(names[:MAX_NAMES])
    surplus = len(names) - MAX_NAMES
    if surplus <= 0:
        return name_list
    return ngettext("%(names)s and %(n)d other", "%(names)s and %(n)d others", surplus) % {
        "names": name_list,
        "n": surplus,
    }
