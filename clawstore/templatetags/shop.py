"""Template tags for all pages: dates, sizes, page numbers, cached templates."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from urllib.parse import quote

from django import template
from django.conf import settings
from django.core.paginator import Page
from django.template import Context
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.html import escape, format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language, gettext_lazy

from clawstore.about.pages import STATIC_PAGES
from clawstore.editorial.frame import make_frame, read_stored_frame
from clawstore.intake.store_forms import CONTACT, LEGAL_NOTICE
from foundation.web import dates

register = template.Library()


FOOTER_FORMS = {CONTACT: gettext_lazy("Contact"), LEGAL_NOTICE: gettext_lazy("Legal notice")}
"""Forms of the store with a link on every page, if they are open."""


@dataclass(frozen=True, slots=True)
class ShownFrame:
    """Content on every page, in the language of the page.

    ``links`` are open forms, policies and static pages, for the footer; ``forms`` the slugs of the
    store's open forms.
    """

    links: SafeString
    notice: SafeString | None
    notice_language: str
    is_important: bool
    forms: Sequence[str]


@register.simple_tag
def page_frame() -> ShownFrame:
    """The notice and the footer's links: ``{% page_frame as frame %}``."""
    return _show_frame(read_stored_frame(), get_language() or settings.LANGUAGE_CODE)


# To join the links takes as long as to read the content.
@lru_cache(maxsize=16)
def _show_frame(stored_frame: bytes, language: str) -> ShownFrame:
    frame = make_frame(stored_frame)
    notice_language, notice = frame.notice_in([language]) or ("", None)
    forms = [(slug, title) for slug, title in FOOTER_FORMS.items() if slug in frame.forms]
    chapters = (*frame.policies_in([language]), *STATIC_PAGES.items())
    links = format_html_join(
        "\n",
        '<a href="{}">{}</a>',
        (
            *((reverse("store_form", args=[slug]), title) for slug, title in forms),
            *((reverse("about", args=[slug]), title) for slug, title in chapters),
        ),
    )
    return ShownFrame(links, notice, notice_language, frame.is_important, frame.forms)


NEXT = "next-page"


@register.simple_tag(takes_context=True)
def masthead_nav(context: Context) -> SafeString:
    """The main navigation of the page's reader: ``{% masthead_nav %}``."""
    user, request = context.get("user"), context.get("request")
    match = request.resolver_match if request else None
    page = match.url_name if match else ""
    if user is not None and user.is_authenticated:
        needs = {"user": user, "page": page, "csrf_token": context.get("csrf_token")}
        return render_to_string("components/masthead/nav.html", needs)
    html = _anonymous_nav(page == "browse", bool(context.get("hide_sign_in")), get_language())
    query = f"?next={quote(request.get_full_path())}" if request and request.path != "/" else ""
    return mark_safe(html.replace(NEXT, escape(query)))


# The same on all pages but for the address to return to, and rendering it takes half a millisecond.
@lru_cache(maxsize=64)
def _anonymous_nav(is_browse: bool, hide_sign_in: bool, language: str) -> SafeString:
    needs = {"page": "browse" if is_browse else "", "next": NEXT, "hide_sign_in": hide_sign_in}
    return render_to_string("components/masthead/nav.html", needs)


CLIENT = "npx clawstore@0.1.7"
"""Runs the only version of the client that there is, without installing it."""


@dataclass(frozen=True, slots=True)
class ClientCommands:
    """Commands for a terminal; `install` is followed by an agent id."""

    set_registry: str
    run: str
    install: str
    # On a private site the client cannot install: it sends no key for the package.
    is_private: bool


@register.simple_tag
def client() -> ClientCommands:
    """The commands by which a terminal uses this instance."""
    return ClientCommands(
        set_registry=f"export CLAWSTORE_API_URL={settings.BASE_URL}/v1",
        run=f"{CLIENT} ",
        install=f"{CLIENT} install ",
        is_private=settings.SIGN_IN_TO_READ,
    )


@register.simple_tag
def download_with_key(scope: str, name: str, version: str) -> str:
    """The command that unpacks a package of a private site into its workspace."""
    package = f"{settings.BASE_URL}/v1/agents/{scope}/{name}/versions/{version}/tarball"
    folder = f"~/.openclaw/workspace-{name}"
    fetch = f'curl -fsH "Authorization: Bearer $CLAWSTORE_KEY" {package}'
    return f"mkdir -p {folder} && {fetch} | tar -xz -C {folder}"


@register.simple_tag
def add_to_openclaw(name: str) -> str:
    """The command that registers an installed agent, as the client prints it."""
    return f"openclaw agents add {name} --workspace ~/.openclaw/workspace-{name}"


KILO, UNITS = 1000, ("B", "kB", "MB", "GB")

register.simple_tag(dates.when)
register.simple_tag(dates.when_exactly)
register.simple_tag(dates.day)
register.simple_tag(dates.month)


@register.filter
def size(count: int | None) -> str:
    """A number of bytes as text: ``112 kB``, ``3.4 MB``."""
    amount = float(count or 0)
    for unit in UNITS:
        if amount < KILO or unit == UNITS[-1]:
            break
        amount /= KILO
    exact = unit == "B" or amount >= 10
    return f"{amount:.0f} {unit}" if exact else f"{amount:.1f} {unit}"


@register.simple_tag
def once(name: str, **needs: str) -> SafeString:
    """Render a template once per process, language and arguments.

    ``{% once "components/footer.html" instance_name=instance_name %}``. The template gets only the
    named arguments.
    """
    return _once(name, get_language(), tuple(sorted(needs.items())))


@lru_cache(maxsize=64)
def _once(name: str, language: str, needs: tuple[tuple[str, str], ...]) -> SafeString:
    return render_to_string(name, dict(needs))


@register.simple_tag(takes_context=True)
def page_links(context: Context, page: Page) -> SafeString:
    """Page numbers as items of a list, with gaps: ``{% page_links page %}``.

    Joined in Python: a page has ten, and each copies the query in a template.
    """
    parameters = context.request.GET.copy()  # type: ignore[attr-defined]
    parameters.pop("page", None)
    query = escape(parameters.urlencode())
    start = f"?{query}&amp;page=" if query else "?page="
    numbers = page.paginator.get_elided_page_range(page.number, on_each_side=2, on_ends=1)
    return mark_safe("\n".join(_page_link(start, number, page.number) for number in numbers))


def _page_link(start: str, number: int | str, current: int) -> str:
    if not isinstance(number, int):
        return f"<li><span>{number}</span></li>"
    mark = ' aria-current="page"' if number == current else ""
    return f'<li><a href="{start}{number}"{mark}>{number:,}</a></li>'
