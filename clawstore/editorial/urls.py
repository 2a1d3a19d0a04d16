from django.urls import path

from clawstore.editorial import feeds, views

SCOPE = "@<str:scope>"

urlpatterns = [
    path(f"{SCOPE}/texts", views.scope_content, name="scope_content"),
    *[
        path(
            f"{SCOPE}/{kind}/<slug:slug>",
            views.content_page,
            {"kind": kind},
            name=f"scope_{kind}_page",
        )
        # Named one by one: a converter for any kind would take the addresses of other pages of a
        # person.
        for kind in ("guides", "posts")
    ],
    path("agents/@<str:scope>/<str:name>/guides", views.agent_guides, name="agent_guides"),
    path("feeds/news.atom", feeds.news_feed, name="feed_news"),
    path(
        "about/<slug:chapter>/versions/<int:earlier>...<int:later>",
        views.policy_changes,
        name="policy_changes",
    ),
    path("about/<slug:chapter>/versions/<int:number>", views.policy_version, name="policy_version"),
    *[
        pattern
        for kind in views.LISTS
        for pattern in (
            path(kind, views.content_list, {"kind": kind}, name=kind),
            path(f"{kind}/<slug:slug>", views.content_page, {"kind": kind}, name=f"{kind}_page"),
        )
    ],
]
