"""Rows of lists: stored but for numbers and dates, which are filled in."""

import zlib
from collections.abc import Sequence
from functools import cache, lru_cache
from hashlib import blake2b
from uuid import UUID

import orjson
from django.conf import settings
from django.db.models import CharField, UUIDField
from django.utils.translation import override

from foundation.compiled_query import CompiledQuery, Parameter, list_parameter
from foundation.web.parts import Segments, fill_part, render_part
from foundation.web.template_digest import digest_templates
from registry.agents.rows import AgentRow, list_rows
from registry.models import Agent, StoredRow

TEMPLATE = "components/row.html"
HEADINGS = ("h2", "h3")


def render_rows(rows: Sequence[AgentRow], heading: str, language: str) -> list[str]:
    """The HTML of each row, from stored parts where they show what the row shows."""
    contents = _find_contents([row.id for row in rows], language)
    return [_fill(row, contents.get(_digest(row)), heading) for row in rows]


def _fill(row: AgentRow, content: bytes | None, heading: str) -> str:
    segments: Segments
    if content is not None and heading in HEADINGS:
        segments = orjson.loads(zlib.decompress(content))[heading]
    else:
        # Not stored yet, in another language, or of a former template.
        segments = render_part(TEMPLATE, {"row": row, "heading": heading})
    # The names that the slots of the template have.
    return fill_part(segments, {"row": row, "trust": row.trust, "downloads": row.downloads_30d})


def _find_contents(agent_ids: Sequence[UUID], language: str) -> dict[str, bytes]:
    """The stored parts of these agents by digest, in one query."""
    query = _stored_query(len(agent_ids))
    return dict(query.tuples(agents=list(agent_ids), language=language))


@lru_cache(maxsize=64)
def _stored_query(count: int) -> CompiledQuery:
    rows = StoredRow.objects.filter(
        agent__pk__in=list_parameter("agents", UUIDField(), count),
        language=Parameter("language", CharField()),
    )
    return CompiledQuery(rows.values("digest", "content"))


def store_rows(agent_ids: Sequence[UUID]) -> int:
    """Render and store the rows of agents in the language of the instance.

    Returns their number: agents without a version to show have none.
    """
    rows = list_rows(Agent.objects.filter(pk__in=agent_ids))
    with override(settings.LANGUAGE_CODE):
        stored_rows = [
            StoredRow(
                agent_id=row.id,
                language=settings.LANGUAGE_CODE,
                rule_set=row_renderer(),
                digest=_digest(row),
                content=zlib.compress(orjson.dumps(_render(row))),
            )
            for row in rows
        ]
    StoredRow.objects.bulk_create(
        stored_rows,
        # A publish and the job may store the same row; both have rendered what is true.
        update_conflicts=True,
        unique_fields=("agent", "language"),
        update_fields=["rule_set", "digest", "content"],
    )
    return len(stored_rows)


def _render(row: AgentRow) -> dict[str, list[str]]:
    return {
        heading: render_part(TEMPLATE, {"row": row, "heading": heading}) for heading in HEADINGS
    }


def _digest(row: AgentRow) -> str:
    """The digest of all that the stored part shows: an outdated one is never used."""
    # Without numbers and dates: those are slots, so a download leaves the stored part valid.
    values = (row.scope, row.name, row.display_name, row.tagline, row.version, row.channel)
    images = (row.icon, row.thumbnail, row.facts, row.language)
    text = repr((row_renderer(), *values, row.license, row.price_satoshis, *images))
    return blake2b(text.encode(), digest_size=20).hexdigest()


@cache
def row_renderer() -> str:
    """Digest of all that makes the HTML of a row but its slots."""
    return digest_templates([TEMPLATE])
