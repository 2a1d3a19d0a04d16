"""A browser without JavaScript: follows links, submits forms, keeps cookies."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from html.parser import HTMLParser
from urllib.parse import urljoin

import httpx

from tests.support.servers.no_tls import NO_TLS


@dataclass
class Form:
    action: str = ""
    method: str = "get"
    fields: dict[str, str] = field(default_factory=dict)


class _FormReader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.forms: list[Form] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        attributes = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.forms.append(
                Form(attributes.get("action", ""), attributes.get("method", "get").lower())
            )
        elif tag == "input" and self.forms and "name" in attributes:
            self.forms[-1].fields[attributes["name"]] = attributes.get("value", "")


def forms_of(page: httpx.Response) -> list[Form]:
    reader = _FormReader()
    reader.feed(page.text)
    return reader.forms


class Visitor:
    def __init__(self, url: str) -> None:
        self.http = httpx.Client(base_url=url, follow_redirects=True, timeout=30, verify=NO_TLS)

    def get(self, path: str) -> httpx.Response:
        return self.http.get(path)

    def submit(
        self, page: httpx.Response, *, to: str, **values: str | Sequence[str]
    ) -> httpx.Response:
        """Submit the page's form whose action ends with ``to``."""
        here = str(page.url)
        [form] = [
            form
            for form in forms_of(page)
            if form.method == "post" and urljoin(here, form.action).split("?")[0].endswith(to)
        ]
        address = urljoin(here, form.action)
        return self.http.post(address, data=form.fields | values, headers={"Referer": here})

    def sign_in(self, login: str) -> httpx.Response:
        """Sign in as any user, which development mode allows."""
        page = self.submit(self.get("/signin"), to="/signin", login=login)
        assert page.status_code == 200, page.text
        return page

    def decide_device(self, address: str, decision: str) -> httpx.Response:
        """Open the address that a device shows, and ``approve`` or ``deny``."""
        page = self.submit(self.http.get(address), to="/device", decision=decision)
        assert page.status_code == 200, page.text
        return page
