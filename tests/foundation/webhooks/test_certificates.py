"""Webhooks go to hosts with a valid certificate of their own name alone."""

import ssl
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from foundation.webhooks.sender import post_message
from tests.support.receiver import running_receiver

pytestmark = [pytest.mark.once, pytest.mark.usefixtures("loopback")]
HOST = "hooks.example.org"
CA_NAME = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "CA of this test")])


def make_certificate(
    key: Any, name: str, signer: Any, *, issuer: x509.Name, days: int = 1, is_ca: bool = False
) -> bytes:
    """A certificate of a name as PEM, which ends in ``days``."""
    end = datetime.now(UTC) + timedelta(days=days)
    subject = CA_NAME if is_ca else x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(end - timedelta(days=10))
        .not_valid_after(end)
        .add_extension(x509.BasicConstraints(ca=is_ca, path_length=None), critical=True)
    )
    if not is_ca:
        names = x509.SubjectAlternativeName([x509.DNSName(name)])
        builder = builder.add_extension(names, critical=False)
    return builder.sign(signer, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)


@pytest.fixture
def server_context(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Any]:
    """Makes the TLS settings of a server, whose authority this process trusts."""
    ca_key, key = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    ca = make_certificate(ca_key, "", ca_key, issuer=CA_NAME, days=5, is_ca=True)
    (tmp_path / "ca.pem").write_bytes(ca)
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "ca.pem"))
    monkeypatch.setattr(
        "foundation.webhooks.targets.socket.getaddrinfo",
        lambda _host, port, *_arguments, **_options: [(2, 1, 6, "", ("127.0.0.1", port))],
    )

    def make(name: str = HOST, *, days: int = 1, is_self_signed: bool = False) -> ssl.SSLContext:
        own_name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
        signer, issuer = (key, own_name) if is_self_signed else (ca_key, CA_NAME)
        pem = make_certificate(key, name, signer, issuer=issuer, days=days)
        private_key = key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        (tmp_path / "server.pem").write_bytes(private_key + pem)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(tmp_path / "server.pem")
        return context

    return make


@pytest.mark.parametrize(
    ("certificate", "problem"),
    [
        ({}, ""),
        ({"name": "other.example.org"}, "Hostname mismatch"),
        ({"days": -1}, "expired"),
        ({"is_self_signed": True}, "self-signed"),
    ],
)
def test_certificate_is_of_the_host_valid_and_trusted(
    server_context: Callable[..., Any], certificate: dict[str, Any], problem: str
):
    with running_receiver(server_context(**certificate)) as receiver:
        url = receiver.url.replace("http://127.0.0.1", f"https://{HOST}")
        outcome = post_message(url, b"{}", {})

    assert outcome.is_success is not bool(problem)
    assert len(receiver.requests) == (0 if problem else 1)
    assert problem in outcome.error
    assert outcome.is_outage is bool(problem)
