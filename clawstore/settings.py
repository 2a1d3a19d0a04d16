"""Settings from environment variables; `.env.example` documents them.

Without variables the application runs in development mode with SQLite, local files and console
email, for this machine alone. In production, security settings have no defaults. Missing and wrong
values stop the start; `InvalidEnvironment` names all of them.
"""

from functools import partial
from pathlib import Path
from urllib.parse import urlsplit

from environ import Env

from clawstore.address_checks import (
    PUBLIC_GITHUB,
    TEST_HOST,
    check_bind,
    check_development,
    check_email,
    check_mail_server,
    check_production,
    host_of,
    origin_of,
    picture_origins,
    sender,
    usual_form,
)
from clawstore.databases import database_settings
from clawstore.development_secrets import secret_value
from clawstore.environment import LOG_LEVELS, Environment
from clawstore.installed_apps import installed_apps, middleware
from clawstore.ops.logs import logging_config
from clawstore.payment_settings import lightning_node, payment_provider, settlement_secrets
from clawstore.sign_in_settings import github_app, oidc_provider
from clawstore.stores import cache_settings, files_sender, package_storage, redis_url
from foundation.oidc.issuers import PUBLIC_ISSUERS, read_issuers
from profiles.admission import organisations_of, read_rules

BASE_DIR = Path(__file__).resolve().parent.parent
env = Environment()
# A wrong mode makes every other message wrong.
env.refuse_problems()
env.refuse_equal("ADDRESS_SALT", "SECRET_KEY")

MODE = env.mode
IN_DEVELOPMENT = env.is_development
# Never on, also in development: its error pages show settings and variables, and its queries are
# kept in memory.
DEBUG = False

env.required("DATA_DIR")
DATA_DIR = env.folder("DATA_DIR", BASE_DIR / ".data")


SECRET_KEY = secret_value(env, "SECRET_KEY", DATA_DIR)
# Former values of SECRET_KEY, newest first; their signatures stay valid.
SECRET_KEY_FALLBACKS = env.former_secrets("SECRET_KEY_FALLBACKS")
ADDRESS_SALT = secret_value(env, "ADDRESS_SALT", DATA_DIR)

# The web server; gunicorn.conf.py takes these values from here.
PORT = env.port()
BIND = env.texts("BIND", [f"127.0.0.1:{PORT}"])
WEB_WORKERS = env.number("WEB_WORKERS", 2, at_least=1, at_most=256)
WEB_THREADS = env.number("WEB_THREADS", 4, at_least=1, at_most=256)
# Seconds for a request to arrive, and between two parts of a long body or answer.
CLIENT_TIMEOUT = env.number("CLIENT_TIMEOUT", 20, at_least=1, at_most=600)
ACCESS_LOG = env.text("ACCESS_LOG")
GUNICORN_LOG_LEVEL = env.choice(
    "GUNICORN_LOG_LEVEL", tuple(level.lower() for level in LOG_LEVELS), "warning"
)

BASE_URL = usual_form(env.required("BASE_URL", f"http://127.0.0.1:{PORT}"))
# Addresses begin with this path, whatever a proxy or a client says in a header.
FORCE_SCRIPT_NAME = urlsplit(BASE_URL).path if host_of(BASE_URL) else ""
env.required("ALLOWED_HOSTS")
ALLOWED_HOSTS = env.texts(
    "ALLOWED_HOSTS", ["127.0.0.1", "localhost", "[::1]", TEST_HOST] if IN_DEVELOPMENT else []
)
CSRF_TRUSTED_ORIGINS = env.texts(
    "CSRF_TRUSTED_ORIGINS", [origin_of(BASE_URL)] if host_of(BASE_URL) else []
)
# Number of proxies in front; with 0, X-Forwarded-For is ignored.
env.required("TRUSTED_PROXIES")
TRUSTED_PROXIES = env.number("TRUSTED_PROXIES", 0, at_most=10)
# Opens /metrics to other machines; without it only this machine may read it.
METRICS_TOKEN = env.text("METRICS_TOKEN")

INSTANCE_NAME = env.line("INSTANCE_NAME", "Clawstore")
CONTACT_EMAIL = env.required("CONTACT_EMAIL", "maintainers@localhost")

if IN_DEVELOPMENT:
    check_development(env, BASE_URL, ALLOWED_HOSTS, BIND)
else:
    check_production(env, BASE_URL, ALLOWED_HOSTS, CSRF_TRUSTED_ORIGINS)
    check_email(env, "CONTACT_EMAIL", CONTACT_EMAIL)
    check_bind(env, BIND)
if METRICS_TOKEN and len(METRICS_TOKEN) < 16 and not IN_DEVELOPMENT:
    env.refuse("METRICS_TOKEN", "is weak: at least 16 characters are needed")

# Closed instance: no page and no API read without sign-in.
SIGN_IN_TO_READ = env.switch("SIGN_IN_TO_READ", False)
# The address /mcp for language models.
MCP_ON = env.switch("MCP", True)
# Streams of changes at /mcp that each process of the web server keeps open.
MCP_STREAMS = env.number("MCP_STREAMS", 16, at_most=200)
# Sign-in of apps at /mcp by OAuth, and the only address that their tokens are for.
OAUTH_ON = MCP_ON and env.switch("MCP_OAUTH", True)
OAUTH_RESOURCE = f"{BASE_URL}/mcp"
# No new account gets these scopes, nor those of `profiles.rules`.
RESERVED_SCOPES = env.texts("RESERVED_SCOPES")

LIMITS_ON = env.switch("LIMITS", True)
if not LIMITS_ON and not IN_DEVELOPMENT:
    env.refuse("LIMITS", "is off, which is for development only")

# Anonymous pages are cached, and validated at each request.
KEEP_PAGES = env.switch("KEEP_PAGES", True)

INSTALLED_APPS = installed_apps(in_development=IN_DEVELOPMENT)

ROOT_URLCONF = "clawstore.urls"
WSGI_APPLICATION = "clawstore.wsgi.application"
# The wire contract has no slashes at the end, and a redirected POST would lose its body.
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

DATABASE_URL = env.text("DATABASE_URL", f"sqlite:///{DATA_DIR / 'clawstore.sqlite3'}")
DATABASES = {
    "default": env.parsed(
        "DATABASE_URL",
        DATABASE_URL,
        partial(database_settings, data_dir=DATA_DIR, threads=WEB_THREADS),
    )
    or {}
}
# Anonymous readers read from these copies of a PostgreSQL database.
REPLICAS = [
    f"replica-{number}" for number, _ in enumerate(env.texts("DATABASE_REPLICA_URLS"), start=1)
]
for alias, url in zip(REPLICAS, env.texts("DATABASE_REPLICA_URLS"), strict=True):
    settings_of_replica = env.parsed(
        "DATABASE_REPLICA_URLS",
        url,
        partial(database_settings, data_dir=DATA_DIR, threads=WEB_THREADS),
    )
    if settings_of_replica:
        DATABASES[alias] = settings_of_replica
if REPLICAS and not DATABASE_URL.startswith("postgres"):
    env.refuse("DATABASE_REPLICA_URLS", "needs PostgreSQL in DATABASE_URL")
if REPLICAS and not env.text("REDIS_URL"):
    # All processes must know which reader has just written.
    env.refuse("DATABASE_REPLICA_URLS", "needs REDIS_URL")
if REPLICAS:
    DATABASE_ROUTERS = ["clawstore.replicas.ReplicaRouter"]
MIDDLEWARE = middleware(sign_in_to_read=SIGN_IN_TO_READ, has_replicas=bool(REPLICAS))
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

S3_BUCKET = env.text("S3_BUCKET")
STORAGES = {
    "default": package_storage(env, S3_BUCKET, DATA_DIR),
    "staticfiles": {
        "BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"
        if not IN_DEVELOPMENT
        else "django.contrib.staticfiles.storage.StaticFilesStorage"
    },
}
SEND_FILES = files_sender(env, S3_BUCKET)
STATIC_URL = "/static/"
STATIC_ROOT = env.folder("STATIC_ROOT", DATA_DIR / "static")
STATICFILES_DIRS = [BASE_DIR / "static"]
# Our assembled stylesheets. Files of the apps are served from their own folders.
STATIC_SERVED = DATA_DIR / "served"
STATICFILES_FINDERS = [
    "clawstore.ops.static.ServedFiles",
    "django.contrib.staticfiles.finders.AppDirectoriesFinder",
]
# Production has collected, hashed files; looking in folders costs time at each request.
WHITENOISE_USE_FINDERS = IN_DEVELOPMENT

REDIS_URL = redis_url(env)
CACHES = cache_settings(REDIS_URL)

# Declarations that this project assembles from its apps.
REACTIONS = "clawstore.reactions.REACTIONS"
NOTICE_KINDS = "clawstore.notices.NOTICE_KINDS"
SCHEDULES = "clawstore.schedules.SCHEDULES"
ROLES = "clawstore.roles.ROLES"
KEY_SCOPES = "clawstore.key_scopes.KEY_SCOPES"
KEY_SUBJECT_PROBLEM = "clawstore.content_subjects.bound_subject_problem"
CONTENT_HOST = "clawstore.content_subjects.HOST"
WEBHOOK_EVENTS = "clawstore.webhook_messages.EVENTS"
WEBHOOK_MESSAGES = "clawstore.webhook_messages.messages_of"
WEBHOOKS_PAUSED = "wordclaw.webhooks.actions.are_paused"
EVENT_SENTENCES = "clawstore.event_sentences.SENTENCES"
OWN_MATTER = "moderation.rules.own_matter"
API_KEY_PREFIX = "claw_"
# Threads of each worker for queues whose jobs wait for servers of strangers.
SLOW_QUEUES = {"webhooks": 4, "payments": 1, "mirroring": 1}

# Networks that webhooks may call although they are private, such as a company's own.
WEBHOOK_ALLOW_PRIVATE = env.networks("WEBHOOK_ALLOW_PRIVATE")

# Another shop whose scopes are mirrored here, all of them with `*`, and an API key of it.
MIRROR_URL = env.text("MIRROR_URL")
MIRROR_SCOPES = env.texts("MIRROR_SCOPES")
MIRROR_KEY = env.line("MIRROR_KEY")
# Private networks in which a mirrored shop may be, also without TLS.
MIRROR_ALLOW_PRIVATE = env.networks("MIRROR_ALLOW_PRIVATE")

# Payments: the provider of invoices, and the secrets of its settlement events, newest first.
PAYMENT_PROVIDER = payment_provider(env)
PAYMENT_WEBHOOK_SECRETS = settlement_secrets(env)
LNBITS_URL, LNBITS_INVOICE_KEY = lightning_node(env, PAYMENT_PROVIDER)
# The ledger of sales, refunds and payouts, in double entry.
EXPERIMENTAL_REVENUE = env.switch("EXPERIMENTAL_REVENUE", False)
PAYMENT_SUBJECTS = "clawstore.payment_subjects.SUBJECTS"
# CI systems whose tokens may be exchanged for short-lived keys (docs/OPERATING.md).
TRUSTED_ISSUERS = (
    env.parsed(
        "TRUSTED_ISSUERS",
        env.text("TRUSTED_ISSUERS", PUBLIC_ISSUERS),
        partial(read_issuers, allow_http=env.is_development),
    )
    or ()
)

# No form stores a file. The routes of packages have a handler of their own, for known senders.
FILE_UPLOAD_HANDLERS = ["foundation.files.uploads.DiscardFiles"]
FILE_UPLOAD_TEMP_DIR = str(DATA_DIR / "uploads")
if not env.problems:
    Path(FILE_UPLOAD_TEMP_DIR).mkdir(exist_ok=True)
# Django reads all fields before any view; the studio reads its larger forms itself.
DATA_UPLOAD_MAX_NUMBER_FIELDS = 100
# A folder has many; a handler that keeps a file open for each allows fewer (foundation/files).
DATA_UPLOAD_MAX_NUMBER_FILES = 2_040
# The largest body that is read whole, a batch of content; each route has its own, smaller limit.
DATA_UPLOAD_MAX_MEMORY_SIZE = 8 * 1024 * 1024

# Uploads leave so much of each disk free, for the database, logs and metrics. In MiB.
RESERVED_DISK_MIB = env.number("RESERVED_DISK_MIB", 512)
# Of one account: bytes of all its versions and drafts together, and drafts at a time.
ACCOUNT_QUOTA_MIB = env.number("ACCOUNT_QUOTA_MIB", 5 * 1024)
ACCOUNT_DRAFTS = env.number("ACCOUNT_DRAFTS", 10)
# MiB of the content of one publisher: all versions of items, schemas and assets together.
DOMAIN_CONTENT_MIB = env.number("DOMAIN_CONTENT_MIB", 4 * 1024)

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
SOCIALACCOUNT_ADAPTER = "profiles.adapters.SignInAdapter"
ACCOUNT_EMAIL_VERIFICATION = "none"
# The identity is what never changes at the provider; two accounts may have the same email address.
ACCOUNT_UNIQUE_EMAIL = False
ACCOUNT_LOGIN_METHODS = {"username"}
ACCOUNT_SIGNUP_FIELDS = ["username*"]
# No passwords: the identity is at a provider, and nothing can be guessed or leaked here.
SOCIALACCOUNT_ONLY = True
SOCIALACCOUNT_AUTO_SIGNUP = True
# A link or an image on another site could otherwise start a sign-in (login CSRF).
SOCIALACCOUNT_LOGIN_ON_GET = False
SOCIALACCOUNT_QUERY_EMAIL = True
# An account with the same address at GitHub must not open the account of another user.
SOCIALACCOUNT_EMAIL_AUTHENTICATION = False
# Nothing is done at GitHub after sign-in, and a token that is not stored cannot leak.
SOCIALACCOUNT_STORE_TOKENS = False
# A provider of OpenID Connect, beside GitHub or instead of it.
OIDC_SERVER_URL, OIDC_NAME, OIDC_SCOPES, OIDC_APP = oidc_provider(env)
# Who may sign in, checked at each sign-in; without rules all people with an account there.
SIGN_IN_ALLOW = env.parsed("SIGN_IN_ALLOW", env.text("SIGN_IN_ALLOW"), read_rules) or ()
# Days after the last sign-in at which sessions and keys end, because only a sign-in tells whether
# a person is still admitted; 0: never.
SIGN_IN_EVERY_DAYS = env.number("SIGN_IN_EVERY_DAYS", 30 if SIGN_IN_ALLOW else 0, at_most=3650)
GITHUB_URL = env.text("GITHUB_URL", PUBLIC_GITHUB).rstrip("/")
if not (GITHUB_URL.startswith(("https://", "http://")) and host_of(GITHUB_URL)):
    env.refuse("GITHUB_URL", "does not begin with https:// and a host name")

# Hosts from which the worker may fetch profile pictures.
GITHUB_PICTURE_ORIGINS = picture_origins(env, GITHUB_URL)
SOCIALACCOUNT_PROVIDERS = {
    "github": {
        # Only for an Enterprise server: for the public one the library derives a wrong API address.
        **({"GITHUB_URL": GITHUB_URL} if GITHUB_URL != PUBLIC_GITHUB else {}),
        # No right to any repository: the shop asks for what it shows and mails to, and for
        # memberships if it admits by them.
        "SCOPE": [
            *("read:user", "user:email"),
            *(["read:org"] if organisations_of(SIGN_IN_ALLOW) else []),
        ],
        **github_app(env, has_oidc=bool(OIDC_APP)),
    },
    "oidc": {"APP": OIDC_APP} if OIDC_APP else {},
}

EMAIL_URL = env.required("EMAIL_URL", "consolemail://")
EMAIL_CONFIG = (env.parsed("EMAIL_URL", EMAIL_URL, Env.email_url_config) if EMAIL_URL else {}) or {}
vars().update(EMAIL_CONFIG)
check_mail_server(env, EMAIL_URL, EMAIL_CONFIG)
DEFAULT_FROM_EMAIL = sender(env, INSTANCE_NAME, CONTACT_EMAIL)

# --- HTTP security --------------------------------------------------------------------------------

SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = not IN_DEVELOPMENT
SESSION_COOKIE_HTTPONLY = True
# Not Strict: the return from GitHub would arrive without the session that began the sign-in.
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
CSRF_FAILURE_VIEW = "clawstore.web.errors.form_expired"
X_FRAME_OPTIONS = "DENY"
SECURE_REFERRER_POLICY = "strict-origin-when-cross-origin"
SECURE_CONTENT_TYPE_NOSNIFF = True
if not IN_DEVELOPMENT:
    SECURE_HSTS_SECONDS = 365 * 24 * 3600
    SECURE_HSTS_INCLUDE_SUBDOMAINS = True
    # A request to the lists of browsers, which is hard to take back.
    SECURE_HSTS_PRELOAD = env.switch("HSTS_PRELOAD", False)
    if not SECURE_HSTS_PRELOAD:
        SILENCED_SYSTEM_CHECKS = ["security.W021"]
    SECURE_SSL_REDIRECT = env.switch("SECURE_SSL_REDIRECT", True)
    # Probes come over plain HTTP, and follow no redirect.
    SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$"]
    if TRUSTED_PROXIES:
        # Only behind a proxy: without one any client could send the header.
        SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")

# The page of the provider's sign-in may be at another host than its configuration.
OIDC_ORIGINS = env.texts("OIDC_ORIGINS", [origin_of(OIDC_SERVER_URL)] if OIDC_SERVER_URL else [])
if any(origin != origin_of(origin) for origin in OIDC_ORIGINS):
    env.refuse("OIDC_ORIGINS", "contains an address that is no origin such as https://HOST")

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        # Nothing is allowed unless it is named below, so that new kinds of content are refused,
        # too.
        "default-src": ["'none'"],
        "script-src": ["'self'"],
        "style-src": ["'self'"],
        "img-src": ["'self'", "data:"],
        "font-src": ["'self'"],
        "connect-src": ["'self'"],
        # Browsers check redirects after a form, too, and sign-in is a form that leads to GitHub.
        "form-action": ["'self'", GITHUB_URL, *OIDC_ORIGINS],
        "base-uri": ["'none'"],
        "frame-ancestors": ["'none'"],
    }
}

LANGUAGE_CODE = "en"
FORMAT_MODULE_PATH = "clawstore.formats"
TIME_ZONE = "UTC"

LOGGING = logging_config(
    level=env.choice("LOG_LEVEL", LOG_LEVELS, "WARNING" if IN_DEVELOPMENT else "INFO"),
    as_json=not IN_DEVELOPMENT,
)

env.refuse_problems()
