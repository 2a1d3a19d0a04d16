"""The list of static pages: views, footer, sitemap, llms.txt and tests read it.

They explain what the code does, so their text is in templates. Policies are content of the store.
"""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

# Last part of the address → title. The text is templates/about/<part>.html.
STATIC_PAGES: dict[str, str | Promise] = {
    "numbers": _("What the numbers mean"),
    "search": _("How search works"),
}
