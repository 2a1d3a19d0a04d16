"""Renders the descriptions of an import, while the import does other work."""

from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from uuid import UUID

from django.db.models import F

from foundation.bulk_writes import BulkInsert
from foundation.text.markdown import RENDERER_VERSION, Rendered
from registry.errors import PackageTooCostly
from registry.examiner.tasks import Examiner
from registry.models import Version, VersionRendering
from registry.sandbox.examination import Examination
from registry.sandbox.uploads import examine

CHARACTERS_AT_ONCE = 250_000
"""Of texts that are sent to the examiner in one call."""
CALLS_AHEAD = 12
RENDERINGS = BulkInsert(VersionRendering, ("version_id", "rule_set", "document", "html", "is_cut"))

Described = list[tuple[UUID, str]]
Waiting = deque[tuple[Described, "Future[tuple[Rendered, ...]]"]]


def store_descriptions() -> Iterator[None]:
    """Render and store the description of each latest version, step by step.

    A child process renders the texts of the next steps while the caller does something else between
    two of them. Raises ValueError if a text is too costly to render.
    """
    latest = Version.objects.filter(agent__latest_version=F("pk")).order_by("pk")
    rows = latest.values_list("pk", "agent__description").iterator()
    calls: Waiting = deque()
    with examine(is_import=True) as examination, ThreadPoolExecutor(1) as thread:
        for batch in _batches(rows):
            texts = tuple(text for _, text in batch)
            calls.append((batch, thread.submit(_render, examination, texts)))
            if len(calls) > CALLS_AHEAD:
                # Before it waits for a result, so that the caller does something else first.
                yield
                _store_first(calls)
        while calls:
            _store_first(calls)
            yield


def _batches(rows: Iterable[tuple[UUID, str]]) -> Iterator[Described]:
    batch: Described = []
    length = 0
    for version_id, text in rows:
        if batch and length + len(text) > CHARACTERS_AT_ONCE:
            yield batch
            batch, length = [], 0
        batch.append((version_id, text))
        length += len(text)
    if batch:
        yield batch


def _render(examination: Examination, texts: tuple[str, ...]) -> tuple[Rendered, ...]:
    try:
        return examination.call(Examiner.render_texts, texts)
    except PackageTooCostly as refusal:
        raise ValueError("has a text that is too costly to render") from refusal


def _store_first(calls: Waiting) -> None:
    batch, call = calls.popleft()
    RENDERINGS.insert(
        (version_id, RENDERER_VERSION, "description", rendering.html, rendering.is_cut)
        for (version_id, _), rendering in zip(batch, call.result(), strict=True)
    )
