"""The page Following, the form of one follow, and the private feed."""

from typing import Any
from uuid import UUID

from django import forms
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.html import escape
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from clawstore.following.actions import feed_token_of, follow, replace_feed_address, unfollow
from clawstore.following.errors import NothingToFollow
from clawstore.following.models import Follow, FollowKind, FollowNews
from clawstore.following.news import ASKS_MORE, CHANGES, NEW_VERSION, WITHHELD, YANKED, AgentNews
from clawstore.following.queries import (
    find_follow,
    find_target,
    follows_of,
    news_of,
    user_of_feed,
)
from foundation.accounts.models import User
from foundation.limits.middleware import limited
from foundation.refusals import Conflict, Gone, Invalid, NotFound
from foundation.text.input import strip_invalid_xml
from foundation.web.forms import add_refusal
from foundation.web.requests import Request
from profiles.queries import scope_of
from registry.embeds.rendered import ATOM_CONTENT_TYPE, AtomFeed

READ_AND_WRITE = ["GET", "HEAD", "POST"]
CHOICES = {
    NEW_VERSION: gettext_lazy("New version"),
    ASKS_MORE: gettext_lazy("Asks for more"),
    YANKED: gettext_lazy("Yanked or deprecated"),
    WITHHELD: gettext_lazy("Withheld"),
}
MAX_NEWS = 20
MAX_FEED_ITEMS = 50


class FollowForm(forms.Form):
    """The events that a follower is told of, and the ways."""

    changes = forms.MultipleChoiceField(
        label=gettext_lazy("Tell me of"),
        choices=list(CHOICES.items()),
        required=False,
        initial=list(CHANGES),
        widget=forms.CheckboxSelectMultiple,
    )
    by_mail = forms.BooleanField(label=gettext_lazy("By email"), required=False, initial=True)
    by_webhook = forms.BooleanField(label=gettext_lazy("By webhook"), required=False)


@never_cache
@login_required
@limited("write")
@require_http_methods(READ_AND_WRITE)
def follow_one(request: Request) -> HttpResponse:
    """Show and save a follow of the subject in the address: ``?agent=@scope/name``."""
    kind, text = _subject(request)
    user_id = request.actor.require_user().pk
    target, title = _find_target(user_id, kind, text)
    row = find_follow(user_id, kind, target)
    form = FollowForm(request.POST if request.method == "POST" else None, initial=_initial(row))
    if request.method == "POST":
        if request.POST.get("do") == "end":
            unfollow(kind, target, by=request.actor)
            messages.success(request, _("You no longer follow %(title)s.") % {"title": title})
            return redirect("following")
        if _save(request, form, kind, text):
            messages.success(request, _("You follow %(title)s.") % {"title": title})
            return redirect("following")
    context = {
        "kind": kind,
        "title": title,
        "row": row,
        "form": form,
        "scope": scope_of(user_id),
    }
    status = 422 if form.errors else 200
    return render(request, "following/follow.html", context, status=status)


def _save(request: Request, form: FollowForm, kind: str, text: str) -> bool:
    if not form.is_valid():
        return False
    try:
        follow(kind, text, **form.cleaned_data, by=request.actor)
    except (Invalid, Conflict) as refusal:
        add_refusal(form, refusal)
        return False
    return True


def _subject(request: HttpRequest) -> tuple[str, str]:
    for kind in FollowKind.values:
        if kind in request.GET:
            return kind, request.GET[kind]
    raise NothingToFollow


def _find_target(user_id: UUID, kind: str, text: str) -> tuple[str, str]:
    try:
        return find_target(kind, text)
    except (Gone, NotFound):
        # What is gone can still be followed no longer.
        row = find_follow(user_id, kind, text)
        if row is None:
            raise
        return row.target, row.title


def _initial(row: Follow | None) -> dict[str, Any] | None:
    if row is None:
        return None
    changes = [change for change in CHANGES if getattr(row, f"wants_{change}")]
    return {"changes": changes, "by_mail": row.by_mail, "by_webhook": row.by_webhook}


@never_cache
@login_required
@limited("write")
@require_http_methods(READ_AND_WRITE)
def following(request: Request) -> HttpResponse:
    """The follows of a user, the latest news, and the address of the feed."""
    if request.method == "POST":
        replace_feed_address(by=request.actor)
        messages.success(request, _("The feed has a new address."))
        return redirect("following")
    user = User.objects.get(pk=request.actor.require("session").pk)
    feed_path = reverse("feed_following", args=[feed_token_of(user)])
    context = {
        "rows": [_row(row) for row in follows_of(user.pk)],
        "news": [_news(row) for row in news_of(user.pk, MAX_NEWS)],
        "feed": settings.BASE_URL + feed_path,
    }
    return render(request, "following/following.html", context)


def _row(row: Follow) -> dict[str, Any]:
    ways = [*([_("email")] if row.by_mail else []), *([_("webhook")] if row.by_webhook else [])]
    return {
        "follow": row,
        "changes": [label for change, label in CHOICES.items() if getattr(row, f"wants_{change}")],
        "ways": [*ways, _("feed")],
    }


def _news(row: FollowNews) -> dict[str, Any]:
    return {"news": AgentNews(**row.content), "moment": row.created_at}


@require_safe
@never_cache
def following_feed(request: HttpRequest, token: str) -> HttpResponse:
    """The news of one user as Atom, for all who have its secret address."""
    user = user_of_feed(token)
    address = settings.BASE_URL + request.path
    feed = AtomFeed(
        title=strip_invalid_xml(f"{_('Following')} · {settings.INSTANCE_NAME}"),
        link=settings.BASE_URL + reverse("following"),
        description="",
        language=settings.LANGUAGE_CODE,
        feed_url=address,
        # Without the token, which readers of feeds store and show.
        feed_guid=f"urn:uuid:{user.pk}",
    )
    for row in news_of(user.pk, MAX_FEED_ITEMS):
        news = AgentNews(**row.content)
        lines = [*news.growth, *filter(None, [news.reason])]
        feed.add_item(
            title=strip_invalid_xml(news.title),
            link=settings.BASE_URL + news.path,
            description=strip_invalid_xml("".join(f"<p>{escape(line)}</p>" for line in lines)),
            unique_id=f"urn:uuid:{row.pk}",
            pubdate=row.created_at,
            updateddate=row.created_at,
            author_name=settings.INSTANCE_NAME,
        )
    return HttpResponse(feed.writeString("utf-8"), content_type=ATOM_CONTENT_TYPE)
