"""The list of static pages: views, footer, sitemap, llms.txt and tests read it."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

# Last part of the address → title. The text is templates/about/<part>.html.
STATIC_PAGES: dict[str, str | Promise] = {
    "terms": _("Terms"),
    "privacy": _("Privacy"),
    "content": _("Content policy"),
    "moderation": _("How moderation works"),
    "numbers": _("What the numbers mean"),
    "search": _("How search works"),
}
