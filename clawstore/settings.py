"""Settings from environment variables; `.env.example` documents them.

Without variables the application runs in development mode with SQLite, local files and console
email. In production, security settings have no defaults and a missing one stops the start.
"""

import secrets
from pathlib import Path
from urllib.parse import urlsplit

import environ
from django.core.exceptions import ImproperlyConfigured

from clawstore.databases import database_settings
from clawstore.ops.logs import logging_config

BASE_DIR = Path(__file__).resolve().parent.parent
env = environ.Env()

MODE = env.str("CLAWSTORE_MODE", default="development")
if MODE not in {"development", "production"}:
    raise ImproperlyConfigured("CLAWSTORE_MODE is development or production.")
IN_DEVELOPMENT = MODE == "development"
DEBUG = False


def _required(name: str) -> str:
    """The value of a variable that production requires."""
    value = env.str(name, default="")
    if not value and not IN_DEVELOPMENT:
        raise ImproperlyConfigured(f"{name} must be set in production.")
    return value


DATA_DIR = Path(_required("DATA_DIR") or BASE_DIR / ".data").resolve()
DATA_DIR.mkdir(parents=True, exist_ok=True)


def _secret(name: str) -> str:
    """A secret from the environment; in development generated once in DATA_DIR.

    Sessions and keys therefore survive a restart.
    """
    value = _required(name)
    if value:
        return value
    path = DATA_DIR / f"{name.lower()}.secret"
    if not path.exists():
        _write_once(path, secrets.token_urlsafe(48))
    return path.read_text(encoding="ascii").strip()


def _write_once(path: Path, text: str) -> None:
    # If two processes start at once, the first to link its file wins and both read the same.
    draft = path.with_suffix(f".{secrets.token_hex(4)}")
    draft.touch(mode=0o600)
    draft.write_text(text, encoding="ascii")
    try:
        path.hardlink_to(draft)
    except FileExistsError:
        pass
    finally:
        draft.unlink()


SECRET_KEY = _secret("SECRET_KEY")
# Former values of SECRET_KEY, newest first; their signatures stay valid.
SECRET_KEY_FALLBACKS = env.list("SECRET_KEY_FALLBACKS", default=[])
ADDRESS_SALT = _secret("ADDRESS_SALT")

PORT = env.int("PORT", default=8000)
BASE_URL = (_required("BASE_URL") or f"http://127.0.0.1:{PORT}").rstrip("/")
if not IN_DEVELOPMENT and not BASE_URL.startswith("https://"):
    raise ImproperlyConfigured("BASE_URL must begin with https:// in production.")
# Addresses begin with this path, whatever a proxy or a client says in a header.
FORCE_SCRIPT_NAME = urlsplit(BASE_URL).path
ALLOWED_HOSTS = env.list(
    "ALLOWED_HOSTS",
    default=["127.0.0.1", "localhost", "[::1]", "testserver"] if IN_DEVELOPMENT else [],
)
if not IN_DEVELOPMENT and not ALLOWED_HOSTS:
    raise ImproperlyConfigured("ALLOWED_HOSTS must be set in production.")
CSRF_TRUSTED_ORIGINS = env.list(
    "CSRF_TRUSTED_ORIGINS", default=[] if IN_DEVELOPMENT else [BASE_URL]
)
# Number of proxies in front; with 0, X-Forwarded-For is ignored.
TRUSTED_PROXIES = int(_required("TRUSTED_PROXIES") or 0)
# Opens /metrics to other machines; without it only this machine may read it.
METRICS_TOKEN = env.str("METRICS_TOKEN", default="")

INSTANCE_NAME = env.str("INSTANCE_NAME", default="Clawstore")
CONTACT_EMAIL = _required("CONTACT_EMAIL") or "maintainers@localhost"

# Closed instance: no page and no API read without sign-in.
SIGN_IN_TO_READ = env.bool("SIGN_IN_TO_READ", default=False)
# No new account gets these scopes, nor those of `profiles.rules`.
RESERVED_SCOPES = env.list("RESERVED_SCOPES", default=[])

# Each process gets its share of the machine's CPU budgets.
WEB_WORKERS = int(env.str("WEB_WORKERS", default="") or 2)
LIMITS_ON = env.str("LIMITS", default="on") != "off"
if not LIMITS_ON and not IN_DEVELOPMENT:
    raise ImproperlyConfigured("LIMITS=off is for development only.")

# Anonymous pages are cached, and validated at each request.
KEEP_PAGES = env.str("KEEP_PAGES", default="on") != "off"

INSTALLED_APPS = [
    "clawstore",
    *(["devtools"] if IN_DEVELOPMENT else []),
    "moderation",
    "reviews",
    "registry",
    "profiles",
    "foundation.notices",
    "foundation.limits",
    "foundation.access",
    "foundation.accounts",
    "foundation.audit",
    "foundation.jobs",
    "foundation.caching",
    "allauth",
    "allauth.account",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.github",
    *(["allauth.socialaccount.providers.dummy"] if IN_DEVELOPMENT else []),
    "allauth.usersessions",
    "django_htmx",
    "template_partials",
    "lucide",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.sitemaps",
    "django.contrib.humanize",
    "django.contrib.staticfiles",
]

MIDDLEWARE = [
    "foundation.audit.middleware.RequestIdMiddleware",
    "clawstore.ops.middleware.WatchMiddleware",
    "foundation.limits.middleware.LimitHeadersMiddleware",
    "clawstore.web.middleware.HeadMiddleware",
    "foundation.web.compression.PublicPageGZipMiddleware",
    "foundation.web.conditional.PublicConditionalGetMiddleware",
    "clawstore.web.security_headers.SecurityHeadersMiddleware",
    "clawstore.web.htmx.HtmxPageMiddleware",
    "clawstore.web.middleware.RefusalMiddleware",
    "foundation.limits.bodies.BodyLimitMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "allauth.usersessions.middleware.UserSessionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "foundation.access.middleware.ActorMiddleware",
    *(["clawstore.web.require_sign_in.RequireSignInMiddleware"] if SIGN_IN_TO_READ else []),
]

ROOT_URLCONF = "clawstore.urls"
WSGI_APPLICATION = "clawstore.wsgi.application"
APPEND_SLASH = False

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "clawstore.web.context.instance",
            ],
        },
    },
]

# --- Data ------------------------------------------------------------------------------------

DATABASE_URL = env.str("DATABASE_URL", default=f"sqlite:///{DATA_DIR / 'clawstore.sqlite3'}")
DATABASES = {"default": database_settings(DATABASE_URL, data_dir=DATA_DIR)}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

S3_BUCKET = env.str("S3_BUCKET", default="")
if S3_BUCKET:
    PACKAGE_STORAGE = {
        "BACKEND": "foundation.files.bucket.BucketStorage",
        "OPTIONS": {
            "bucket_name": S3_BUCKET,
            "endpoint_url": env.str("S3_ENDPOINT_URL", default="") or None,
            "region_name": env.str("S3_REGION", default="") or None,
            "access_key": _required("S3_ACCESS_KEY_ID"),
            "secret_key": _required("S3_SECRET_ACCESS_KEY"),
            "addressing_style": env.str("S3_ADDRESSING_STYLE", default="auto"),
            "signature_version": "s3v4",
        },
    }
else:
    PACKAGE_STORAGE = {
        "BACKEND": "foundation.files.folder.FolderStorage",
        "OPTIONS": {"location": str(DATA_DIR / "files")},
    }

STORAGES = {
    "default": PACKAGE_STORAGE,
    "staticfiles": {
        "BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"
        if not IN_DEVELOPMENT
        else "django.contrib.staticfiles.storage.StaticFilesStorage"
    },
}
STATIC_URL = "/static/"
STATIC_ROOT = Path(env.str("STATIC_ROOT", default=str(DATA_DIR / "static")))
STATIC_ROOT.mkdir(parents=True, exist_ok=True)
STATICFILES_DIRS = [BASE_DIR / "static"]
# Ours, each stylesheet put together, lie here; the apps' are found where they are.
STATIC_SERVED = DATA_DIR / "served"
STATICFILES_FINDERS = [
    "clawstore.ops.static.ServedFiles",
    "django.contrib.staticfiles.finders.AppDirectoriesFinder",
]
WHITENOISE_USE_FINDERS = IN_DEVELOPMENT

REDIS_URL = env.str("REDIS_URL", default="")
# Each process's memory, or one Redis for all. Bytes in the memory of each process.
CACHE_BYTES = {"default": 1024 * 1024, "values": 8 * 1024 * 1024, "pages": 16 * 1024 * 1024}


def _cache(name: str) -> dict[str, object]:
    if REDIS_URL:
        return {
            "BACKEND": "django.core.cache.backends.redis.RedisCache",
            "LOCATION": REDIS_URL,
            "KEY_PREFIX": name,
            "OPTIONS": {"socket_timeout": 2, "socket_connect_timeout": 2},
        }
    return {
        "BACKEND": "foundation.caching.local_memory.BoundedLocalMemoryCache",
        "LOCATION": name,
        "OPTIONS": {"MAX_ENTRIES": 4000, "MAX_BYTES": CACHE_BYTES[name]},
    }


CACHES = {name: _cache(name) for name in CACHE_BYTES}

# Declarations that this project assembles from its apps.
REACTIONS = "clawstore.reactions.REACTIONS"
NOTICE_KINDS = "clawstore.notices.NOTICE_KINDS"
SCHEDULES = "clawstore.tasks.SCHEDULES"
ROLES = "clawstore.roles.ROLES"
KEY_SCOPES = "clawstore.key_scopes.KEY_SCOPES"
# A function that tells what is wrong with the subject to which a key is to be bound.
KEY_SUBJECT_PROBLEM = "registry.rules.identifiers.key_subject_problem"
OWN_MATTER = "moderation.rules.own_matter"
API_KEY_PREFIX = "claw_"

# No form stores a file. The routes of packages have a handler of their own, for known senders.
FILE_UPLOAD_HANDLERS = ["foundation.files.uploads.DiscardFiles"]
FILE_UPLOAD_TEMP_DIR = str(DATA_DIR / "uploads")
Path(FILE_UPLOAD_TEMP_DIR).mkdir(exist_ok=True)
DATA_UPLOAD_MAX_NUMBER_FIELDS = 100
DATA_UPLOAD_MAX_NUMBER_FILES = 40
DATA_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024

# Uploads leave so much of each disk free, for the database, logs and metrics. In MiB.
RESERVED_DISK_MIB = env.int("RESERVED_DISK_MIB", default=512)
# Of one account: bytes of all its versions and drafts together, and drafts at a time.
ACCOUNT_QUOTA_MIB = env.int("ACCOUNT_QUOTA_MIB", default=5 * 1024)
ACCOUNT_DRAFTS = env.int("ACCOUNT_DRAFTS", default=10)

# --- Accounts ----------------------------------------------------------------------------------

AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = [
    "django.contrib.auth.backends.ModelBackend",
    "allauth.account.auth_backends.AuthenticationBackend",
]
LOGIN_URL = "/signin"
LOGIN_REDIRECT_URL = "/"
LOGOUT_REDIRECT_URL = "/"

# Messages of the desk are in the session, so they need no cookie of their own.
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"

ACCOUNT_ADAPTER = "profiles.adapters.AccountAdapter"
SOCIALACCOUNT_ADAPTER = "profiles.adapters.GitHubAdapter"
ACCOUNT_EMAIL_VERIFICATION = "none"
# The identity is GitHub's numeric id; two accounts may have the same email address.
ACCOUNT_UNIQUE_EMAIL = False
ACCOUNT_LOGIN_METHODS = {"username"}
ACCOUNT_SIGNUP_FIELDS = ["username*"]
SOCIALACCOUNT_ONLY = True
SOCIALACCOUNT_AUTO_SIGNUP = True
SOCIALACCOUNT_LOGIN_ON_GET = False
SOCIALACCOUNT_QUERY_EMAIL = True
SOCIALACCOUNT_EMAIL_AUTHENTICATION = False
SOCIALACCOUNT_STORE_TOKENS = False
PUBLIC_GITHUB = "https://github.com"
GITHUB_URL = (env.str("GITHUB_URL", default="") or PUBLIC_GITHUB).rstrip("/")


def _picture_origins() -> list[str]:
    """Hosts from which the worker may fetch profile pictures: GitHub's, over TLS."""
    scheme, _, host = GITHUB_URL.partition("://")
    own = [f"{scheme}://{host}", f"{scheme}://avatars.{host}"]
    public = ["https://avatars.githubusercontent.com"]
    origins = env.list(
        "GITHUB_PICTURE_ORIGINS", default=public if GITHUB_URL == PUBLIC_GITHUB else own
    )
    return [o.lower() for o in origins if o.startswith("https://") or IN_DEVELOPMENT]


GITHUB_PICTURE_ORIGINS = _picture_origins()
SOCIALACCOUNT_PROVIDERS = {
    "github": {
        # Only for an Enterprise server: the library derives the API address from it, which is wrong
        # for the public GitHub.
        **({"GITHUB_URL": GITHUB_URL} if GITHUB_URL != PUBLIC_GITHUB else {}),
        "SCOPE": ["read:user", "user:email"],
        "APP": {
            "client_id": _required("GITHUB_CLIENT_ID"),
            "secret": _required("GITHUB_CLIENT_SECRET"),
        },
    }
}
if IN_DEVELOPMENT and not env.str("GITHUB_CLIENT_ID", default=""):
    del SOCIALACCOUNT_PROVIDERS["github"]["APP"]

EMAIL_CONFIG = env.email_url_config(_required("EMAIL_URL") or "consolemail://")
vars().update(EMAIL_CONFIG)
DEFAULT_FROM_EMAIL = env.str("DEFAULT_FROM_EMAIL", default=f"{INSTANCE_NAME} <{CONTACT_EMAIL}>")

# --- HTTP security --------------------------------------------------------------------------------

SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = not IN_DEVELOPMENT
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
X_FRAME_OPTIONS = "DENY"
SECURE_REFERRER_POLICY = "strict-origin-when-cross-origin"
SECURE_CONTENT_TYPE_NOSNIFF = True
if not IN_DEVELOPMENT:
    SECURE_HSTS_SECONDS = 365 * 24 * 3600
    SECURE_HSTS_INCLUDE_SUBDOMAINS = True
    SECURE_HSTS_PRELOAD = True
    SECURE_SSL_REDIRECT = env.bool("SECURE_SSL_REDIRECT", default=True)
    SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$"]
    if TRUSTED_PROXIES:
        SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'none'"],
        "script-src": ["'self'"],
        "style-src": ["'self'"],
        "img-src": ["'self'", "data:"],
        "font-src": ["'self'"],
        "connect-src": ["'self'"],
        "form-action": ["'self'", GITHUB_URL],
        "base-uri": ["'none'"],
        "frame-ancestors": ["'none'"],
    }
}

LANGUAGE_CODE = "en"
USE_I18N = True
USE_TZ = True
TIME_ZONE = "UTC"

LOGGING = logging_config(
    level=env.str("LOG_LEVEL", default="WARNING" if IN_DEVELOPMENT else "INFO"),
    as_json=not IN_DEVELOPMENT,
)
