"""An OAuth server on loopback that behaves like GitHub Enterprise.

Like GitHub it rejects unknown clients, other redirect addresses, used codes and wrong secrets.
"""

import json
import secrets
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

CLIENT_ID = "the-shop"
CLIENT_SECRET = "the-shops-secret"


@dataclass(frozen=True)
class Account:
    """A GitHub account. The id is permanent, the login can change."""

    id: int
    login: str
    name: str | None = None
    avatar_url: str = ""
    email: str = ""
    """The verified primary address; `emails` is a whole list instead, None for a 404."""
    emails: tuple[dict[str, Any], ...] | None = ()

    def as_json(self) -> dict[str, Any]:
        # The email address is not public; /user/emails returns it.
        return {"id": self.id, "login": self.login, "name": self.name, "email": None,
                "avatar_url": self.avatar_url}  # fmt: skip


@dataclass
class GitHub:
    """State of the server; ``at_the_browser`` approves the next authorization."""

    url: str = ""
    at_the_browser: Account | None = None
    codes: dict[str, tuple[Account, str]] = field(default_factory=dict)
    tokens: dict[str, Account] = field(default_factory=dict)
    # Public files by path: status, headers, bytes.
    files: dict[str, tuple[int, dict[str, str], bytes]] = field(default_factory=dict)
    requested_paths: list[str] = field(default_factory=list)
    # The states of memberships by account and organisation.
    memberships: dict[tuple[int, str], str] = field(default_factory=dict)

    def authorize(self, query: dict[str, str]) -> str:
        """The address to send the browser back to."""
        assert (query["client_id"], query["response_type"]) == (CLIENT_ID, "code")
        assert query["state"]
        assert self.at_the_browser
        code = self.code_for(self.at_the_browser, query["redirect_uri"])
        return f"{query['redirect_uri']}?{urlencode({'code': code, 'state': query['state']})}"

    def code_for(self, account: Account, redirect_uri: str) -> str:
        code = secrets.token_hex(8)
        self.codes[code] = (account, redirect_uri)
        return code

    def access_token(self, form: dict[str, str]) -> dict[str, str]:
        if form.get("client_id") != CLIENT_ID or form.get("client_secret") != CLIENT_SECRET:
            return {"error": "incorrect_client_credentials"}
        account, redirect_uri = self.codes.pop(form.get("code", ""), (None, ""))
        if account is None or form.get("redirect_uri") != redirect_uri:
            return {"error": "bad_verification_code"}
        token = secrets.token_hex(16)
        self.tokens[token] = account
        return {"access_token": token, "token_type": "bearer", "scope": "read:user,user:email"}

    def account_of(self, authorization: str) -> Account | None:
        return self.tokens.get(authorization.removeprefix("token "))


class GitHubHandler(BaseHTTPRequestHandler):
    github: GitHub

    def do_GET(self) -> None:
        address = urlsplit(self.path)
        if address.path == "/login/oauth/authorize":
            self.send_response(302)
            self.send_header("Location", self.github.authorize(_flat(address.query)))
            self.end_headers()
            return
        if address.path in self.github.files:
            self.github.requested_paths.append(self.path)
            self._answer(*self.github.files[address.path])
            return
        account = self.github.account_of(self.headers.get("Authorization", ""))
        if account is None:
            self._json({"message": "Bad credentials"}, 401)
        elif address.path == "/api/v3/user":
            self._json(account.as_json())
        elif address.path == "/api/v3/user/emails":
            usual = ({"email": account.email, "primary": True, "verified": True},)
            emails = None if account.emails is None else account.emails or usual
            self._json({} if emails is None else emails, 404 if emails is None else 200)
        elif address.path.startswith("/api/v3/user/memberships/orgs/"):
            name = address.path.rpartition("/")[2]
            state = self.github.memberships.get((account.id, name))
            self._json({"state": state} if state else {}, 200 if state else 404)
        else:
            self._json({"message": "Not Found"}, 404)

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        if urlsplit(self.path).path == "/login/oauth/access_token":
            self._json(self.github.access_token(_flat(body)))
        else:
            self._json({"message": "Not Found"}, 404)

    def _json(self, answer: Any, status: int = 200) -> None:
        self._answer(status, {"Content-Type": "application/json"}, json.dumps(answer).encode())

    def _answer(self, status: int, headers: dict[str, str], body: bytes) -> None:
        self.send_response(status)
        for name, value in (headers | {"Content-Length": str(len(body))}).items():
            self.send_header(name, value)
        self.end_headers()
        with suppress(ConnectionError):  # The client may have closed the connection.
            self.wfile.write(body)

    def log_message(self, *arguments: Any) -> None:
        pass


def _flat(query: str) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(query).items()}


@contextmanager
def github_server() -> Iterator[GitHub]:
    github = GitHub()
    server = ThreadingHTTPServer(
        ("127.0.0.1", 0), type("Handler", (GitHubHandler,), {"github": github})
    )
    github.url = f"http://127.0.0.1:{server.server_address[1]}"
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield github
    finally:
        server.shutdown()
        server.server_close()
