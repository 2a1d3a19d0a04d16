"""Every route of the shop, and the visits by which a browser tests it.

A new route needs an entry: either visits, or the reason why it is not visited. Words in braces
stand for what `create_sample_shop` made.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from django.urls import URLPattern, URLResolver, get_resolver

from clawstore.about.pages import STATIC_PAGES
from clawstore.editorial.seeding import POLICIES

# Covered by other tests: the API, and the desk, whose pages are found by their links.
ELSEWHERE = ("v1/", "^(?:v1", "admin/")

ACTS = "Only acts, and leads on."
LEADS_ON = "Leads on at once."
BYTES = "Hands out bytes, no page."


@dataclass(frozen=True, slots=True)
class Visit:
    """A visit of a page; with ``press``, of the page that this button leads to."""

    path: str
    by: str = ""
    status: int = 200
    press: str = ""
    fill: Mapping[str, str] = field(default_factory=dict)

    def __str__(self) -> str:
        return f"{self.path} {self.by or 'anonymous'} {self.press}".strip()


COACH = "/agents/@dora/reviewed"
HOSTILE = "/agents/@dora/hostile"
AGENT = "agents/@<str:scope>/<str:name>"
REVIEWS = f"{AGENT}/reviews"
STUDIO = "studio/<studio:name>"
GUEST, DORA, GRACE, ROOT = "", "dora", "grace", "root"
CONSENT = (
    "/oauth/authorize?response_type=code&client_id={app}&redirect_uri={app_address}"
    "&resource={shop}/mcp&code_challenge_method=S256&code_challenge=" + "c" * 43
)
SEND, TOKEN = "Send report", "csrfmiddlewaretoken"


def each(path: str, *people: str, status: int = 200) -> list[Visit]:
    return [Visit(path, by, status) for by in people]


# A page that several routes share, such as the one for a refusal, is visited once.
ROUTES: dict[str, list[Visit] | str] = {
    "": each("/", GUEST, DORA),
    "about/<slug:chapter>": [Visit(f"/about/{chapter}") for chapter in (*POLICIES, *STATIC_PAGES)],
    "about/<slug:chapter>/versions/<int:number>": [Visit("/about/terms/versions/1")],
    "about/<slug:chapter>/versions/<int:earlier>...<int:later>": [
        Visit("/about/terms/versions/1...9", status=404)
    ],
    "announcements": each("/announcements", GUEST),
    "announcements/<slug:slug>": [Visit("/announcements/nothing", status=404)],
    "collections": each("/collections", GUEST),
    "collections/<slug:slug>": [Visit("/collections/nothing", status=404)],
    "guides": each("/guides", GUEST),
    "guides/<slug:slug>": [Visit("/guides/nothing", status=404)],
    "feeds/news.atom": BYTES,
    "@<str:scope>/texts": [Visit("/@dora/texts")],
    "@<str:scope>/guides/<slug:slug>": [Visit("/@dora/guides/nothing", status=404)],
    "@<str:scope>/posts/<slug:slug>": [Visit("/@dora/posts/nothing", status=404)],
    f"{AGENT}/guides": [Visit(f"{COACH}/guides")],
    f"{AGENT}/versions/<str:version>/buy": [
        *each(f"{COACH}/versions/1.0.0/buy", GUEST, GRACE),
        *each("/agents/@dora/paid/versions/1.0.0/buy", GUEST, ROOT),
        # The invoice, with the button of the wallet for development.
        Visit("/agents/@dora/paid/versions/1.0.0/buy", ROOT, press="Buy for 2,100 sat"),
        *each("/agents/@dora/paid", GUEST, GRACE),
        *each("/agents/@dora/paid/versions/1.0.0/files/agent.json", GUEST),
    ],
    f"publish/{AGENT}/lifecycle": [
        Visit("/publish/agents/@dora/reviewed/lifecycle", DORA),
        Visit("/publish/agents/@dora/reviewed/lifecycle", DORA, 422, press="Deprecate"),
    ],
    f"publish/{AGENT}/lifecycle/<slug:change>": ACTS,
    f"publish/{AGENT}/transfer": [
        Visit("/publish/agents/@dora/reviewed/transfer", DORA),
        Visit("/publish/agents/@dora/reviewed/transfer", DORA, 422, press="Offer this agent"),
        Visit("/publish/agents/@dora/handed-on/transfer", DORA),
        *each("/agents/@dora/handed-on", GUEST),
        *each("/agents/@dora/handed-on/versions", GUEST),
    ],
    "publish/transfers/<uuid:transfer_id>": each("/publish/transfers/{offer}", DORA, GRACE),
    "publish/transfers/<uuid:transfer_id>/<slug:answer>": ACTS,
    f"publish/{AGENT}/sales": [
        Visit("/publish/agents/@dora/reviewed/sales", DORA),
        Visit("/publish/agents/@dora/paid/sales", DORA),
        Visit("/publish/agents/@dora/reviewed/sales", DORA, 422, press="Start selling"),
    ],
    "texts/<studio:name>/items/<uuid:item_id>": [
        *each("/texts/@dora/items/{story}", GUEST, ROOT, GRACE),
        Visit("/texts/@dora/items/{story}", ROOT, press="Buy for 2,100 sat"),
        Visit("/texts/@dora/items/00000000-0000-0000-0000-000000000000", GUEST, 401),
    ],
    "texts/<studio:name>/items/<uuid:item_id>/text": each("/texts/@dora/items/{story}/text", DORA),
    "texts/<studio:name>/<slug:slug>": [
        *each("/texts/@dora/stories", GUEST),
        Visit("/texts/@dora/nothing", GUEST, 404),
    ],
    "account/purchases": each("/account/purchases", GRACE),
    "account/purchases/<uuid:entitlement_id>": [
        Visit("/account/purchases/{bought}", GRACE),
        Visit("/account/purchases/{bought_text}", GRACE),
        Visit("/account/purchases/00000000-0000-0000-0000-000000000000", GRACE, 404),
    ],
    "forms/<slug:slug>": [Visit("/forms/nothing", status=404)],
    "forms/@<str:scope>/<slug:slug>": [
        *each("/forms/@dora/claim", GUEST, GRACE),
        Visit("/forms/@dora/claim", GUEST, 422, press="Send"),
        *each("/forms/@dora/paid-claim", GUEST),
    ],
    "feedback/<str:token>": [
        Visit("/feedback/{feedback}"),
        Visit("/feedback/{feedback}", GUEST, 422, press="Send"),
        Visit("/feedback/x", status=401),
    ],
    "receipts/<str:token>/files/<uuid:asset_id>": BYTES,
    "receipts/<str:token>": [Visit("/receipts/{receipt}"), Visit("/receipts/x", status=404)],
    "guide/authors": [Visit("/guide/authors")],
    "guide/agent-starter.tgz": BYTES,
    "agent.schema.json": BYTES,
    "admin": LEADS_ON,
    "favicon.ico": LEADS_ON,
    ".well-known/security.txt": BYTES,
    ".well-known/api-catalog": BYTES,
    ".well-known/oauth-protected-resource": BYTES,
    ".well-known/oauth-protected-resource/mcp": BYTES,
    ".well-known/oauth-authorization-server": BYTES,
    "oauth/token": "Answers apps, no page.",
    "oauth/register": "Answers apps, no page.",
    "oauth/revoke": "Answers apps, no page.",
    "oauth/authorize": [
        Visit("/oauth/authorize?client_id=nobody", status=400),
        Visit(CONSENT, DORA),
        Visit(CONSENT.replace("S256", "plain"), DORA, status=400),
    ],
    "opensearch.xml": BYTES,
    "robots.txt": BYTES,
    "llms.txt": BYTES,
    "mcp": "Answers messages of programs, no page.",
    "sitemap.xml": BYTES,
    "sitemap-<slug:section>-<int:page>.xml": BYTES,
    "feeds/versions.atom": BYTES,
    "feeds/yanks.atom": BYTES,
    "feeds/search.atom": BYTES,
    "feeds/@<str:scope>.atom": BYTES,
    "feeds/@<str:scope>/<str:name>.atom": BYTES,
    "embed/@<str:scope>/<str:name>": [
        Visit("/embed/@dora/reviewed"),
        Visit("/embed/@dora/hostile"),
        Visit("/embed/@dora/arabic?theme=dark"),
        Visit("/embed/@dora/delisted", status=410),
    ],
    f"{AGENT}/share": [Visit(f"{COACH}/share"), Visit(f"{HOSTILE}/share", DORA)],
    f"{AGENT}/picture.png": BYTES,
    "badges/@<str:scope>/<str:name>/<str:kind>.svg": BYTES,
    "mock-wallet/<str:payment_hash>": ACTS,
    "gallery": each("/gallery", GUEST),
    "@<str:login>": [
        *each("/@dora", GUEST, DORA),
        Visit("/@grace"),
    ],
    "@<str:login>/reviews": [*each("/@grace/reviews", GUEST, GRACE), Visit("/@dora/reviews")],
    # Finding and reading.
    "agents": [
        Visit("/agents"),
        Visit("/agents?q=nothing-like-this&tag=a&channel=nonsense"),
        Visit("/agents?q=planner&category=productivity&channel=community&sort=name"),
    ],
    "agents/suggest": "The options of the search box, part of every page.",
    "agents/compare": [
        Visit("/agents/compare"),
        Visit("/agents/compare?id=@dora/hostile&id=@dora/reviewed&id=@dora/arabic"),
        Visit("/agents/compare?id=@dora/hostile&id=@dora/nothing", status=422),
    ],
    AGENT: [
        *each(HOSTILE, GUEST, DORA, ROOT),
        Visit(COACH),
        Visit("/agents/@dora/arabic"),
        Visit("/agents/@dora/emoji"),
        Visit("/agents/@dora/withheld"),
        Visit("/agents/@dora/delisted", status=410),
        Visit("/agents/@dora/delisted", DORA),
        Visit("/agents/@dora/nothing", status=404),
    ],
    f"{AGENT}/versions": [
        *each(f"{HOSTILE}/versions", GUEST),
        Visit("/agents/@dora/yanked/versions"),
    ],
    f"{AGENT}/downloads": [
        *each(f"{COACH}/downloads", GUEST),
        Visit(f"{HOSTILE}/downloads?days=7"),
        Visit(f"{HOSTILE}/downloads?days=many", status=400),
    ],
    f"{AGENT}/versions/<str:version>": [
        Visit(f"{HOSTILE}/versions/0.7.0"),
        Visit("/agents/@dora/yanked/versions/1.0.0"),
        Visit("/agents/@dora/withheld/versions/1.0.0"),
    ],
    f"{AGENT}/files": [
        *each(f"{HOSTILE}/files", GUEST),
        Visit("/agents/@dora/withheld/files", status=451),
    ],
    f"{AGENT}/versions/<str:version>/files": [Visit(f"{HOSTILE}/versions/0.7.0/files")],
    f"{AGENT}/versions/<str:version>/files/<path:path>": [
        Visit(f"{HOSTILE}/versions/1.0.0/files/README.md"),
        Visit(f"{HOSTILE}/versions/1.0.0/files/README.md?view=source"),
        Visit(f"{HOSTILE}/versions/0.7.0/files/agent.json"),
    ],
    "images/<str:sha256>.webp": BYTES,
    f"{AGENT}/changes": [
        *each(f"{HOSTILE}/changes", GUEST, DORA),
        Visit("/agents/@dora/arabic/changes", status=404),
    ],
    f"{AGENT}/changes/<str:old>...<str:new>": [
        Visit(f"{HOSTILE}/changes/0.6.0...0.7.0"),
        Visit(f"{HOSTILE}/changes/1.0.0...0.7.0"),
        Visit("/agents/@dora/changed/changes/1.0.0...2.0.0"),
        Visit(f"{HOSTILE}/changes/0.7.0...0.7.0", status=422),
    ],
    # Reviews and reports.
    REVIEWS: [
        *each(f"{COACH}/reviews", GUEST, DORA, GRACE),
        Visit(f"{COACH}/reviews?page=2"),
        *each("/agents/@dora/arabic/reviews", GUEST, DORA),
    ],
    f"{REVIEWS}/write": [
        Visit(f"{HOSTILE}/reviews/write", GRACE),
        Visit(f"{HOSTILE}/reviews/write", GRACE, 422, press="Publish review"),
        Visit(f"{HOSTILE}/reviews/write", DORA, 403),
    ],
    f"{REVIEWS}/<str:review_id>": LEADS_ON,
    f"{REVIEWS}/<str:review_id>/edit": each(f"{COACH}/reviews/{{own_review}}/edit", GRACE),
    f"{REVIEWS}/<str:review_id>/delete": each(f"{COACH}/reviews/{{own_review}}/delete", GRACE),
    f"{REVIEWS}/<str:review_id>/reply": each(f"{COACH}/reviews/{{review}}/reply", DORA),
    f"{REVIEWS}/<str:review_id>/reply/delete": each(
        f"{COACH}/reviews/{{review}}/reply/delete", DORA
    ),
    f"{REVIEWS}/<str:review_id>/report": each(f"{COACH}/reviews/{{review}}/report", GUEST, GRACE),
    f"{AGENT}/report": [
        *each(f"{HOSTILE}/report", GUEST, GRACE),
        Visit(f"{HOSTILE}/report", GUEST, 422, press=SEND),
    ],
    f"{AGENT}/versions/<str:version>/report": each(f"{HOSTILE}/versions/0.7.0/report", GUEST),
    "reports/<uuid:report_id>": each("/reports/{report}", GUEST, GRACE),
    "suspended": [Visit("/signin", press="Sign in", fill={"login": "eve"})],
    "appeals": [*each("/appeals", DORA, GRACE)],
    "appeals/new": [
        Visit("/appeals/new?decision={decision}", DORA),
        Visit("/appeals/new?decision={decision}", DORA, 422, press="Send"),
    ],
    # Publishing.
    "publish": [
        Visit("/publish", DORA),
        Visit("/publish", GRACE),
        Visit("/publish", DORA, 422, press="Check and preview", fill={"tarball": "not a package"}),
    ],
    "publish/agents": each("/publish/agents", DORA, GRACE),
    "publish/agents/@<str:scope>/<str:name>": each("/publish/agents/@dora/hostile", DORA),
    "publish/agents/@<str:scope>/<str:name>/published/<str:version>": [
        Visit("/publish/agents/@dora/hostile/published/1.0.0", DORA),
        Visit("/publish/agents/@dora/emoji/published/1.0.0-beta.1", DORA),
    ],
    "publish/agents/@<str:scope>/<str:name>/numbers": [
        Visit("/publish/agents/@dora/reviewed/numbers", DORA),
        Visit("/publish/agents/@dora/hostile/numbers?days=7&page=2", ROOT),
        Visit("/publish/agents/@dora/withheld/numbers", DORA),
    ],
    f"{AGENT}/versions/<str:version>/yank": [
        Visit(f"{HOSTILE}/versions/0.7.0/yank", DORA),
        Visit(f"{HOSTILE}/versions/0.7.0/yank", DORA, 422, press="Yank version 0.7.0"),
        Visit("/agents/@dora/yanked/versions/1.0.0/yank", DORA),
    ],
    "publish/drafts/<uuid:draft_id>": each("/publish/drafts/{draft}", DORA),
    "publish/drafts/<uuid:draft_id>/manifest": each("/publish/drafts/{import}/manifest", DORA),
    "publish/drafts/<uuid:draft_id>/package.tgz": BYTES,
    "publish/drafts/<uuid:draft_id>/publish": ACTS,
    "publish/drafts/<uuid:draft_id>/discard": ACTS,
    "publish/drafts/<uuid:draft_id>/assets/<int:place>": BYTES,
    "pictures/<uuid:user_id>/<str:sha256>.png": BYTES,
    # The account.
    "account": each("/account", DORA, GRACE),
    "account/welcome": "In test_rare_pages_are_accessible.",
    "account/profile": [
        Visit("/account/profile", DORA),
        Visit("/account/profile", DORA, 422, press="Save", fill={"website": "no address"}),
    ],
    "account/keys": each("/account/keys", DORA, GRACE),
    "account/keys/new": [
        Visit("/account/keys/new", DORA),
        Visit("/account/keys/new", DORA, 422, press="Create key"),
        Visit(
            "/account/keys/new",
            GRACE,
            201,
            press="Create key",
            fill={"name": "Laptop", "scopes": "on"},
        ),
    ],
    "account/apps/<uuid:app_id>/end": ACTS,
    "account/keys/<uuid:key_id>/revoke": ACTS,
    "account/ci": [
        Visit("/account/ci", DORA),
        Visit("/account/ci", DORA, 422, press="Trust this workflow"),
    ],
    "account/ci/<uuid:publisher_id>/remove": ACTS,
    "account/sessions": each("/account/sessions", DORA),
    "account/sessions/end": ACTS,
    "account/following": each("/account/following", DORA, GRACE),
    "account/follow": [
        Visit("/account/follow?agent=@dora/reviewed", GRACE),
        Visit("/account/follow?agent=@dora/reviewed", GRACE, press="Follow"),
        Visit("/account/follow?search=q%3Dplan", GRACE),
        Visit("/account/follow?agent=@dora/nothing", GRACE, 404),
    ],
    "feeds/following/<str:token>.atom": BYTES,
    "account/notices": each("/account/notices", DORA),
    "account/data": each("/account/data", DORA),
    "account/data/export": BYTES,
    "account/delete": each("/account/delete", DORA, GRACE),
    "account/deleted": each("/account/deleted", GUEST),
    # The studio.
    "studio": each("/studio", DORA, GRACE, ROOT),
    STUDIO: [*each("/studio/@dora", DORA), Visit("/studio/@dora", GRACE, 404)],
    f"{STUDIO}/types/<slug:slug>": [
        Visit("/studio/@dora/types/guide", DORA),
        Visit("/studio/@dora/types/guide?state=archived&q=x", DORA),
    ],
    f"{STUDIO}/types/<slug:slug>/new": [
        Visit("/studio/@dora/types/guide/new", DORA),
        Visit("/studio/@dora/types/guide/new", DORA, 422, press="Save draft"),
    ],
    f"{STUDIO}/new-type/<slug:slug>": ACTS,
    f"{STUDIO}/new-type": [
        Visit("/studio/@dora/new-type", DORA),
        Visit("/studio/@dora/new-type", DORA, 422, press="Create content type"),
    ],
    f"{STUDIO}/types/<slug:slug>/publish": ACTS,
    f"{STUDIO}/types/<slug:slug>/fields": each("/studio/@dora/types/guide/fields", DORA),
    f"{STUDIO}/types/<slug:slug>/delete": [
        Visit("/studio/@dora/types/guide/delete", DORA, 409, press="Delete content type")
    ],
    f"{STUDIO}/types/<slug:slug>/code": each("/studio/@dora/types/guide/code", DORA),
    f"{STUDIO}/types/<slug:slug>/code/<slug:kind>": BYTES,
    f"{STUDIO}/types/<slug:slug>/workflow": [
        Visit("/studio/@dora/types/guide/workflow", DORA),
    ],
    f"{STUDIO}/reviews": each("/studio/@dora/reviews", DORA),
    f"{STUDIO}/reviews/<uuid:task_id>": each("/studio/@dora/reviews/{task}", DORA),
    f"{STUDIO}/items/<uuid:item_id>/submit": each("/studio/@dora/items/{guide}/submit", DORA),
    f"{STUDIO}/items/<uuid:item_id>/comments": ACTS,
    f"{STUDIO}/feedback": [
        Visit("/studio/@dora/feedback", DORA),
        Visit("/studio/@dora/feedback", DORA, 422, press="Make a link"),
    ],
    f"{STUDIO}/feedback/<uuid:token_id>/revoke": ACTS,
    f"{STUDIO}/items/<uuid:item_id>/feedback": [
        Visit("/studio/@dora/items/{guide}/feedback", DORA),
    ],
    f"{STUDIO}/forms": [
        Visit("/studio/@dora/forms", DORA),
        Visit("/studio/store/forms", ROOT),
    ],
    f"{STUDIO}/forms/new": [
        Visit("/studio/@dora/forms/new?type=guide", DORA),
        Visit(
            "/studio/@dora/forms/new?type=guide",
            DORA,
            422,
            press="Save the form",
            fill={"slug": "Not a slug"},
        ),
    ],
    f"{STUDIO}/forms/<slug:slug>": [
        Visit("/studio/@dora/forms/claim", DORA),
        Visit("/studio/@dora/forms/claim?show=set-apart", DORA),
    ],
    f"{STUDIO}/forms/<slug:slug>/edit": each("/studio/@dora/forms/claim/edit", DORA),
    f"{STUDIO}/forms/<slug:slug>/preview": each("/studio/@dora/forms/claim/preview", DORA),
    f"{STUDIO}/forms/<slug:slug>/switch": each("/studio/@dora/forms/claim/switch", DORA),
    f"{STUDIO}/forms/<slug:slug>/export": BYTES,
    f"{STUDIO}/submissions/<uuid:submission_id>": [
        Visit("/studio/@dora/submissions/{submission}", DORA),
        Visit("/studio/@dora/submissions/{submission}", DORA, 422, press="Send the answer"),
    ],
    f"{STUDIO}/sales": each("/studio/@dora/sales", DORA),
    f"{STUDIO}/sales/<uuid:entitlement_id>": [
        *each("/studio/@dora/sales/{bought}", DORA),
        *each("/studio/@dora/sales/{bought_text}", DORA),
        Visit("/studio/@dora/sales/00000000-0000-0000-0000-000000000000", DORA, 404),
    ],
    f"{STUDIO}/offers/<uuid:offer_id>": each("/studio/@dora/offers/{text_offer}", DORA),
    f"{STUDIO}/types/<slug:slug>/sales": [
        *each("/studio/@dora/types/stories/sales", DORA),
        *each("/studio/@dora/types/guide/sales", DORA),
    ],
    f"{STUDIO}/items/<uuid:item_id>/sales": [
        *each("/studio/@dora/items/{story}/sales", DORA),
        Visit("/studio/@dora/items/{story}/sales", DORA, 422, press="Start selling"),
        *each("/studio/@dora/items/{story}", DORA),
        *each("/studio/@dora/types/stories", DORA),
    ],
    f"{STUDIO}/members": [
        Visit("/studio/@dora/members", DORA),
        Visit("/studio/@dora/members", DORA, 422, press="Invite"),
        Visit("/studio/store/members", ROOT),
    ],
    f"{STUDIO}/members/<str:login>": [Visit("/studio/@dora/members/grace", DORA)],
    f"{STUDIO}/invitation": ACTS,
    f"{STUDIO}/assets": [
        Visit("/studio/@dora/assets", DORA),
        Visit("/studio/@dora/assets", DORA, 422, press="Upload asset"),
    ],
    f"{STUDIO}/assets/upload": "An option of a field in the form of an item.",
    f"{STUDIO}/assets/<uuid:asset_id>/delete": each("/studio/@dora/assets/{asset}/delete", DORA),
    f"{STUDIO}/markdown": "A part of the form of an item.",
    f"{STUDIO}/jobs": each("/studio/@dora/jobs", DORA),
    f"{STUDIO}/decisions": each("/studio/@dora/decisions?outcome=all", DORA),
    f"{STUDIO}/webhooks": [
        Visit("/studio/@dora/webhooks", DORA),
        Visit("/studio/@dora/webhooks", DORA, 422, press="Make the webhook"),
        Visit("/studio/store/webhooks", ROOT),
    ],
    f"{STUDIO}/webhooks/events": "A part of the page of webhooks.",
    f"{STUDIO}/webhooks/<uuid:webhook_id>": each("/studio/@dora/webhooks/{webhook}", DORA),
    f"{STUDIO}/webhooks/<uuid:webhook_id>/deliveries/<uuid:delivery_id>": each(
        "/studio/@dora/webhooks/{webhook}/deliveries/{delivery}", DORA
    ),
    f"{STUDIO}/activity": each("/studio/@dora/activity", DORA),
    f"{STUDIO}/scheduled": each("/studio/@dora/scheduled", DORA),
    f"{STUDIO}/deleted": each("/studio/@dora/deleted", DORA),
    f"{STUDIO}/jobs/<uuid:job_id>/<change:change>": ACTS,
    f"{STUDIO}/items/<uuid:item_id>": each("/studio/@dora/items/{guide}", DORA),
    f"{STUDIO}/items/<uuid:item_id>/copy": each("/studio/@dora/items/{guide}/copy", DORA),
    f"{STUDIO}/items/<uuid:item_id>/history": each("/studio/@dora/items/{guide}/history", DORA),
    f"{STUDIO}/items/<uuid:item_id>/versions/<int:number>": each(
        "/studio/@dora/items/{guide}/versions/1", DORA
    ),
    f"{STUDIO}/items/<uuid:item_id>/changes/<int:old>...<int:new>": each(
        "/studio/@dora/items/{guide}/changes/1...3", DORA
    ),
    f"{STUDIO}/items/<uuid:item_id>/uses": each("/studio/@dora/items/{guide}/uses", DORA),
    f"{STUDIO}/items/<uuid:item_id>/schedule": [
        Visit("/studio/@dora/items/{guide}/schedule", DORA),
        Visit("/studio/@dora/items/{guide}/schedule", DORA, 422, press="Schedule"),
    ],
    f"{STUDIO}/items/<uuid:item_id>/preview": [
        Visit("/studio/@dora/items/{guide}/preview", DORA),
        Visit("/studio/@dora/items/{guide}/preview", DORA, press="Create preview link"),
    ],
    f"{STUDIO}/items/<uuid:item_id>/<state:change>": [
        Visit("/studio/@dora/items/{guide}/delete", DORA),
        Visit("/studio/@dora/items/{guide}/unpublish", DORA),
    ],
    "preview/<str:token>": [Visit("/preview/nonsense", status=401)],
    # Signing in and out.
    "signin": [Visit("/signin"), Visit("/signin", press="Sign in", fill={"login": "-no login-"})],
    "signout": ACTS,
    "device": [
        *each("/device", GUEST, GRACE),
        Visit("/device?user_code=ZZZZ-ZZZZ", GRACE, 404),
    ],
    "^device/(?P<decision>approved|denied)$": [
        *each("/device/approved", GRACE),
        *each("/device/denied", GRACE),
    ],
    # Pages of the sign-in library.
    "accounts/login/": LEADS_ON,
    "^accounts/github/": LEADS_ON,
    "^accounts/oidc/": LEADS_ON,
    "accounts/logout/": LEADS_ON,
    "accounts/inactive/": each("/accounts/inactive/", GUEST),
    "accounts/3rdparty/login/cancelled/": each("/accounts/3rdparty/login/cancelled/", GUEST),
    "accounts/3rdparty/login/error/": each("/accounts/3rdparty/login/error/", GUEST, status=401),
    "accounts/3rdparty/signup/": LEADS_ON,
    "accounts/3rdparty/": LEADS_ON,
    "accounts/sessions/": LEADS_ON,
    "accounts/social/login/cancelled/": LEADS_ON,
    "accounts/social/login/error/": LEADS_ON,
    "accounts/social/signup/": LEADS_ON,
    "accounts/social/connections/": LEADS_ON,
    "accounts/github/login/": LEADS_ON,
    "accounts/github/login/callback/": LEADS_ON,
    "accounts/oidc/login/": LEADS_ON,
    "accounts/oidc/login/callback/": LEADS_ON,
    "accounts/dummy/login/": "In development only.",
    "accounts/dummy/authenticate/": "In development only.",
}
# Pages without a route.
BESIDES = [
    Visit("/nowhere", status=404),
    Visit("/v1/docs"),
    # A body that is too large, and a form without its CSRF token.
    Visit(f"{COACH}/report", GUEST, 413, press=SEND, fill={TOKEN: "x" * 2_100_000}),
    Visit(f"{COACH}/report", GUEST, 403, press=SEND, fill={TOKEN: "x"}),
]


def visits() -> list[Visit]:
    looked_at = (entries for entries in ROUTES.values() if not isinstance(entries, str))
    return [visit for entries in looked_at for visit in entries] + BESIDES


def routes(resolver: URLResolver | None = None, before: str = "") -> Iterator[str]:
    """All URL patterns of the shop."""
    for entry in (resolver or get_resolver()).url_patterns:
        here = before + str(entry.pattern)
        if isinstance(entry, URLPattern):
            yield here
        elif not here.startswith(ELSEWHERE):
            yield from routes(entry, here)
