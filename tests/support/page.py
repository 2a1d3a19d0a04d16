"""Fixtures for tests of pages: a visitor, parsed pages, query counts."""

from collections.abc import Callable
from html.parser import HTMLParser
from typing import Any

import pytest
from django.db import connection
from django.db.models import Model
from django.http import HttpResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

MAX_QUERIES = 20


class Page(HTMLParser):
    """A parsed HTML page."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.texts: list[str] = []
        # Whether the next text goes on with the word before, which may be broken there.
        self.is_within_word = False
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        self.is_within_word = tag == "wbr"

    def handle_data(self, data: str) -> None:
        text = " ".join(data.split())
        if text and self.is_within_word:
            self.texts[-1] += text
        elif text:
            self.texts.append(text)
        self.is_within_word = False

    @property
    def text(self) -> str:
        return " ".join(self.texts)

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.tags if name == tag]

    def links(self) -> list[str]:
        return [a["href"] or "" for a in self.all("a") if "href" in a]

    def canonical(self) -> list[str]:
        return [a["href"] or "" for a in self.all("link") if a.get("rel") == "canonical"]

    def headings(self) -> list[int]:
        return [int(tag[1]) for tag, _ in self.tags if tag in {"h1", "h2", "h3", "h4"}]


def page_of(response: HttpResponse) -> Page:
    """The parsed page of a response, whatever its status."""
    return Page(response.content.decode())


def desk_address(row: Model) -> str:
    """The address of a row's page at the desk."""
    opts = row._meta
    return reverse(f"admin:{opts.app_label}_{opts.model_name}_change", args=[row.pk])


@pytest.fixture
def visitor(db: None) -> Client:
    """An anonymous client that checks CSRF tokens."""
    return Client(enforce_csrf_checks=True)


@pytest.fixture
def read(visitor: Client) -> Callable[..., Page]:
    """``read("/agents", 200)`` returns the parsed page for an anonymous visitor."""

    def get(address: str, status: int = 200, **data: Any) -> Page:
        response = visitor.get(address, data)
        assert response.status_code == status
        return page_of(response)

    return get


@pytest.fixture
def queries_of(visitor: Client) -> Callable[[str], int]:
    """Number of queries of a page, at most MAX_QUERIES."""

    def count(address: str) -> int:
        with CaptureQueriesContext(connection) as queries:
            assert visitor.get(address).status_code == 200
        assert len(queries) <= MAX_QUERIES
        return len(queries)

    return count
