from django.urls import path

from registry import author_views, file_views, side_by_side_views, version_diff_views, views
from registry.outlets import badges, cards, feeds, pictures

AGENT = "agents/@<str:scope>/<str:name>"

urlpatterns = [
    path("agents", views.browse, name="browse"),
    path("agents/suggest", views.suggest, name="suggest"),
    path("agents/compare", side_by_side_views.compare_agents, name="compare"),
    path(AGENT, views.agent, name="agent"),
    path(f"{AGENT}/versions", views.versions, name="versions"),
    path(f"{AGENT}/versions/<str:version>", views.agent, name="version"),
    path(f"{AGENT}/files", file_views.files, name="files"),
    path(f"{AGENT}/versions/<str:version>/files", file_views.files, name="version_files"),
    path(f"{AGENT}/versions/<str:version>/files/<path:path>", file_views.file, name="file"),
    path(f"{AGENT}/downloads", views.downloads, name="downloads"),
    path(f"{AGENT}/changes", version_diff_views.latest_changes, name="latest_changes"),
    path(f"{AGENT}/changes/<str:old>...<str:new>", version_diff_views.changes, name="changes"),
    path("publish", author_views.publish, name="publish"),
    path("publish/agents", author_views.my_agents, name="my_agents"),
    path("publish/agents/@<str:scope>/<str:name>", author_views.my_versions, name="my_versions"),
    path(f"{AGENT}/versions/<str:version>/yank", author_views.yank, name="yank"),
    path("publish/drafts/<uuid:draft_id>", author_views.draft, name="draft"),
    path("publish/drafts/<uuid:draft_id>/publish", author_views.confirm, name="confirm_draft"),
    path("publish/drafts/<uuid:draft_id>/discard", author_views.discard, name="discard_draft"),
    path(
        "publish/drafts/<uuid:draft_id>/assets/<int:place>",
        author_views.draft_asset,
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
    path(f"{AGENT}/picture.png", pictures.picture, name="social_picture"),
]
