"""Secrets are detected, placeholders pass, and no finding shows a secret."""

import os
import time

import pytest

from registry.package.checks.secrets import OVERLAP_BYTES, CandidateBudget, SecretScanner
from registry.package.limits import LIMITS
from tests.support.packages import check_codes, read, tarball

pytestmark = pytest.mark.once

AWS = "AKIA" + "QY7XJ2LMNB4RTE5W"
OPENAI = "sk-" + "aB3dE6gH9jK2mN5pQ8sT1vW4yZ7bC0eF3hJ6kM9nP2rS5uX8"
OPENAI_PROJECT = "sk-proj-" + "aB3dE6gH9jK2mN5pQ8_sT1vW4yZ7-bC0eF3hJ6kM9nP2rS5uX8"
ANTHROPIC = "sk-ant-" + "api03-aB3dE6gH9jK2mN5pQ8sT1vW4yZ7bC0eF3hJ6kM9nP2rS5uX8-AAdd"
GITHUB = "ghp_" + "aB3dE6gH9jK2mN5pQ8sT1vW4yZ7bC0eF3hJ6"
PEM_BODY = "MIIEpAIBAAKCAQEA7bq2f8H3kPz1vX9cWq0Zt5LmN4oRsUyVgJhKdEa6iBwCxYQ1"
SECRETS = {
    "aws": AWS,
    "openai": OPENAI,
    "openai project": OPENAI_PROJECT,
    "anthropic": ANTHROPIC,
    **{f"gh{kind}": f"gh{kind}_" + GITHUB[4:] for kind in "pousr"},
    "github fine-grained": "github_pat_"
    + "11ABCDEFG0aB3dE6gH9jK2_mN5pQ8sT1vW4yZ7bC0eF3hJ6kM9nP2rS5uX8",
    "slack bot": "xoxb-" + "123456789012-1234567890123-aB3dE6gH9jK2mN5pQ8sT1vW4",
    "slack user": "xoxp-" + "123456789012-1234567890123-aB3dE6gH9jK2mN5pQ8sT1vW4",
    "google": "AIza" + "SyaB3dE6gH9jK2mN5pQ8sT1vW4yZ7bC0eFz",
    "stripe live": "sk_live_" + "aB3dE6gH9jK2mN5pQ8sT1vW4",
    "stripe restricted": "rk_live_" + "aB3dE6gH9jK2mN5pQ8sT1vW4",
    "stripe test": "sk_test_" + "aB3dE6gH9jK2mN5pQ8sT1vW4",
    "npm": "npm_" + "aB3dE6gH9jK2mN5pQ8sT1vW4yZ7bC0eF3hJ6",
    "telegram": "1234567890:AA" + "aB3dE6gH9jK2mN5pQ8sT1vW4yZ7bC0eF3",
    "equal characters in a row": "ghp_" + "aB3dE6gH9jK2mN5pQ8sT1vW4yZ7b000000000",
    "hugging face": "hf_" + "aB3dE6gH9jK2mN5pQ8sT1vW4yZ7bC0eF3h",
    "rsa": f"-----BEGIN RSA PRIVATE KEY-----\n{PEM_BODY}\n-----END RSA PRIVATE KEY-----",
    "pkcs8": f"-----BEGIN PRIVATE KEY-----\r\n{PEM_BODY}",
    "openssh": "-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNzaC1rZXktdjEAAAAABG5vbmUAAAA",
    "ec in json": f'"-----BEGIN EC PRIVATE KEY-----\\n{PEM_BODY}\\n"',
    "encrypted": f"-----BEGIN ENCRYPTED PRIVATE KEY-----\n{PEM_BODY}",
    "old encrypted": "-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\n"
    f"DEK-Info: AES-128-CBC,01\n\n{PEM_BODY}",
    "pgp": f"-----BEGIN PGP PRIVATE KEY BLOCK-----\nVersion: GnuPG v2\n\n{PEM_BODY}",
    "env": "WEATHER_API_KEY=9f8b3c2e7d6a5f4b1c0e",
    "export": "export MY_APP_SECRET='Zx9Qw8Er7Ty6Ui5Op4As'",
    "yaml": "weather_api_key: Zx9Qw8Er7Ty6Ui5Op4As",
    "json": '{"clientSecret": "Zx9Qw8Er7Ty6Ui5Op4As"}',
    "camel": 'apiKey: "Zx9Qw8Er7Ty6Ui5Op4As"',
    "aws secret": "AWS_SECRET_ACCESS_KEY = wJalrXUtnFEMI/K7MDENG/bPxRfiCY9zQ4tKEYab",
    "token": "BOT_TOKEN=Zx9Qw8Er7Ty6Ui5Op4As",
    "django": "SECRET_KEY = 'd9#k2l!s0f8a7s6d5f4g3h2j1'",
    "markdown": "**API key**: `Zx9Qw8Er7Ty6Ui5Op4As`",
}
HARMLESS = {
    "aws example": "AKIAIOSFODNN7EXAMPLE",
    "aws secret example": "aws_secret_access_key = wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
    "dots": "sk-... or sk-ant-... or ghp_...",
    "words": "OPENAI_API_KEY=your_api_key_here",
    "words in a key": "sk-your-openai-api-key-goes-here",
    "angle brackets": "OPENAI_API_KEY=<your-key>",
    "x": "ghp_xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
    "repeated": "sk-ant-AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
    "zeros": "AKIA0000000000000000",
    "a pattern": "API_KEY=ab12ab12ab12ab12ab12",
    "stars": "API_KEY=********************",
    "variable": "API_KEY=${OPENAI_API_KEY}",
    "shell variable": "export API_KEY=$OPENAI_API_KEY_2024_PRODUCTION",
    "template": "api_key: {{ secrets.OPENAI_API_KEY_1 }}",
    "environment": "apiKey: process.env.OPENAI_API_KEY_V2",
    "python environment": "api_key = os.environ['OPENAI_API_KEY_V2']",
    "changeme": "DB_PASSWORD=changeme-changeme-123",
    "redacted": "SECRET_KEY=REDACTED-0123456789abc",
    "prose": "Your API key: it is secret. Keep the token: never share the password, or the secret.",
    "prose with numbers": "The token: about 1500 tokens are spent for each secret=yes, key=2.",
    "kebab": "the task-management-for-busy-people-and-others skill",
    "sk kebab": "sk-learn-is-not-a-secret-but-a-package",
    "digest": "sha256: e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "uuid": "id: 550e8400-e29b-41d4-a716-446655440000",
    "uuid token": "session_token: 550e8400-e29b-41d4-a716-446655440000",
    "path": "private_key: keys/server-2024-prod01.pem",
    "url": "token: https://example.org/a1b2c3d4e5f6g7h8",
    "data uri": "![x](data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUl)",
    "inside base64": "aGVsbG8gd29ybGQAKIAQY7XJ2LMNB4RTE5WaGVsbG8gd29ybGQ",
    "pem in prose": "A file that starts with `-----BEGIN PRIVATE KEY-----` is a key.",
    "pem placeholder": "-----BEGIN PRIVATE KEY-----\n...\n-----END PRIVATE KEY-----",
    "public key": f"-----BEGIN PUBLIC KEY-----\n{PEM_BODY}\n-----END PUBLIC KEY-----",
    "max tokens": "max_tokens: 4096",
    "model": 'secret: "anthropic/claude"',
}


def scan(data, size=64 * 1024):
    scanner = SecretScanner(CandidateBudget(LIMITS.secret_candidates))
    secrets = []
    for start in range(0, len(data), size):
        secrets += scanner.feed(data[start : start + size])
    return [*secrets, *scanner.finish()]


def lines(data, size=64 * 1024):
    return [secret.line for secret in scan(data, size)]


@pytest.mark.parametrize("text", SECRETS.values(), ids=SECRETS)
def test_secret_is_detected_on_its_line(text):
    assert lines(f"# Title\n\nSome words: {text} and more\n".encode()) == [3]


@pytest.mark.parametrize("text", HARMLESS.values(), ids=HARMLESS)
def test_placeholder_or_prose_passes(text):
    assert scan(f"# Title\n\nSome words: {text} and more\n".encode()) == []


@pytest.mark.parametrize("text", SECRETS.values(), ids=SECRETS)
def test_label_shows_only_the_first_four_characters(text):
    (secret,) = scan(text.encode())

    excerpt = secret.label.partition("(")[2].removesuffix("…)")
    assert len(excerpt) == 4
    assert all(text[i : i + 8] not in secret.label for i in range(len(text) - 8))


@pytest.mark.parametrize("size", [1, 2, 7, 63, 64, 1000])
def test_chunk_size_does_not_change_the_result(size):
    data = f"{AWS}\n\nx {OPENAI}\nplain\nAPI_KEY=Zx9Qw8Er7Ty6Ui5Op4As\n{GITHUB}".encode()

    assert lines(data, size) == [1, 3, 5, 6]


@pytest.mark.parametrize("name", ["aws", "github fine-grained", "telegram", "env", "rsa"])
def test_secret_on_a_chunk_border_is_detected_once(name):
    for before in range(OVERLAP_BYTES - 22, OVERLAP_BYTES + 2):
        data = b"x" * (before - 1) + b"\n" + SECRETS[name].encode() + b"\n" + b"y" * 5000

        assert (before, lines(data, 4096)) == (before, [2])
        assert (before, lines(data, before + 10)) == (before, [2])


def test_line_has_at_most_one_finding():
    assert lines(f"{AWS} {OPENAI} API_KEY={GITHUB}\n{AWS}".encode()) == [1, 2]


@pytest.mark.parametrize(
    "line",
    [
        "a" * 10,
        "keytoken",
        "sk-",
        "sk-ghp_AKIAxoxb-",
        "api_key: ",
        "-----BEGIN RSA PRIVATE KEY-----",
        "-----BEGIN ",
        "secret=" + "a1" * 8 + " ",
        "token: a1b2c3d4e5f6g7h8 ",
        "password" + " " * 20,
        ":AA",
        "1234567890",
    ],
)
def test_long_line_is_scanned_in_linear_time(line):
    data = (line * (500_000 // len(line))).encode()
    process_ids = time.process_time()

    scan(data)

    assert time.process_time() - process_ids < 5


def test_line_of_ten_megabytes_is_scanned_to_its_end():
    data = b"lorem ipsum dolor sit amet " * 370_000 + GITHUB.encode()

    assert lines(data) == [1]


@pytest.mark.parametrize("path", [".env", "id_rsa", "notes.txt", "docs/x.md", "data.csv", "a.odd"])
def test_secret_is_detected_under_any_file_name(path):
    findings = read(tarball({path: f"one\ntwo {OPENAI}\n"})).findings

    errors = [finding for finding in findings if finding.is_error]
    assert [(f.code, f.path, f.line) for f in errors] == [("secret_detected", path, 2)]
    assert OPENAI[4:] not in errors[0].message


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-8-sig", "utf-32"])
def test_secret_is_detected_in_other_encodings(encoding):
    text = f"first line of the notes\nsecond line {AWS}\n"

    findings = read(tarball({"docs/wide.txt": text.encode(encoding)})).findings

    assert ("secret_detected", 2) in [(finding.code, finding.line) for finding in findings]


def test_findings_per_file_are_limited():
    assert check_codes(tarball({"x.txt": f"{AWS}\n" * 1000})) == ["secret_detected"] * 20


def test_package_with_too_many_candidates_is_refused():
    data = tarball({"x.txt": "AKIA0000000000000000 " * 200})

    assert check_codes(data, secret_candidates=200) == []
    assert check_codes(data, secret_candidates=199) == ["secret_detected"]


def test_random_bytes_contain_no_secret():
    assert scan(os.urandom(2_000_000)) == []
