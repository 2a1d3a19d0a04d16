"""A provider of OpenID Connect on loopback, which signs with real keys.

It refuses unknown clients, other redirect addresses, used codes, wrong secrets and a wrong PKCE
verifier.
"""

import base64
import hashlib
import json
import secrets
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from time import time
from typing import Any
from urllib.parse import urlencode, urlsplit

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa
from jwt.algorithms import RSAAlgorithm

from tests.support.servers.github import _flat

CLIENT_ID = "the-shop"
CLIENT_SECRET = "the-shops-secret"
Claims = dict[str, Any]


def new_key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


@dataclass
class OidcServer:
    """State of the server; ``person`` are the claims about the next person.

    ``forge`` may replace the claims, the key, the algorithm and the key's id of the next tokens.
    ``userinfo`` replaces the answer of that address.
    """

    url: str = ""
    person: Claims = field(default_factory=dict)
    key: rsa.RSAPrivateKey = field(default_factory=new_key)
    is_down: bool = False
    forge: Callable[[Claims, rsa.RSAPrivateKey], str] | None = None
    userinfo: Claims | None = None
    codes: dict[str, tuple[Claims, dict[str, str]]] = field(default_factory=dict)
    tokens: dict[str, Claims] = field(default_factory=dict)
    requests: list[dict[str, str]] = field(default_factory=list)

    def configuration(self) -> Claims:
        return {
            "issuer": self.url,
            "authorization_endpoint": f"{self.url}/authorize",
            "token_endpoint": f"{self.url}/token",
            "userinfo_endpoint": f"{self.url}/userinfo",
            "jwks_uri": f"{self.url}/keys",
            "token_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post"],
        }

    def keys(self) -> Claims:
        row = RSAAlgorithm.to_jwk(self.key.public_key(), as_dict=True)
        return {"keys": [row | {"kid": "one", "use": "sig", "alg": "RS256"}]}

    def authorize(self, query: dict[str, str]) -> str:
        """The address to send the browser back to."""
        self.requests.append(query)
        assert (query["client_id"], query["response_type"]) == (CLIENT_ID, "code")
        assert query["code_challenge_method"] == "S256"
        assert "openid" in query["scope"].split()
        code = secrets.token_hex(8)
        self.codes[code] = (self.person, query)
        return f"{query['redirect_uri']}?{urlencode({'code': code, 'state': query['state']})}"

    def exchange(self, form: dict[str, str]) -> tuple[int, Claims]:
        person, query = self.codes.pop(form.get("code", ""), ({}, {}))
        verifier = hashlib.sha256(form.get("code_verifier", "").encode()).digest()
        challenge = base64.urlsafe_b64encode(verifier).rstrip(b"=").decode()
        is_client = (form.get("client_id"), form.get("client_secret")) == (CLIENT_ID, CLIENT_SECRET)
        if not query or not is_client or challenge != query["code_challenge"]:
            return 400, {"error": "invalid_grant"}
        if form.get("redirect_uri") != query["redirect_uri"]:
            return 400, {"error": "invalid_grant"}
        access_token = secrets.token_hex(16)
        self.tokens[access_token] = person
        id_token = self.id_token(person, nonce=query["nonce"])
        return 200, {"access_token": access_token, "token_type": "Bearer", "id_token": id_token}

    def id_token(self, person: Claims, *, nonce: str) -> str:
        moment = int(time())
        claims = {
            "iss": self.url,
            "aud": CLIENT_ID,
            "iat": moment,
            "exp": moment + 300,
            "nonce": nonce,
            **person,
        }
        if self.forge is not None:
            return self.forge(claims, self.key)
        return sign(claims, self.key)


def sign(claims: Claims, key: rsa.RSAPrivateKey) -> str:
    return jwt.encode(claims, key, "RS256", headers={"kid": "one"})


class OidcHandler(BaseHTTPRequestHandler):
    oidc: OidcServer

    def do_GET(self) -> None:
        address = urlsplit(self.path)
        if self.oidc.is_down:
            self._json({"error": "down"}, 503)
        elif address.path == "/.well-known/openid-configuration":
            self._json(self.oidc.configuration())
        elif address.path == "/keys":
            self._json(self.oidc.keys())
        elif address.path == "/authorize":
            self.send_response(302)
            self.send_header("Location", self.oidc.authorize(_flat(address.query)))
            self.end_headers()
        elif address.path == "/userinfo":
            token = self.headers.get("Authorization", "").removeprefix("Bearer ")
            person = self.oidc.tokens.get(token)
            answer = person if self.oidc.userinfo is None else self.oidc.userinfo
            self._json(answer or {}, 200 if person else 401)
        else:
            self._json({}, 404)

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        status, answer = self.oidc.exchange(_flat(body))
        self._json(answer, 503 if self.oidc.is_down else status)

    def _json(self, answer: Any, status: int = 200) -> None:
        body = json.dumps(answer).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        with suppress(ConnectionError):  # The client may have closed the connection.
            self.wfile.write(body)

    def log_message(self, *arguments: Any) -> None:
        pass


@contextmanager
def oidc_server() -> Iterator[OidcServer]:
    oidc = OidcServer()
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("Handler", (OidcHandler,), {"oidc": oidc}))
    oidc.url = f"http://127.0.0.1:{server.server_address[1]}"
    threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    try:
        yield oidc
    finally:
        server.shutdown()
        server.server_close()
