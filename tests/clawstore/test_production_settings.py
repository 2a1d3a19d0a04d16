"""Production refuses to start half-set, and has nothing that Django would warn of."""

import runpy
import subprocess
import sys
from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured

pytestmark = pytest.mark.once

ROOT = Path(__file__).resolve().parents[2]
WHOLE = {
    "CLAWSTORE_MODE": "production",
    "SECRET_KEY": "kP3v" * 15 + "0123456789",
    "ADDRESS_SALT": "some salt",
    "BASE_URL": "https://shop.example",
    "ALLOWED_HOSTS": "shop.example",
    "CONTACT_EMAIL": "desk@shop.example",
    "TRUSTED_PROXIES": "1",
    "EMAIL_URL": "smtp+tls://user:password@mail.example:587",
    "GITHUB_CLIENT_ID": "id",
    "GITHUB_CLIENT_SECRET": "secret",
}
OTHERS = ("DATABASE_URL", "REDIS_URL", "S3_BUCKET", "LIMITS", "METRICS_TOKEN", "LOG_LEVEL")


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
        ("BASE_URL", "http://shop.example", "https"),
        ("LIMITS", "off", "LIMITS"),
        ("CLAWSTORE_MODE", "prod", "CLAWSTORE_MODE"),
        ("S3_BUCKET", "packages", "S3_ACCESS_KEY_ID"),
    ],
)
def test_invalid_setting_stops_the_start(
    environment: pytest.MonkeyPatch, name: str, value: str, complaint: str
):
    environment.setenv(name, value)

    with pytest.raises(ImproperlyConfigured, match=complaint):
        read_settings()


def test_empty_environment_is_development(environment: pytest.MonkeyPatch, tmp_path: Path):
    for name in WHOLE:
        environment.delenv(name)

    assert read_settings()["IN_DEVELOPMENT"] is True


def test_development_creates_its_secrets_once(
    environment: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Secrets survive a restart, differ between instances, and are private."""
    environment.setenv("CLAWSTORE_MODE", "development")
    environment.delenv("SECRET_KEY")
    environment.delenv("ADDRESS_SALT")
    secrets = ("SECRET_KEY", "ADDRESS_SALT")

    first, restarted = read_settings(), read_settings()
    environment.setenv("DATA_DIR", str(tmp_path / "other"))
    other = read_settings()

    values = [first[name] for name in secrets]
    assert values == [restarted[name] for name in secrets]
    assert len({*values, *(other[name] for name in secrets)}) == 4
    assert min(len(secret) for secret in values) >= 50
    assert {path.stat().st_mode & 0o777 for path in tmp_path.glob("*.secret")} == {0o600}
    assert len(list(tmp_path.glob("*.secret*"))) == 2


def test_production_creates_no_secret(environment: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "secret_key.secret").write_text("left from a time in development")
    environment.delenv("SECRET_KEY")

    with pytest.raises(ImproperlyConfigured, match="SECRET_KEY"):
        read_settings()


def test_limits_are_off_in_development_only(environment: pytest.MonkeyPatch) -> None:
    environment.setenv("CLAWSTORE_MODE", "development")
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
    environment.setenv("SECRET_KEY_FALLBACKS", "older,oldest")

    assert read_settings()["SECRET_KEY_FALLBACKS"] == ["older", "oldest"]


def test_deployment_check_has_no_warnings(tmp_path: Path):
    checked = subprocess.run(
        [sys.executable, "manage.py", "check", "--deploy", "--fail-level", "INFO"],
        cwd=ROOT,
        env={"PATH": "/usr/bin:/bin", "DATA_DIR": str(tmp_path), **WHOLE},
        capture_output=True,
        text=True,
    )

    assert (checked.returncode, checked.stderr) == (0, "")
    assert checked.stdout == "System check identified no issues (0 silenced).\n"
