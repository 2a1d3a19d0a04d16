"""Links of texts that belong to no package: to public pages of this site."""

from foundation.text.expressions import compile_text
from foundation.text.markdown_links import Picture

# No page that does something: a link of a text must not sign out, install or report.
PUBLIC_PAGE = compile_text(
    r"/(?:about|announcements|collections|guides)(?:/[a-z0-9-]+)?(?:#[A-Za-z0-9_-]+)?"
    r"|/@[a-z0-9-]+(?:/(?:guides|posts)/[a-z0-9-]+|/faq)?(?:#[A-Za-z0-9_-]+)?"
    r"|/agents(?:/@[a-z0-9-]+/[a-z0-9-]+(?:/(?:versions|reviews|guides))?)?"
    r"|/agents\\?(?:category|tag|q)=[a-zA-Z0-9%+-]+"
    r"|/guide/authors(?:#[A-Za-z0-9_-]+)?|/v1/docs"
)


class SiteLinks:
    """Keeps links to public pages; all others become plain text. No picture is shown."""

    def page(self, target: str) -> str:
        return target if PUBLIC_PAGE.fullmatch(target) else ""

    def picture(self, target: str) -> Picture | None:
        return None
