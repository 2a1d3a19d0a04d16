"""The `/v1` API: all routers, the error envelope and the OpenAPI document."""

from collections.abc import Sequence
from typing import Any

import orjson
from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.http import Http404, HttpRequest, HttpResponse
from ninja import NinjaAPI
from ninja.errors import AuthenticationError, HttpError, ValidationError
from ninja.operation import Operation
from ninja.parser import Parser
from ninja.renderers import BaseRenderer
from ninja.types import DictStrAny

from clawstore import VERSION
from clawstore.author_stats.api import router as numbers_router
from clawstore.discovery.api import router as discovery_router
from clawstore.following.api import router as following_router
from clawstore.operation_ids import OPERATION_IDS
from clawstore.people.api import router as people_router
from clawstore.sales.api import router as install_router
from clawstore.web.middleware import as_refusal, envelope, refusal_response
from clawstore.web.remediation import RUNTIME_PATHS
from foundation.refusals import Malformed, Refusal, TooLarge, Unauthenticated
from foundation.web.responses import JSON
from moderation.api import router as moderation_router
from registry.api import router as registry_router
from reviews.api import router as review_router
from wordclaw.content.assets.api import router as asset_router
from wordclaw.content.items.api import router as content_item_router
from wordclaw.content.items.history.api import router as item_version_router
from wordclaw.content.previews.api import router as preview_router
from wordclaw.content.scheduling.api import router as schedule_router
from wordclaw.content.singletons.api import router as global_router
from wordclaw.content.types.api import router as content_type_router
from wordclaw.feedback.api import router as feedback_router
from wordclaw.forms.definitions.api import router as form_router
from wordclaw.forms.submissions.api import router as submission_router
from wordclaw.forms.uploads.api import router as form_upload_router
from wordclaw.payments.offers.api import router as offer_router
from wordclaw.payments.purchases.api import router as purchase_router
from wordclaw.payments.settlement.api import router as settlement_router
from wordclaw.policy.actions import record_refused
from wordclaw.policy.api import router as policy_router
from wordclaw.requests.api import keep_refusal
from wordclaw.webhooks.api import router as webhook_router
from wordclaw.workflow.comments.api import router as comment_router
from wordclaw.workflow.definitions.api import router as workflow_router
from wordclaw.workflow.reviews.api import router as task_router


class InvalidJson(Malformed):
    code = "invalid_json"
    message = "The body is not valid JSON."


class OrjsonParser(Parser):
    """Strict: no NaN, no lone surrogates, no integers that the database cannot hold."""

    def parse_body(self, request: HttpRequest) -> DictStrAny:
        try:
            body: DictStrAny = orjson.loads(request.body or b"null")
        except (orjson.JSONDecodeError, RecursionError) as error:
            raise InvalidJson from error
        except RequestDataTooBig as error:
            raise as_refusal(error) or TooLarge() from error
        return body


def pointer_to(location: Sequence[str | int]) -> str:
    """The JSON pointer to a place in a body."""
    return "".join(f"/{part}" for part in location)


class OrjsonRenderer(BaseRenderer):
    media_type = JSON

    def render(self, request: HttpRequest, data: Any, *, response_status: int) -> bytes:
        return orjson.dumps(data)


class Api(NinjaAPI):
    def get_content_type(self) -> str:
        """The type of every response, the same as that of `json_response`."""
        return JSON

    def get_openapi_operation_id(self, operation: Operation) -> str:
        """The public id of an operation, independent of the module that serves it."""
        key = f"{operation.methods[0]} {operation.path}"
        return OPERATION_IDS.get(key, operation.view_func.__name__)

    def on_exception(self, request: HttpRequest, exc: Any) -> HttpResponse:
        """Answer an error, and keep the answer for its idempotency key.

        A decision behind a refusal is written down here, after the transaction was rolled back.
        """
        record_refused(exc)
        try:
            response: HttpResponse = super().on_exception(request, exc)
        except Exception:
            keep_refusal(request, HttpResponse(status=500))
            raise
        keep_refusal(request, response)
        return response


api = Api(
    title=f"{settings.INSTANCE_NAME} API",
    version=VERSION,
    description="Search, read, publish and review agents. All errors have the same "
    'shape: `{"error": {"code", "message", "details"?}}`; codes are '
    "stable.",
    parser=OrjsonParser(),
    renderer=OrjsonRenderer(),
    docs_url=None,
    # Its view escapes and spaces the JSON; `clawstore.about.api_docs` serves the document.
    openapi_url=None,
    urls_namespace="v1",
)
api.add_router("", registry_router)
api.add_router("", install_router)
api.add_router("", review_router)
api.add_router("", moderation_router)
api.add_router("", people_router)
api.add_router("", following_router)
api.add_router("", discovery_router)
api.add_router("", numbers_router)
api.add_router("", policy_router)
api.add_router("", content_type_router)
api.add_router("", content_item_router)
api.add_router("", item_version_router)
api.add_router("", global_router)
api.add_router("", asset_router)
api.add_router("", preview_router)
api.add_router("", schedule_router)
api.add_router("", webhook_router)
api.add_router("", workflow_router)
api.add_router("", task_router)
api.add_router("", comment_router)
api.add_router("", form_router)
api.add_router("", feedback_router)
api.add_router("", submission_router)
api.add_router("", form_upload_router)
api.add_router("", offer_router)
api.add_router("", purchase_router)
api.add_router("", settlement_router)


@api.exception_handler(Refusal)
def refused(request: HttpRequest, refusal: Refusal) -> HttpResponse:
    return refusal_response(request, refusal)


@api.exception_handler(AuthenticationError)
def unauthenticated(request: HttpRequest, error: AuthenticationError) -> HttpResponse:
    return refusal_response(request, Unauthenticated())


@api.exception_handler(ValidationError)
def wrong_shape(request: HttpRequest, error: ValidationError) -> HttpResponse:
    """A body of the wrong shape is 422; a parameter in the address is 400."""
    in_body = any(violation["loc"][0] in ("body", "form", "file") for violation in error.errors)
    errors = [
        {"path": ".".join(str(part) for part in violation["loc"][1:]), "message": violation["msg"]}
        for violation in error.errors
    ]
    if in_body and request.path_info.startswith(RUNTIME_PATHS):
        for entry, violation in zip(errors, error.errors, strict=True):
            # Without the name of the parameter, which the sender of a body does not know.
            entry["pointer"] = pointer_to(violation["loc"][2:])
    unknown_pointers = [
        pointer_to(violation["loc"][2:])
        for violation in error.errors
        if violation["type"] == "extra_forbidden"
    ]
    if in_body and unknown_pointers:
        return envelope(
            "unknown_field",
            "The body has a field that this endpoint does not know.",
            {
                "fields": [pointer.removeprefix("/") for pointer in unknown_pointers],
                "pointer": unknown_pointers[0],
                "errors": errors,
            },
            422,
        )
    if in_body:
        return envelope(
            "invalid_body", "The body does not match the schema.", {"errors": errors}, 422
        )
    return envelope("invalid_parameter", "A parameter is invalid.", {"errors": errors}, 400)


@api.exception_handler(HttpError)
def framework_refusal(request: HttpRequest, error: HttpError) -> HttpResponse:
    # The framework wraps what our parser raises.
    if isinstance(error.__cause__, Refusal):
        return refusal_response(request, error.__cause__)
    code = "csrf_failed" if "CSRF" in error.message else "refused"
    return envelope(code, error.message, status=error.status_code)


@api.exception_handler(Http404)
def nothing_here(request: HttpRequest, error: Http404) -> HttpResponse:
    return envelope("not_found", "Not found.", status=404)
