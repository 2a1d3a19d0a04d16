"""Forms: a multi-line text field, refusals as errors, and the page of a form."""

from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from foundation.refusals import Gone, NotFound, Refusal
from foundation.web.htmx import is_htmx


class MultilineField(forms.CharField):
    """Text of several lines. A line break counts as one character, as in the browser."""

    widget = forms.Textarea

    def to_python(self, value: object) -> str:
        return str(super().to_python(str(value or "").replace("\r\n", "\n")))


def add_refusal(form: forms.Form, refusal: Refusal) -> Refusal:
    """Add a refusal's messages to the form's errors and return it, for `form_page`.

    An error about a field that the form does not have stands above the form. Raises the refusal
    again if it is Gone or NotFound: those have a page of their own.
    """
    if isinstance(refusal, Gone | NotFound):
        raise refusal
    errors = refusal.details.get("errors") or [{"path": None, "message": refusal.message}]
    for error in errors:
        path = error.get("path") or error.get("pointer")
        # Paths are those of the API, in camel case.
        letters = (f"_{letter.lower()}" if letter.isupper() else letter for letter in path or "")
        name = "".join(letters)
        if name in form.fields:
            form.add_error(name, error["message"])
        else:
            form.add_error(None, f"{path}: {error['message']}" if path else error["message"])
    return refusal


def form_page(
    request: HttpRequest, template: str, context: dict[str, Any], refusal: Refusal | None
) -> HttpResponse:
    """Render ``context["form"]`` with the refusal's status, 422 for errors, else 200.

    htmx gets the template's part named ``form`` alone.
    """
    if is_htmx(request):
        template = f"{template}#form"
    status = refusal.status if refusal else 422 if context["form"].errors else 200
    response = render(request, template, context, status=status)
    if refusal and "retry_after" in refusal.details:
        response["Retry-After"] = str(refusal.details["retry_after"])
    return response
