"""Refusals of pages that show content."""

from foundation.refusals import Conflict, Invalid, NotFound


class InvalidPageSlug(Invalid):
    code = "content_page_slug_invalid"
    message = "The slug cannot be part of an address."
    remediation = "Use up to 64 lower-case letters, digits and single hyphens as the slug."


class PageSlugTaken(Conflict):
    """``details["contentItemId"]`` has the address already."""

    code = "content_page_slug_taken"
    message = "Another published item of this content type has this slug."
    remediation = "Change the slug, or unpublish the other item."


class PageNotFound(NotFound):
    code = "content_page_not_found"
    message = "There is no such page."


class StoreContent(Conflict):
    code = "store_content"
    message = "The store's own content is not taken down."
    remediation = "Unpublish it in the studio."


class StarterNotFound(NotFound):
    """``details["starters"]`` lists those that there are."""

    code = "starter_not_found"
    message = "There is no ready-made content type with this name for this domain."
    remediation = "Choose one of details.starters."
