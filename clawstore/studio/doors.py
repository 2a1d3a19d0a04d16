"""The decorator of studio pages: rights, and forms that keep what was typed."""

from collections.abc import Callable, Mapping
from functools import wraps
from typing import Any, Concatenate, ParamSpec
from urllib.parse import parse_qsl

from django.contrib.auth.views import redirect_to_login
from django.core.files.uploadhandler import FileUploadHandler
from django.http import HttpRequest, HttpResponse, QueryDict
from django.middleware.csrf import CsrfViewMiddleware
from django.shortcuts import render
from django.utils.datastructures import MultiValueDict
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from clawstore.studio.editor.names import EXTRA_PREFIX, STEP, VALUE
from foundation.limits.middleware import consume_limit
from foundation.refusals import NotFound, Refusal, TooLarge
from foundation.web.requests import Request
from wordclaw.content.work import charged_work
from wordclaw.policy.actions import authorize, find_domain, record_refused
from wordclaw.policy.host import content_host
from wordclaw.policy.models import Domain

MAX_POSTED_FIELDS = 10_000
"""Fields of one form. A form has at most 2,000 controls with up to four fields each."""
FORM = "application/x-www-form-urlencoded"
RESOURCES = {
    "item_id": "content_item",
    "submission_id": "form_submission",
    "task_id": "review_task",
    "asset_id": "asset",
}
"""Parts of addresses with the type of the resource whose ID they are."""
P = ParamSpec("P")
StudioView = Callable[Concatenate["StudioRequest", Domain, P], HttpResponse]


class StudioRequest(Request):
    """A request to the studio.

    ``role`` is the member's role. ``is_verified`` is False for a form of an earlier session: it is
    shown again instead of being saved.
    """

    role: str
    is_verified: bool


class TooManyFields(TooLarge):
    code = "too_many_fields"
    message = "This form has too many fields. Edit such content with the API."


def studio_page(
    operation: str = "content.read",
    *,
    methods: tuple[str, ...] = ("GET", "HEAD"),
    keeps_text: bool = False,
    file_handler: Callable[[HttpRequest], FileUploadHandler] | None = None,
) -> Callable[[StudioView[P]], Callable[..., HttpResponse]]:
    """Let members with a right see a page: ``@studio_page("content.admin")``.

    For others it does not exist. With ``keeps_text`` a form that was sent without a session, or
    with that of an earlier one, is shown again with all that was typed, and so is one that was
    refused. ``file_handler`` receives the files of a form.
    """

    def decorate(view: StudioView[P]) -> Callable[..., HttpResponse]:
        # The token is checked in `_verify`, because the middleware cannot show the form again.
        @csrf_exempt
        @never_cache
        @require_http_methods(list(methods))
        @wraps(view)
        def page(request: StudioRequest, name: str, *args: P.args, **kwargs: P.kwargs) -> Any:
            _read_form(request)
            if not request.actor.is_known:
                return _sign_in(request, keeps_text=keeps_text)
            # A form that was read above has no files. Not before sign-in, so that strangers cannot
            # fill the disk; `_verify` reads the body.
            if file_handler is not None and request.content_type != FORM:
                request.upload_handlers = [file_handler(request)]
            rejection = _verify(request)
            request.is_verified = rejection is None
            # A form of another site is never shown again: it could get a click from the member.
            if rejection is not None and not (keeps_text and _is_same_origin(request)):
                return rejection
            try:
                if request.method == "POST":
                    consume_limit(request, "content", request.actor)
                domain = find_domain(name, request.actor)
                # Before the view, so that a forgotten check in a view opens nothing to strangers.
                request.role = _enter(request, operation, domain, kwargs)
                with charged_work(request.actor):
                    return view(request, domain, *args, **kwargs)
            except Refusal as refusal:
                record_refused(refusal)
                if request.method == "POST" and keeps_text:
                    return _kept_page(request, refusal)
                raise

        return page

    return decorate


def _enter(request: StudioRequest, operation: str, domain: Domain, names: Mapping[str, Any]) -> str:
    """Return the role. Raises NotFound if the page is about something that is hidden."""
    role = authorize(request.actor, operation, domain, resource_type="studio")
    hides = content_host().hides
    for name, kind in RESOURCES.items():
        resource_id = str(names.get(name, ""))
        if resource_id and hides(domain, request.actor, role, kind, resource_id):
            raise NotFound
    return role


def _read_form(request: HttpRequest) -> None:
    """Read a form that may have thousands of fields. Raises TooManyFields."""
    if request.method != "POST" or request.content_type != FORM:
        return
    try:
        # The middleware has limited the size of the body.
        pairs = parse_qsl(
            request.read().decode("utf-8", "replace"),
            keep_blank_values=True,
            max_num_fields=MAX_POSTED_FIELDS,
        )
    except ValueError:
        raise TooManyFields from None
    fields = QueryDict(mutable=True)
    for name, value in pairs:
        fields.appendlist(name, value)
    fields._mutable = False
    request._post, request._files = fields, MultiValueDict()  # type: ignore[attr-defined]


def _sign_in(request: StudioRequest, *, keeps_text: bool) -> HttpResponse:
    if request.method != "POST" or not keeps_text:
        return redirect_to_login(request.get_full_path())
    return render(request, "studio/signed_out.html", {"fields": _fields(request)}, status=401)


def _kept_page(request: StudioRequest, refusal: Refusal) -> HttpResponse:
    """A refusal with all that was typed, to be copied or sent again."""
    fields = _fields(request)
    texts = [
        (name.partition(":")[2] or name, value)
        for name, value in fields
        if value.strip() and name.startswith((VALUE, EXTRA_PREFIX, "schema", "body"))
    ]
    context = {"refusal": refusal, "fields": fields, "texts": texts}
    response = render(request, "studio/refused.html", context, status=refusal.status)
    if "retry_after" in refusal.details:
        response["Retry-After"] = str(refusal.details["retry_after"])
    return response


def _fields(request: HttpRequest) -> list[tuple[str, str]]:
    return [
        (name, str(value))
        for name, values in request.POST.lists()
        for value in values
        # The old token is invalid, and a step that is sent again would be done twice.
        if name not in ("csrfmiddlewaretoken", STEP)
    ]


def _verify(request: HttpRequest) -> HttpResponse | None:
    """Return the refusal of a form without the CSRF token of this session, or None."""

    def unreached(request: HttpRequest) -> HttpResponse:
        return HttpResponse()

    middleware = CsrfViewMiddleware(unreached)
    response: HttpResponse | None = middleware.process_view(request, unreached, (), {})
    return response


def _is_same_origin(request: HttpRequest) -> bool:
    """Whether the form was sent by a page of this site, not by another site."""
    return request.headers.get("Origin") == f"{request.scheme}://{request.get_host()}"
