"""Sign-in of the desk, and its search."""

from django.contrib import admin
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from clawstore.desk.lookup import find_page, is_in_log, list_matches
from foundation.desk.admin import list_url
from registry.errors import NotMaintainer

# The longest name is that of a version.
MAX_LENGTH = 300


@never_cache
def desk_sign_in(request: HttpRequest) -> HttpResponse:
    """Redirect to the normal sign-in, because accounts have no passwords.

    Raises NotMaintainer for a signed-in user who may not enter the desk.
    """
    if request.user.is_authenticated and not request.user.is_staff:
        raise NotMaintainer
    back = request.GET.get("next") or reverse("admin:index")
    return redirect_to_login(back, login_url=reverse("account_login"))


@require_safe
def find(request: HttpRequest) -> HttpResponse:
    """Go to the page of what was named, or show the lists that have it."""
    text = " ".join(request.GET.get("q", "").split())[:MAX_LENGTH]
    address = find_page(text)
    matches = [] if address else list_matches(text)
    # A request, the hash of an address and the words of a reason are in the audit log alone.
    reader_id = request.user.pk
    if not address and not matches and is_in_log(text, reader_id=reader_id):
        address = list_url("audit_auditlog", q=text)
    if address:
        return HttpResponseRedirect(address)
    context = {
        **admin.site.each_context(request),
        "is_nav_sidebar_enabled": False,
        "title": "Search",
        "query": text,
        "matches": matches,
    }
    return render(request, "admin/desk/find.html", context)
