"""Parts of pages in the table `version_pages`: read, written, deleted (ADR 32)."""

import zlib
from collections.abc import Mapping
from functools import lru_cache
from uuid import UUID

import orjson
from django.conf import settings
from django.db import transaction
from django.db.models import CharField, UUIDField

from foundation.compiled_query import CompiledQuery, Parameter
from foundation.web.parts import Segments
from registry.models import StoredPage, Version

Parts = Mapping[str, Segments]


def read_parts(version_id: UUID, page: str, renderer: str, language: str) -> Parts:
    """The stored parts of a page by name; empty where there are none.

    The caller has checked that the version is not withheld.
    """
    rows = _parts_query(page, renderer).tuples(version=version_id, language=language)
    return orjson.loads(zlib.decompress(rows[0][0])) if rows else {}


@lru_cache(maxsize=8)
def _parts_query(page: str, renderer: str) -> CompiledQuery:
    parts = StoredPage.objects.filter(
        version__pk=Parameter("version", UUIDField()),
        language=Parameter("language", CharField()),
        page=page,
        rule_set=renderer,
    )
    return CompiledQuery(parts.values("content"))


@transaction.atomic
def save_parts(version: Version, page: str, renderer: str, parts: Parts) -> None:
    """Replace the parts of a page in the language of the instance."""
    language = settings.LANGUAGE_CODE
    StoredPage.objects.filter(version=version, page=page, language=language).delete()
    StoredPage.objects.create(
        version=version,
        rule_set=renderer,
        page=page,
        language=language,
        content=zlib.compress(orjson.dumps(parts)),
    )


def delete_parts(version: Version) -> None:
    """Delete the parts of all pages, because what they show was computed again."""
    StoredPage.objects.filter(version=version).delete()
