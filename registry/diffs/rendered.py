"""Render diffs as HTML and store the result.

The HTML is the same for every reader: it is rendered without a request, once per language, and
stored in a table beside the diff (ADR 12). `renderer_version` identifies everything that makes the
HTML, so that a change of a template needs no manual step to replace stored pages.
"""

from contextlib import AbstractContextManager, nullcontext
from functools import cache

from django.template.loader import render_to_string
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import override

from foundation.text.diff import Hunk
from foundation.web.template_digest import digest_templates
from registry.agents.derived_data import get_release_notes
from registry.analysis import source_html
from registry.analysis.diff import html as diff_html
from registry.diffs.actions import get_or_make_diff, store_html
from registry.diffs.queries import VersionPair, find_html, parse_summary
from registry.examiner.tasks import Examiner
from registry.models import VersionDiff
from registry.sandbox.readers import examine_for_reader

TEMPLATE = "registry/version_diff/body.html"


def get_diff_html(
    pair: VersionPair, language: str, *, charge: AbstractContextManager[None] | None = None
) -> SafeString:
    """The HTML of a pair's diff: stored, or else computed, rendered and stored.

    ``charge`` is entered around computing and rendering and may raise a refusal.
    """
    html = find_html(pair, renderer_version(), language)
    if html is not None:
        return mark_safe(html)  # Rendered by our templates, which escape what authors wrote.
    with charge or nullcontext():
        diff = get_or_make_diff(pair)
        diff_html = render_diff(pair, diff, language)
        store_html(diff, renderer_version(), language, diff_html)
        return diff_html


def render_public_diff(
    pair: VersionPair, language: str, *, charge: AbstractContextManager[None] | None = None
) -> SafeString:
    """The HTML for readers without a right to the texts: what changed, without lines."""
    diff = get_or_make_diff(pair, charge=charge)
    summary = parse_summary(diff)
    context = {
        "pair": pair,
        "summary": summary,
        "files": [(file, []) for file in summary.files.files],
        "is_gated": True,
    }
    with override(language):
        return render_to_string(TEMPLATE, context)


def render_diff(pair: VersionPair, diff: VersionDiff, language: str) -> SafeString:
    summary = parse_summary(diff)
    hunks_of_files = tuple(tuple(map(Hunk.model_validate, file_hunks)) for file_hunks in diff.hunks)
    with examine_for_reader() as examination:
        hunks_html = examination.call(Examiner.render_hunks, hunks_of_files)
    hunks = [
        [
            {"skipped": hunk.skipped, "html": html}
            for hunk, html in zip(file_hunks, file_html, strict=True)
        ]
        for file_hunks, file_html in zip(hunks_of_files, hunks_html, strict=True)
    ]
    context = {
        "pair": pair,
        "summary": summary,
        "files": list(zip(summary.files.files, hunks, strict=True)),
        "notes": get_release_notes([pair.new.pk]).get(pair.new.pk),
    }
    with override(language):
        return render_to_string(TEMPLATE, context)


@cache
def renderer_version() -> str:
    """Digest of all that makes the HTML: templates, modules and translations."""
    return digest_templates([TEMPLATE], (diff_html, source_html))
