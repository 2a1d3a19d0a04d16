"""Every table is exported or listed as not exported."""

from django.apps import apps

from clawstore.transfer.parts import PARTS, TABLES
from registry.models import Version

NOT_EXPORTED = {
    "limits.LimitCounter",  # counters of the current hour
    "access.DeviceLogin",  # valid for ten minutes
    # Tokens are for the address of this instance; users connect their apps again.
    *("access.ConnectedApp", "access.AuthorizationCode", "access.ReplacedToken"),
    *("allauth_idp_oidc.Client", "allauth_idp_oidc.Token"),
    "jobs.Job",  # the instance that recorded a job runs it, otherwise it would run twice
    "jobs.JobDuration",  # how long jobs took on this instance
    "jobs.JobSchedule",  # when this instance last ran its schedules
    *("registry.IndexedAgent", "registry.SearchColumns", "registry.SearchPosting"),
    *("registry.SearchValue", "registry.SearchWord"),  # the index is built again by an import
    "registry.WordFilterBlock",
    *("registry.AgentVector", "registry.VectorBlock"),  # a job embeds agents again
    "registry.DownloadSeen",  # visitors of the current day
    "registry.FileView",  # HTML that is computed again from the packages
    *("registry.StoredPage", "registry.StoredRow"),  # HTML that a job renders again
    *(
        "editorial.ContentPage",
        "editorial.ContentPageAgent",
        "editorial.PageFrame",
    ),  # computed again by an import
    "editorial.RenderedContent",  # HTML that a job renders again
    "registry.AgentDescription",  # HTML of listing texts, which are content
    "caching.Revision",  # validates the cached pages of this instance
    *("registry.VersionDiff", "registry.VersionDiffPage"),  # computed again on request
    "content.ContentSortValue",  # computed again by an import
    "content.ContentSpace",  # counted again by an import
    "policy.PolicyDecision",  # a log of this instance, pruned after 90 days
    "runtime_requests.IdempotentRequest",  # kept for a day
    "runtime_forms.FormUpload",  # kept for a day, until its form is sent
    *("webhooks.WebhookDelivery", "webhooks.WebhookLane"),  # sent by the instance that made them
    *("following.FollowNews", "following.FollowFeed"),  # of this instance, and kept for 90 days
    *("following.FollowedSearch", "following.FollowedSearchKey"),  # read again from the follows
    "registry.CiKey",  # valid for minutes
    "payments.MockInvoice",  # of the provider for development
    "payments.PaymentToken",  # keys of this instance; buyers with an account keep their rights
    "payments.SettlementEvent",  # events that this instance has applied
    "registry.Draft",  # kept for a day; exports have no draft files
    "notices.SentNotice",  # belongs to jobs, which are not exported
    "account.EmailConfirmation",
    "socialaccount.SocialApp",
    "socialaccount.SocialToken",
    "usersessions.UserSession",
    "sessions.Session",  # users sign in again
    "admin.LogEntry",  # the audit log has it, too
    "auth.Group",  # exported as roles
    "auth.Permission",
    "contenttypes.ContentType",
}

WITHOUT_VERSION_TEXTS = {
    "agents",  # the listing is blank if every version is withheld
    "version_withholdings",  # the reason
    "download_days",  # numbers only
    "version_provenance",  # the run that published it
}


def test_every_table_about_versions_redacts_withheld_ones() -> None:
    """A new table about versions must declare a redaction for withheld versions."""
    tables = [
        table.name
        for table in TABLES
        if not table.private
        and table.redaction is None
        and any(field.related_model is Version for field in table.model._meta.concrete_fields)
    ]

    assert set(tables) == WITHOUT_VERSION_TEXTS


def test_every_table_is_exported_or_listed_as_not_exported() -> None:
    exported_models = {table.model for table in TABLES}
    models = {model._meta.concrete_model for model in apps.get_models()}
    labels = {model._meta.label for model in models - exported_models}

    assert sorted(labels - NOT_EXPORTED) == []
    assert "roles" in {part.name for part in PARTS}
