"""Private keys of real tools are detected. Each run makes new ones."""

import base64
import json
import os
import shutil
import subprocess
import textwrap

import pytest

from registry.package.checks.secrets import CandidateBudget, SecretScanner
from registry.package.limits import LIMITS
from tests.support.packages import check_codes, tarball

pytestmark = pytest.mark.once

PASSPHRASE = "correct horse battery"
SSH_KEYS = {
    f"{kind} {form} {'encrypted' if phrase else 'plain'}": ("-t", kind, *bits, *flags, "-N", phrase)
    for kind, bits in {"ed25519": (), "rsa": ("-b", "2048"), "ecdsa": ("-b", "521")}.items()
    for form, flags in {"openssh": (), "PEM": ("-m", "PEM"), "PKCS8": ("-m", "PKCS8")}.items()
    for phrase in ("", PASSPHRASE)
}
OPENSSL_KEYS = {
    "rsa": "genrsa 2048",
    "rsa traditional": "genrsa -traditional 2048",
    "rsa encrypted": f"genrsa -aes256 -passout pass:{PASSPHRASE.replace(' ', '')} 2048",
    "rsa traditional encrypted": "genrsa -traditional -aes128 -passout pass:abcdefgh 2048",
    "ec": "ecparam -name prime256v1 -genkey",
    "ec without parameters": "ecparam -name secp384r1 -genkey -noout",
    "ed25519": "genpkey -algorithm ed25519",
    "x25519": "genpkey -algorithm x25519",
    "ed25519 encrypted": "genpkey -algorithm ed25519 -aes256 -pass pass:abcdefgh",
    "rsa by genpkey": "genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:2048",
    "ec by genpkey": "genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256",
}


def run(*command, **options):
    tool = command[0]
    if shutil.which(tool) is None and not os.environ.get("CI"):
        pytest.skip(f"{tool} is not installed")
    return subprocess.run(command, check=True, capture_output=True, timeout=60, **options).stdout


def labels(text):
    scanner = SecretScanner(CandidateBudget(LIMITS.secret_candidates))
    return [secret.label.partition(" (")[0] for secret in (*scanner.feed(text), *scanner.finish())]


def in_files(key):
    """Yields the text of a key as files of a package contain it."""
    text = key.decode().strip()
    yield text
    yield text.replace("\n", "\r\n")
    yield json.dumps({"key": text}, indent=2)
    yield f'KEY="{text.replace(chr(10), chr(92) + "n")}"\n'
    yield "tls:\n  key: |\n" + textwrap.indent(text, "    ")
    yield textwrap.indent(text, "> ")
    yield "key = (\n" + "\n".join(f'    "{line}\\n"' for line in text.splitlines()) + "\n)"
    yield "# Notes\n\n```\n" + text + "\n```\n"
    yield textwrap.indent(text, "// ")
    yield "\n".join(f"{number:4}  {line}" for number, line in enumerate(text.splitlines(), 1))
    yield "  tls.key: " + base64.b64encode(key).decode()
    # As the command `base64` writes it.
    yield "  tls.key: |\n" + textwrap.indent(base64.encodebytes(key).decode(), "    ")


@pytest.mark.parametrize("arguments", SSH_KEYS.values(), ids=SSH_KEYS)
def test_key_of_ssh_keygen_is_detected(tmp_path, arguments):
    run("ssh-keygen", "-q", "-f", str(tmp_path / "key"), "-C", "a@b", "-a", "1", *arguments)

    for text in in_files((tmp_path / "key").read_bytes()):
        assert labels(text.encode()) == ["private key"], text
    assert labels((tmp_path / "key.pub").read_bytes()) == []


@pytest.mark.parametrize("arguments", OPENSSL_KEYS.values(), ids=OPENSSL_KEYS)
def test_key_of_openssl_is_detected(arguments):
    key = run("openssl", *arguments.split())

    for text in in_files(key):
        # Parameters may be above the key, and then its base64 may be found twice.
        assert set(labels(text.encode())) == {"private key"}, text


def test_public_key_of_openssl_passes():
    key = run("openssl", "genrsa", "2048")

    assert labels(run("openssl", "rsa", "-pubout", input=key)) == []


@pytest.mark.parametrize("phrase", ["", PASSPHRASE])
@pytest.mark.parametrize("kind", ["ed25519", "rsa2048"])
def test_key_of_gpg_is_detected(tmp_path, kind, phrase):
    home = tmp_path / "gpg"
    home.mkdir(mode=0o700)
    gpg = ["gpg", "--homedir", str(home), "--batch", "--yes", "--pinentry-mode", "loopback"]
    gpg += ["--passphrase", phrase, "--s2k-count", "65536"]
    try:
        run(*gpg, "--quick-generate-key", "Ada <ada@example.org>", kind, "sign", "never")
        key = run(*gpg, "--armor", "--export-secret-keys")
        public_key = run(*gpg, "--armor", "--export")
    finally:
        subprocess.run(["gpgconf", "--homedir", str(home), "--kill", "all"], capture_output=True)

    for text in in_files(key):
        assert labels(text.encode()) == ["private key"], text
    assert labels(public_key) == []


def test_key_of_age_is_detected(tmp_path):
    run("age-keygen", "-o", str(tmp_path / "key"))
    key = (tmp_path / "key").read_bytes()

    assert labels(key) == ["age key"]
    assert labels(b"key: " + key.splitlines()[-1]) == ["age key"]
    assert labels(b"\n".join(key.splitlines()[:-1])) == []


def test_begin_line_in_prose_passes():
    words = "-----BEGIN OPENSSH PRIVATE KEY-----\n(paste your key here)\n-----END"

    assert labels(words.encode()) == []
    assert labels(b"-----BEGIN PRIVATE KEY-----\nMIIEvQIBADANBg...\n-----END") == []


def test_json_web_key_is_detected():
    key = run("openssl", "genpkey", "-algorithm", "ed25519", "-outform", "DER")
    private = base64.urlsafe_b64encode(key[-32:]).decode().rstrip("=")
    document = {"kty": "OKP", "crv": "Ed25519", "x": "A" * 43, "d": private}

    for text in (json.dumps(document), json.dumps(document, indent=2)):
        assert labels(text.encode()) == ["private key"]
    assert labels(json.dumps({"d": private}).encode()) == []


DER_KEYS = ("rsa", "rsa traditional", "ec", "ec without parameters", "ed25519", "ed25519 encrypted")


@pytest.mark.parametrize("name", DER_KEYS)
def test_key_in_der_is_detected_as_a_file_and_in_base64(name):
    pem = run("openssl", *OPENSSL_KEYS[name].split())
    lines = pem.decode().split("-----")[-3].split()
    key = base64.b64decode("".join(lines))

    assert labels(f"key: {base64.b64encode(key).decode()}\n".encode()) == ["private key"]
    assert "secret_detected" in check_codes(tarball({"key.der": key}))


def test_key_store_of_openssl_is_detected_as_a_file_and_in_base64(tmp_path):
    key, certificate = tmp_path / "key", tmp_path / "certificate"
    ec = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"]
    run("openssl", "req", "-x509", *ec, "-subj", "/CN=x", "-keyout", str(key), "-out",
        str(certificate))  # fmt: skip
    files = ["-inkey", str(key), "-in", str(certificate)]
    store = run("openssl", "pkcs12", "-export", *files, "-passout", "pass:abcdefgh")

    assert "secret_detected" in check_codes(tarball({"store.p12": store}))
    assert labels(b"P12: " + base64.b64encode(store)) == ["private key"]
    assert labels(base64.encodebytes(store)) == ["private key"]
    assert "secret_detected" not in check_codes(tarball({"c.txt": certificate.read_bytes()}))


def test_secret_key_of_gpg_without_armour_is_detected(tmp_path):
    """As gpg --export-secret-keys writes it: 64 bytes of a key for Ed25519."""
    head = bytes.fromhex("945804692bf0d016092b06010401da470f01010740")
    key = head + bytes(range(50))

    assert "secret_detected" in check_codes(tarball({"key.gpg": key}))
    assert labels(base64.b64encode(key)) == ["private key"]
    assert labels(base64.b64encode(b"\x94\x58\x05" + key[3:])) == []
