"""The page of a diff: the part that is the same to everybody, made once and kept. See ADR 12."""

import hashlib
import re
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import cast

import django
from django.conf import settings
from django.http import HttpRequest
from django.template import Engine, Template
from django.template.loader import render_to_string
from django.template.loader_tags import IncludeNode
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import override

from foundation.actor import Actor
from foundation.events.jobs import event_of
from foundation.events.models import Job
from foundation.limits.middleware import spend_from, take_from
from registry.agents.detail import release_notes_of
from registry.agents.queries import claimed_agent
from registry.analysis import source_html
from registry.analysis.diff import html
from registry.analysis.diff.html import render_hunk
from registry.analysis.textdiff import Hunk
from registry.diffs.queries import (
    Couple,
    diff_of,
    forget_old_diffs,
    keep_page,
    kept_page,
    step_to,
    summary_of,
)
from registry.errors import NothingToCompare
from registry.models import VersionDiff
from registry.rules.identifiers import id_and_number, scope_and_name

# Of what may be spent on diffs at once, this much is left to the steps, which are linked.
FOR_STEPS = 1 / 3
TEMPLATE = "registry/version_diff/body.html"
LOADED = re.compile(r"{%\s*load\s+([^%]+?)\s*%}")


def page_of(
    couple: Couple, language: str, *, making: AbstractContextManager[None] | None = None
) -> SafeString:
    """What changed, as HTML: as it is kept; made now, inside of ``making`` (which may refuse),
    where nothing is. Its templates have escaped whatever an author wrote."""
    kept = kept_page(couple, renderer(), language)
    if kept is not None:
        return mark_safe(kept)  # Our own templates made it.
    with making or nullcontext():
        diff = diff_of(couple)
        html = _rendered(couple, diff, language)
        keep_page(diff, renderer(), language, html)
        return html


@contextmanager
def making_for(request: HttpRequest, actor: Actor, couple: Couple) -> Iterator[None]:
    """What a diff may cost that nobody has asked for before, whoever asks and however many they
    are. Refuses when that is spent; for versions that are no neighbours one address has a limit of
    its own, and some is left to the others."""
    with spend_from("compare", leaving=0 if couple.is_adjacent else FOR_STEPS):
        if not couple.is_adjacent:
            take_from(request, "compare", actor)
        yield


def _rendered(couple: Couple, diff: VersionDiff, language: str) -> SafeString:
    summary = summary_of(diff)
    context = {
        "couple": couple,
        "summary": summary,
        "files": list(zip(summary.files.files, map(_hunks, diff.hunks), strict=True)),
        "notes": release_notes_of([couple.new.pk]).get(couple.new.pk),
    }
    # Without a request: nothing of who asks can get in.
    with override(language):
        return render_to_string(TEMPLATE, context)


def _hunks(hunks: list[object]) -> list[dict[str, object]]:
    read = map(Hunk.model_validate, hunks)
    return [{"skipped": hunk.skipped, "html": render_hunk(hunk)} for hunk in read]


@cache
def renderer() -> str:
    """The digest of whatever makes the HTML: another one as soon as any of it is another, so that
    nobody has to remember to throw old pages away."""
    digest = hashlib.blake2b(django.get_version().encode(), digest_size=12)
    sources = template_sources()
    for name in sorted(sources):
        digest.update(sources[name].encode())
    libraries = {name for source in sources.values() for name in _loaded(source)}
    modules = sorted(Engine.get_default().libraries[name] for name in libraries)
    for module in (html, source_html, *map(import_module, modules)):
        digest.update(Path(str(module.__file__)).read_bytes())
    for folder in settings.LOCALE_PATHS:
        for catalogue in sorted(Path(folder).rglob("*.mo")):
            digest.update(catalogue.read_bytes())
    return digest.hexdigest()


def template_sources() -> dict[str, str]:
    """The text of the page's template and of all that it includes, by name."""
    return dict(_sources(_template(TEMPLATE)))


def _template(name: str) -> Template:
    return Engine.get_default().get_template(name)


def _sources(template: Template) -> Iterator[tuple[str, str]]:
    yield str(template.name), str(template.source)
    includes = cast(list[IncludeNode], template.nodelist.get_nodes_by_type(IncludeNode))
    for node in includes:
        name = node.template.var
        if not isinstance(name, str):
            raise TypeError(f"{template.name} includes a template that only a request knows.")
        yield from _sources(_template(name))


def _loaded(source: str) -> Iterator[str]:
    for names in LOADED.findall(source):
        yield from names.split()


def prepare_step(job: Job) -> str:
    """Behind a publish: what changed since the version before, so that no page has to wait."""
    full_id, number = id_and_number(event_of(job).entity_id)
    try:
        couple = step_to(claimed_agent(*scope_and_name(full_id)), number)
    except NothingToCompare:
        return "the first one"
    page_of(couple, settings.LANGUAGE_CODE)
    return f"{couple.old} to {couple.new}"


def forget_old_pages() -> int:
    """What nobody can be shown any more, and distant couples. Gives how many diffs."""
    return forget_old_diffs(renderer())
