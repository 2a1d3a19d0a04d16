from django.urls import path

from registry.agents import views as agent_views
from registry.compare import views as compare_views
from registry.diffs import views as diff_views
from registry.downloads import views as download_views
from registry.embeds import badges, cards, feeds, social_image
from registry.files import views as file_views
from registry.publishing import views as publishing_views
from registry.search import views as search_views

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
    path(f"{AGENT}/downloads", download_views.downloads, name="downloads"),
    path(f"{AGENT}/changes", diff_views.latest_changes, name="latest_changes"),
    path(f"{AGENT}/changes/<str:old>...<str:new>", diff_views.changes, name="changes"),
    path("publish", publishing_views.publish, name="publish"),
    path("publish/agents", publishing_views.my_agents, name="my_agents"),
    path(
        "publish/agents/@<str:scope>/<str:name>", publishing_views.my_versions, name="my_versions"
    ),
    path(f"{AGENT}/versions/<str:version>/yank", publishing_views.yank, name="yank"),
    path("publish/drafts/<uuid:draft_id>", publishing_views.draft, name="draft"),
    path("publish/drafts/<uuid:draft_id>/publish", publishing_views.confirm, name="confirm_draft"),
    path("publish/drafts/<uuid:draft_id>/discard", publishing_views.discard, name="discard_draft"),
    path(
        "publish/drafts/<uuid:draft_id>/assets/<int:place>",
        publishing_views.draft_asset,
        name="draft_asset",
    ),
    # What other sites and readers take from here.
    path("feeds/versions.atom", feeds.versions, name="feed_versions"),
    path("feeds/yanks.atom", feeds.yanks, name="feed_yanks"),
    path("feeds/search.atom", feeds.search, name="feed_search"),
    path("feeds/@<str:scope>.atom", feeds.of_scope, name="feed_scope"),
    path("feeds/@<str:scope>/<str:name>.atom", feeds.of_agent, name="feed_agent"),
    path("badges/@<str:scope>/<str:name>/<str:kind>.svg", badges.badge, name="badge"),
    path("embed/@<str:scope>/<str:name>", cards.card, name="card"),
    path(f"{AGENT}/share", cards.share, name="share"),
    path(f"{AGENT}/picture.png", social_image.picture, name="social_picture"),
]
