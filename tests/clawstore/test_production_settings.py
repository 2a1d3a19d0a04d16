"""Production refuses incomplete settings, and passes the deployment check."""

import os
import runpy
import secrets
import subprocess
import sys
from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured

from clawstore.secret_strength import weakness_of

pytestmark = pytest.mark.once

ROOT = Path(__file__).resolve().parents[2]
WHOLE = {
    "CLAWSTORE_MODE": "production",
    "SECRET_KEY": secrets.token_urlsafe(64),
    "ADDRESS_SALT": secrets.token_hex(32),
    "BASE_URL": "https://shop.example",
    "ALLOWED_HOSTS": "shop.example",
    "CONTACT_EMAIL": "desk@shop.example",
    "TRUSTED_PROXIES": "1",
    "EMAIL_URL": "smtp+tls://user:password@mail.example:587",
    "GITHUB_CLIENT_ID": "id",
    "GITHUB_CLIENT_SECRET": "secret",
}
OTHERS = (
    "BIND",
    "DATABASE_URL",
    "LIMITS",
    "LOG_LEVEL",
    "METRICS_TOKEN",
    "PORT",
    "REDIS_URL",
    "S3_BUCKET",
)


@pytest.fixture
def environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> pytest.MonkeyPatch:
    for name in OTHERS:
        monkeypatch.delenv(name, raising=False)
    for name, value in {**WHOLE, "DATA_DIR": str(tmp_path)}.items():
        monkeypatch.setenv(name, value)
    return monkeypatch


def read_settings() -> dict:
    return runpy.run_path(str(ROOT / "clawstore" / "settings.py"))


def test_complete_environment_starts(environment: pytest.MonkeyPatch):
    settings = read_settings()

    assert settings["SESSION_COOKIE_SECURE"] is settings["CSRF_COOKIE_SECURE"] is True
    assert settings["SESSION_COOKIE_HTTPONLY"] is True
    assert settings["SECURE_HSTS_SECONDS"] == 31_536_000
    assert settings["DEBUG"] is False
    assert "allauth.socialaccount.providers.dummy" not in settings["INSTALLED_APPS"]


@pytest.mark.parametrize("name", [*(n for n in WHOLE if n != "CLAWSTORE_MODE"), "DATA_DIR"])
@pytest.mark.parametrize("how", ["missing", "empty"])
def test_missing_setting_stops_the_start(environment: pytest.MonkeyPatch, name: str, how: str):
    environment.delenv(name) if how == "missing" else environment.setenv(name, "")

    with pytest.raises(ImproperlyConfigured, match=name):
        read_settings()


@pytest.mark.parametrize(
    ("name", "value", "complaint"),
    [
        ("BASE_URL", "http://shop.example", "BASE_URL does not begin with https://"),
        ("BASE_URL", "https://", "BASE_URL does not begin with https:// and a host name"),
        ("BASE_URL", "https://other.example", "ALLOWED_HOSTS lacks the host of BASE_URL"),
        ("BASE_URL", "https://me:pw@shop.example", "BASE_URL has more than a host, a port and"),
        ("BASE_URL", "https://shop.example/?x=1", "BASE_URL has more than a host, a port and"),
        ("BASE_URL", "https://shop.example https://x", "BASE_URL|ALLOWED_HOSTS"),
        ("ALLOWED_HOSTS", " , ,", "ALLOWED_HOSTS has no value between its commas"),
        ("ALLOWED_HOSTS", "*", "ALLOWED_HOSTS contains '\\*', which is no host name"),
        ("ALLOWED_HOSTS", "https://shop.example", "which is no host name"),
        ("CSRF_TRUSTED_ORIGINS", "shop.example", "CSRF_TRUSTED_ORIGINS contains an address"),
        ("CONTACT_EMAIL", "desk", "CONTACT_EMAIL is 'desk', which is no email address"),
        ("CONTACT_EMAIL", "Ada <ada@shop.example>", "which is no email address"),
        ("CONTACT_EMAIL", "mailto:ada@shop.example", "which is no email address"),
        ("DEFAULT_FROM_EMAIL", "nonsense", "DEFAULT_FROM_EMAIL is 'nonsense', which has no"),
        ("INSTANCE_NAME", "Claws\nBcc: x", "INSTANCE_NAME contains a line break"),
        # A random value in the name of a test would differ between processes.
        pytest.param(
            "ADDRESS_SALT",
            WHOLE["SECRET_KEY"],
            "ADDRESS_SALT is the same as SECRET_KEY",
            id="one secret used twice",
        ),
        ("BIND", "8000", "BIND is '8000', not HOST:PORT or unix:PATH"),
        ("BIND", "127.0.0.1:99999", "not HOST:PORT"),
        ("GITHUB_PICTURE_ORIGINS", "avatars", "contains 'avatars', which is no origin"),
        ("TRUSTED_PROXIES", "one", "TRUSTED_PROXIES is 'one', not a number from 0 to 10"),
        ("LIMITS", "off", "LIMITS is off, which is for development only"),
        ("LIMITS", "of", "LIMITS is 'of', not on or off"),
        ("SIGN_IN_TO_READ", "maybe", "SIGN_IN_TO_READ is 'maybe', not on or off"),
        ("CLAWSTORE_MODE", "prod", "CLAWSTORE_MODE is 'prod', not development or production"),
        ("S3_BUCKET", "packages", "S3_ACCESS_KEY_ID is missing"),
        ("SEND_FILES", "bucket", "SEND_FILES is bucket, but S3_BUCKET is missing"),
        ("SEND_FILES", "nginx", "SEND_FILES is 'nginx', not shop or proxy or bucket"),
        ("DATABASE_REPLICA_URLS", "postgres://u:hidden@h/d", "DATABASE_REPLICA_URLS needs"),
        ("PORT", "abc", "PORT is 'abc', not a number from 1 to 65535"),
        ("PORT", "70000", "PORT is '70000', not a number from 1 to 65535"),
        ("WEB_WORKERS", "0", "WEB_WORKERS is '0', not a number from 1 to 256"),
        ("LOG_LEVEL", "LOUD", "LOG_LEVEL is 'LOUD', not DEBUG or INFO"),
        ("METRICS_TOKEN", "short", "METRICS_TOKEN is weak"),
        ("DATA_DIR", "/dev/null/x", "DATA_DIR is /dev/null/x, which cannot be created"),
        ("DATA_DIR", "/tmp/" + "x" * 300, "which cannot be created: File name too long"),
        ("DATA_DIR", "data", "DATA_DIR is 'data', not an absolute path"),
        ("DATA_DIR", "~nobody-here/data", "which cannot be created"),
        ("STATIC_ROOT", "static", "STATIC_ROOT is 'static', not an absolute path"),
        ("DATABASE_URL", "mysql://u:hidden@h/d", "DATABASE_URL cannot be read"),
        ("DATABASE_URL", "nonsense", "DATABASE_URL cannot be read"),
        ("EMAIL_URL", "pigeon://u:hidden@h", "EMAIL_URL cannot be read"),
        ("EMAIL_URL", "smtp://", "EMAIL_URL names no mail server"),
        ("REDIS_URL", "http://:hidden@h", "REDIS_URL does not begin with redis://"),
        ("GITHUB_URL", "github.com", "GITHUB_URL does not begin with https://"),
    ],
)
def test_invalid_setting_stops_the_start(
    environment: pytest.MonkeyPatch, name: str, value: str, complaint: str
):
    environment.setenv(name, value)

    with pytest.raises(ImproperlyConfigured, match=complaint) as refusal:
        read_settings()
    assert "hidden" not in str(refusal.value)


@pytest.mark.parametrize(
    ("value", "base_url"),
    [
        ("HTTPS://Shop.Example/", "https://shop.example"),
        ("https://shop.example:443", "https://shop.example"),
        ("https://shop.example:8443/claws/", "https://shop.example:8443/claws"),
    ],
)
def test_base_url_is_written_as_browsers_write_it(
    environment: pytest.MonkeyPatch, value: str, base_url: str
):
    environment.setenv("BASE_URL", value)

    settings = read_settings()

    assert settings["BASE_URL"] == base_url
    assert settings["CSRF_TRUSTED_ORIGINS"] == [base_url.removesuffix("/claws")]


def test_a_name_with_a_comma_is_one_sender(environment: pytest.MonkeyPatch):
    environment.setenv("INSTANCE_NAME", "Claws, Inc.")

    assert read_settings()["DEFAULT_FROM_EMAIL"] == '"Claws, Inc." <desk@shop.example>'


@pytest.mark.parametrize("name", ["SECRET_KEY", "ADDRESS_SALT", "SECRET_KEY_FALLBACKS"])
@pytest.mark.parametrize(
    ("value", "weakness"),
    [
        ("x", "it has 1 characters"),
        # Random values need ids: all processes of a test run must collect the same tests.
        pytest.param(secrets.token_urlsafe(36), "it has 48 characters", id="short"),
        ("x" * 64, "it has only 1 different characters"),
        ("kP3v" * 15 + "0123456789", "it repeats itself"),
        ("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ", "the order of the alphabet"),
        pytest.param(
            "django-insecure-" + secrets.token_hex(32), "stands for a secret", id="django"
        ),
        pytest.param(
            "please-change-me-" + secrets.token_hex(32), "stands for a secret", id="example"
        ),
    ],
)
def test_a_weak_secret_is_refused_without_naming_it(
    environment: pytest.MonkeyPatch, name: str, value: str, weakness: str
):
    environment.setenv(name, value)

    with pytest.raises(ImproperlyConfigured, match=f"{name} is weak: .*{weakness}") as refusal:
        read_settings()
    assert value == "x" or value not in str(refusal.value)


def test_random_secrets_of_all_usual_forms_are_strong():
    for _ in range(200):
        for make in (secrets.token_urlsafe, secrets.token_hex):
            assert weakness_of(make(64)) == ""


def test_all_problems_are_named_at_once(environment: pytest.MonkeyPatch):
    for name in WHOLE:
        environment.delenv(name)
    environment.setenv("CLAWSTORE_MODE", "production")
    environment.setenv("PORT", "abc")

    with pytest.raises(ImproperlyConfigured) as refusal:
        read_settings()

    head, *lines = str(refusal.value).splitlines()
    assert head.startswith("Clawstore cannot start: 10 variables are wrong")
    assert {line.split()[0] for line in lines} == {*WHOLE, "PORT"} - {"CLAWSTORE_MODE"}


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("BASE_URL", "https://shop.example"),
        ("BASE_URL", "http://192.168.0.7:8000"),
        ("ALLOWED_HOSTS", "localhost,shop.example"),
        ("ALLOWED_HOSTS", "*"),
        ("BIND", "0.0.0.0:8000"),
        ("BIND", ":8000"),
        ("BIND", "127.0.0.1:8000,[::]:8000"),
        ("BIND", "unix:/run/shop"),
    ],
)
def test_development_is_for_this_machine_alone(
    environment: pytest.MonkeyPatch, name: str, value: str
):
    for other in WHOLE:
        environment.delenv(other)
    environment.setenv(name, value)

    with pytest.raises(ImproperlyConfigured, match=f"{name} .*set CLAWSTORE_MODE=production"):
        read_settings()


@pytest.mark.parametrize(
    "command",
    [
        ["manage.py", "check"],
        ["scripts/serve.py"],
        ["-m", "gunicorn", "-c", "gunicorn.conf.py", "clawstore.wsgi"],
    ],
)
def test_a_wrong_variable_ends_each_command_with_one_line(command: list[str]):
    process = subprocess.run(
        [sys.executable, *command],
        cwd=ROOT,
        env={"PATH": os.environ["PATH"], "PORT": "abc", "DATA_DIR": "/dev/null/x"},
        capture_output=True,
        text=True,
        timeout=60,
    )

    assert process.returncode == 1
    assert process.stdout == ""
    lines = process.stderr.splitlines()
    assert lines == ["Clawstore cannot start: PORT is 'abc', not a number from 1 to 65535."] or (
        [line.split()[0] for line in lines[1:]] == ["DATA_DIR", "PORT"]
    )


@pytest.mark.parametrize(
    ("command", "complaint"),
    [
        (["scripts/serve.py"], "CLAWSTORE_MODE is production, and make serve is for development."),
        (
            ["manage.py", "prepare"],
            "CommandError: The database shop at 127.0.0.1:1 (DATABASE_URL) cannot be opened",
        ),
    ],
)
def test_production_start_that_cannot_work_ends_with_one_line(
    tmp_path: Path, command: list[str], complaint: str
):
    environment = {"PATH": os.environ["PATH"], "DATA_DIR": str(tmp_path), **WHOLE}
    environment["DATABASE_URL"] = "postgres://me:hidden@127.0.0.1:1/shop"

    process = subprocess.run(
        [sys.executable, *command],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
    )

    assert process.returncode == 1
    assert process.stderr.splitlines()[-1].startswith(complaint)
    assert "hidden" not in process.stderr
    assert "Traceback" not in process.stderr


@pytest.mark.parametrize(
    "command",
    [
        ["manage.py", "runserver", "--noreload", "0.0.0.0:8189"],
        ["-m", "gunicorn", "-b", "0.0.0.0:8189", "-c", "gunicorn.conf.py", "clawstore.wsgi"],
    ],
)
def test_no_option_opens_development_to_other_machines(tmp_path: Path, command: list[str]):
    process = subprocess.run(
        [sys.executable, *command],
        cwd=ROOT,
        env={"PATH": os.environ["PATH"], "DATA_DIR": str(tmp_path)},
        capture_output=True,
        text=True,
        timeout=60,
    )

    assert process.returncode == 1
    assert "development is for this machine alone" in process.stderr
    assert "Traceback" not in process.stderr


@pytest.mark.parametrize("is_on", [True, False])
def test_hsts_preload_is_a_switch(environment: pytest.MonkeyPatch, is_on: bool):
    environment.setenv("HSTS_PRELOAD", "on" if is_on else "off")

    assert read_settings()["SECURE_HSTS_PRELOAD"] is is_on


def test_empty_environment_is_development(environment: pytest.MonkeyPatch, tmp_path: Path):
    for name in WHOLE:
        environment.delenv(name)

    assert read_settings()["IN_DEVELOPMENT"] is True


def test_development_creates_its_secrets_once(
    environment: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Secrets survive a restart, differ between instances, and are private."""
    for name in WHOLE:
        environment.delenv(name)
    secret_names = ("SECRET_KEY", "ADDRESS_SALT")

    first, settings_after_restart = read_settings(), read_settings()
    environment.setenv("DATA_DIR", str(tmp_path / "other"))
    other = read_settings()

    values = [first[name] for name in secret_names]
    assert values == [settings_after_restart[name] for name in secret_names]
    assert len({*values, *(other[name] for name in secret_names)}) == 4
    assert min(len(secret) for secret in values) >= 50
    assert {path.stat().st_mode & 0o777 for path in tmp_path.glob("*.secret")} == {0o600}
    assert len(list(tmp_path.glob("*.secret*"))) == 2


def test_production_creates_no_secret(environment: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "secret_key.secret").write_text("left from a time in development")
    environment.delenv("SECRET_KEY")

    with pytest.raises(ImproperlyConfigured, match="SECRET_KEY"):
        read_settings()


def test_limits_are_off_in_development_only(environment: pytest.MonkeyPatch) -> None:
    for name in WHOLE:
        environment.delenv(name)
    environment.setenv("LIMITS", "off")
    assert read_settings()["LIMITS_ON"] is False

    environment.setenv("LIMITS", "on")
    assert read_settings()["LIMITS_ON"] is True


def test_production_fetches_pictures_over_tls(environment: pytest.MonkeyPatch) -> None:
    environment.setenv("GITHUB_PICTURE_ORIGINS", "http://10.0.0.1,https://Pictures.example")

    assert read_settings()["GITHUB_PICTURE_ORIGINS"] == ["https://pictures.example"]


def test_closed_instance_requires_sign_in(environment: pytest.MonkeyPatch):
    guard = "clawstore.web.require_sign_in.RequireSignInMiddleware"
    assert guard not in read_settings()["MIDDLEWARE"]
    environment.setenv("SIGN_IN_TO_READ", "on")

    assert read_settings()["MIDDLEWARE"][-1] == guard


def test_previous_secret_key_is_accepted(environment: pytest.MonkeyPatch):
    older_keys = [secrets.token_urlsafe(64), secrets.token_urlsafe(64)]
    environment.setenv("SECRET_KEY_FALLBACKS", ",".join(older_keys))

    assert read_settings()["SECRET_KEY_FALLBACKS"] == older_keys


def test_deployment_check_has_no_warnings(tmp_path: Path):
    check = subprocess.run(
        [sys.executable, "manage.py", "check", "--deploy", "--fail-level", "INFO"],
        cwd=ROOT,
        env={"PATH": "/usr/bin:/bin", "DATA_DIR": str(tmp_path), **WHOLE},
        capture_output=True,
        text=True,
    )

    assert (check.returncode, check.stderr) == (0, "")
    assert check.stdout == "System check identified no issues (1 silenced).\n"
