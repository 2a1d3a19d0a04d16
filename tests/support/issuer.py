"""An issuer of identity tokens on loopback, which signs with real keys."""

import itertools
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from time import time
from typing import Any

import jwt
import orjson
from cryptography.hazmat.primitives.asymmetric import rsa
from django.test import override_settings
from jwt.algorithms import RSAAlgorithm

from foundation.oidc.issuers import Issuer, IssuerKind
from foundation.oidc.signing_keys import forget_keys

AUDIENCE = "https://claws.example.org"
GITHUB_CLAIMS = {
    "sub": "repo:ada/coach:ref:refs/heads/main",
    "repository": "ada/coach",
    "repository_id": "4711",
    "repository_owner_id": "42",
    "workflow_ref": "ada/coach/.github/workflows/publish.yml@refs/heads/main",
    "ref": "refs/heads/main",
    "sha": "a" * 40,
    "run_id": "1234567",
    "event_name": "push",
}
GITLAB_CLAIMS = {
    "sub": "project_path:ada/coach:ref_type:tag:ref:v1.0.0",
    "project_path": "ada/coach",
    "project_id": "4711",
    "namespace_id": "42",
    "ref": "v1.0.0",
    "ref_type": "tag",
    "sha": "b" * 40,
    "job_id": "99",
    "pipeline_source": "push",
}


@dataclass
class TestIssuer:
    """``documents`` are its answers by path; without one it answers 503."""

    __test__ = False

    url: str = ""
    documents: dict[str, Any] = field(default_factory=dict)
    keys: dict[str, rsa.RSAPrivateKey] = field(default_factory=dict)
    requests: list[str] = field(default_factory=list)
    numbers: Iterator[int] = field(default_factory=lambda: itertools.count(1))

    def rotate(self, key_id: str) -> None:
        """Sign with a new key from now on; the former keys are not published any more."""
        self.keys = {key_id: rsa.generate_private_key(public_exponent=65537, key_size=2048)}
        public = {
            key_id: RSAAlgorithm.to_jwk(key.public_key(), as_dict=True)
            for key_id, key in self.keys.items()
        }
        rows = [row | {"kid": key_id, "use": "sig"} for key_id, row in public.items()]
        self.documents = {
            "/.well-known/openid-configuration": {
                "issuer": self.url,
                "jwks_uri": f"{self.url}/keys",
            },
            "/keys": {"keys": rows},
        }

    def token(self, claims: dict[str, Any] | None = None, **changes: Any) -> str:
        """Sign a token of GitHub's kind with changes; None removes a claim."""
        moment = int(time())
        payload = {
            "iss": self.url,
            "aud": AUDIENCE,
            "jti": f"token-{next(self.numbers)}",
            "iat": moment,
            "nbf": moment,
            "exp": moment + 300,
            **(claims or GITHUB_CLAIMS),
            **changes,
        }
        payload = {name: value for name, value in payload.items() if value is not None}
        key_id, key = next(iter(self.keys.items()))
        return jwt.encode(payload, key, "RS256", headers={"kid": key_id})


@contextmanager
def running_issuer(kind: IssuerKind = IssuerKind.GITHUB) -> Iterator[TestIssuer]:
    """Run an issuer that the shop trusts, and no other."""
    issuer = TestIssuer()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            issuer.requests.append(self.path)
            document = issuer.documents.get(self.path.partition("?")[0])
            self.send_response(503 if document is None else 200)
            self.end_headers()
            self.wfile.write(orjson.dumps(document))

        def log_message(self, *arguments: Any) -> None:
            """Stay silent."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    issuer.url = f"http://127.0.0.1:{server.server_port}"
    issuer.rotate("first")
    forget_keys()
    try:
        trusted = (Issuer(kind, issuer.url),)
        with override_settings(TRUSTED_ISSUERS=trusted, BASE_URL=AUDIENCE):
            yield issuer
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
        forget_keys()
