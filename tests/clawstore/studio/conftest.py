"""Fixtures of the studio: Ada's domain, and a form as a browser sends it."""

from html.parser import HTMLParser
from typing import Any
from urllib.parse import urlencode

import pytest
from django.test import Client

from foundation.accounts.models import User
from foundation.actor import Actor
from tests.support.studio import make_guide, make_guides
from wordclaw.content.models import ContentItem
from wordclaw.policy.models import Domain


class FormOfPage(HTMLParser):
    """The fields of the form with an id, as a browser would send them."""

    def __init__(self, html: str, form_id: str) -> None:
        super().__init__()
        self.form_id = form_id
        self.fields: dict[str, str] = {}
        self.buttons: list[str] = []
        self.is_inside = False
        self.area: str | None = None
        self.menu: str | None = None
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.is_inside = values.get("id") == self.form_id
        if not self.is_inside:
            return
        name = values.get("name", "")
        if tag == "input" and name:
            is_box = values.get("type") in ("checkbox", "radio")
            if not is_box or "checked" in values:
                self.fields[name] = values.get("value", "")
        elif tag == "textarea":
            self.area, self.fields[name] = name, ""
        elif tag == "select":
            self.menu = name
        elif (
            tag == "option" and self.menu and ("selected" in values or self.menu not in self.fields)
        ):
            self.fields[self.menu] = values.get("value", "")
        elif tag == "button":
            self.buttons.append(values.get("value", ""))

    def handle_data(self, data: str) -> None:
        if self.area is not None:
            self.fields[self.area] += data

    def handle_endtag(self, tag: str) -> None:
        if tag == "textarea" and self.area is not None:
            # Browsers drop a line break at the beginning, and send CRLF.
            text = self.fields[self.area].removeprefix("\n")
            self.fields[self.area] = text.replace("\n", "\r\n")
            self.area = None
        elif tag == "select":
            self.menu = None
        elif tag == "form":
            self.is_inside = False


class Editor:
    """A page of the studio with a form: ``editor.send("save", **{"v:/title": "x"})``."""

    def __init__(self, client: Client, address: str, form_id: str = "editor") -> None:
        self.client, self.address, self.form_id = client, address, form_id
        self.response: Any = client.get(address)
        assert self.response.status_code == 200, self.response.content[:500]

    @property
    def html(self) -> str:
        text: str = self.response.content.decode()
        return text

    @property
    def form(self) -> FormOfPage:
        return FormOfPage(self.html, self.form_id)

    def send(self, button: str, changes: dict[str, str] | None = None) -> Any:
        """Press a button after some fields were changed, and keep the answer."""
        fields = self.form.fields | (changes or {}) | {"do": button}
        self.response = post_form(self.client, self.address, fields)
        return self.response


def post_form(client: Client, address: str, fields: dict[str, str], **headers: Any) -> Any:
    return client.post(
        address, urlencode(fields), content_type="application/x-www-form-urlencoded", **headers
    )


@pytest.fixture
def by_ada(ada: User) -> Actor:
    return Actor(user=ada, door="page")


@pytest.fixture
def domain(by_ada: Actor) -> Domain:
    """Ada's domain with the type ``guide``."""
    return make_guides("ada", by_ada)


@pytest.fixture
def guide(domain: Domain, by_ada: Actor) -> ContentItem:
    """A draft with a value in each kind of field."""
    return make_guide(domain, by_ada)
