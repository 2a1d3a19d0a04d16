"""The installed apps and the middleware, in their order."""


def installed_apps(*, in_development: bool) -> list[str]:
    """Our apps from the top layer down, and then those of libraries."""
    return [
        "clawstore",
        "clawstore.following",
        "clawstore.editorial",
        "clawstore.intake",
        *(["devtools"] if in_development else []),
        "moderation",
        "reviews",
        "registry",
        "profiles",
        "profiles.oidc",
        *(
            "wordclaw.feedback",
            "wordclaw.forms",
            "wordclaw.workflow",
            "wordclaw.content",
            "wordclaw.payments",
            "wordclaw.webhooks",
        ),
        *("wordclaw.requests", "wordclaw.policy"),
        "foundation.webhooks",
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
        *(["allauth.socialaccount.providers.dummy"] if in_development else []),
        "allauth.usersessions",
        # Clients and tokens of apps; its views are not mounted (ADR 52).
        "allauth.idp.oidc",
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


def middleware(*, sign_in_to_read: bool, has_replicas: bool = False) -> list[str]:
    """From the outside to the view."""
    return [
        # Outside of all, so that no log has the key of the address.
        *(["clawstore.web.install_address.InstallAddressMiddleware"] if sign_in_to_read else []),
        # Outermost, so that every refusal and log line of all others has the request's id.
        "foundation.audit.middleware.RequestIdMiddleware",
        "clawstore.ops.middleware.WatchMiddleware",
        # Outside of all that reads the database, sessions included.
        *(["clawstore.replicas.ReplicaMiddleware"] if has_replicas else []),
        "foundation.limits.middleware.LimitHeadersMiddleware",
        "clawstore.web.cross_origin.CrossOriginMiddleware",
        "clawstore.web.middleware.HeadMiddleware",
        # Outside of the conditional middleware, which compares ETags of uncompressed pages.
        "foundation.web.compression.PublicGZipMiddleware",
        "foundation.web.conditional.PublicConditionalGetMiddleware",
        "clawstore.web.security_headers.SecurityHeadersMiddleware",
        "clawstore.web.htmx.HtmxPageMiddleware",
        "clawstore.web.middleware.RefusalMiddleware",
        # Before sessions and CSRF, which would read the body of a form to find the token.
        "foundation.limits.bodies.BodyLimitMiddleware",
        "clawstore.web.page_limit.PageLimitMiddleware",
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
        # After sessions and sign-in, because it makes the actor of their user.
        "foundation.access.middleware.ActorMiddleware",
        *(["clawstore.web.require_sign_in.RequireSignInMiddleware"] if sign_in_to_read else []),
    ]
