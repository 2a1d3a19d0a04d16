"""Requests whose Content-Type cannot end them or change how addresses are read.

Django decodes and encodes query strings with the charset of a request's Content-Type, also of a GET
request whose page is then cached for all. And it looks up charsets that a header of RFC 2231 names
(`x*=utf-99''a`), which raises LookupError before any middleware runs.
"""

from typing import Any

from django.core.handlers.wsgi import WSGIHandler, WSGIRequest
from django.http.multipartparser import MultiPartParserError
from django.utils.http import parse_header_parameters


class StrictRequest(WSGIRequest):
    """A request in UTF-8, whatever its headers say."""

    def _set_content_type_params(self, meta: dict[str, Any]) -> None:
        try:
            content_type, parameters = parse_header_parameters(meta.get("CONTENT_TYPE", ""))
        except (LookupError, ValueError):
            # A body of no known type is refused by whatever needs one.
            content_type, parameters = "", {}
        # Django would decode all fields with it; every page and endpoint here is in UTF-8.
        parameters.pop("charset", None)
        self.content_type, self.content_params = content_type, parameters

    def parse_file_upload(self, META: Any, post_data: Any) -> Any:
        try:
            return super().parse_file_upload(META, post_data)
        except LookupError as error:
            raise MultiPartParserError("A part names an unknown charset.") from error


class StrictHandler(WSGIHandler):
    request_class = StrictRequest
