from django.urls import path

from registry.agents import views as agent_views
from registry.compare import views as compare_views
from registry.diffs import views as diff_views
from registry.downloads import views as download_views
from registry.embeds import views as embed_views
from registry.files import views as file_views
from registry.lifecycle import views as lifecycle_views
from registry.publishing import views as publishing_views
from registry.search import views as search_views
from registry.transfers import views as transfer_views

AGENT = "agents/@<str:scope>/<str:name>"

urlpatterns = [
    path("agents", search_views.browse, name="browse"),
    path("agents/suggest", search_views.suggest, name="suggest"),
    path("agents/compare", compare_views.compare_agents, name="compare"),
    path(AGENT, agent_views.agent, name="agent"),
    path(f"{AGENT}/versions", diff_views.versions, name="versions"),
    path(f"{AGENT}/versions/<str:version>", agent_views.agent, name="version"),
    path(f"{AGENT}/files", file_views.files, name="files"),
    path(f"{AGENT}/versions/<str:version>/files", file_views.files, name="version_files"),
    path(f"{AGENT}/versions/<str:version>/files/<path:path>", file_views.file, name="file"),
    path("images/<str:sha256>.webp", file_views.small_image, name="small_image"),
    path(f"{AGENT}/downloads", download_views.downloads, name="downloads"),
    path(f"{AGENT}/changes", diff_views.latest_changes, name="latest_changes"),
    path(f"{AGENT}/changes/<str:old>...<str:new>", diff_views.changes, name="changes"),
    path("publish", publishing_views.publish, name="publish"),
    path("publish/agents", publishing_views.my_agents, name="my_agents"),
    path(
        "publish/agents/@<str:scope>/<str:name>", publishing_views.my_versions, name="my_versions"
    ),
    path(
        "publish/agents/@<str:scope>/<str:name>/lifecycle",
        lifecycle_views.lifecycle,
        name="lifecycle",
    ),
    path(
        "publish/agents/@<str:scope>/<str:name>/lifecycle/<slug:change>",
        lifecycle_views.switch,
        name="switch_lifecycle",
    ),
    path(
        "publish/agents/@<str:scope>/<str:name>/transfer", transfer_views.transfer, name="transfer"
    ),
    path("publish/transfers/<uuid:transfer_id>", transfer_views.offer, name="offer"),
    path(
        "publish/transfers/<uuid:transfer_id>/<slug:answer>",
        transfer_views.answer,
        name="answer_offer",
    ),
    path(f"{AGENT}/versions/<str:version>/yank", publishing_views.yank, name="yank"),
    path(
        "publish/agents/@<str:scope>/<str:name>/published/<str:version>",
        publishing_views.published,
        name="published",
    ),
    path("publish/drafts/<uuid:draft_id>", publishing_views.draft, name="draft"),
    path(
        "publish/drafts/<uuid:draft_id>/manifest",
        publishing_views.draft_manifest,
        name="draft_manifest",
    ),
    path(
        "publish/drafts/<uuid:draft_id>/package.tgz",
        publishing_views.draft_package,
        name="draft_package",
    ),
    path("publish/drafts/<uuid:draft_id>/publish", publishing_views.confirm, name="confirm_draft"),
    path("publish/drafts/<uuid:draft_id>/discard", publishing_views.discard, name="discard_draft"),
    path(
        "publish/drafts/<uuid:draft_id>/assets/<int:place>",
        publishing_views.draft_asset,
        name="draft_asset",
    ),
    # For other sites and feed readers.
    path("feeds/versions.atom", embed_views.new_versions_feed, name="feed_versions"),
    path("feeds/yanks.atom", embed_views.removals_feed, name="feed_yanks"),
    path("feeds/search.atom", embed_views.search_feed, name="feed_search"),
    path("feeds/@<str:scope>.atom", embed_views.scope_feed, name="feed_scope"),
    path("feeds/@<str:scope>/<str:name>.atom", embed_views.agent_feed, name="feed_agent"),
    path("badges/@<str:scope>/<str:name>/<str:kind>.svg", embed_views.badge, name="badge"),
    path("embed/@<str:scope>/<str:name>", embed_views.card, name="card"),
    path(f"{AGENT}/share", embed_views.share, name="share"),
    path(f"{AGENT}/picture.png", embed_views.social_image, name="social_picture"),
]
