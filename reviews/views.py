"""The reviews of an agent: a tab of its page; and the forms to write, edit, delete and answer."""

from collections.abc import Mapping

from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_safe

from foundation.actor import NOBODY
from foundation.limits.middleware import consume_limit
from foundation.refusals import Conflict, Refusal
from foundation.web.addresses import redirect_to_lowercase
from foundation.web.forms import add_refusal, form_page
from foundation.web.htmx import is_htmx, show_page
from foundation.web.requests import Request
from registry.agents.detail import heading_of
from registry.agents.queries import find_agent, refuse_delisted
from registry.models import Agent
from reviews.actions import (
    delete_reply,
    delete_review,
    edit_review,
    post_review,
    reply_to_review,
)
from reviews.errors import NotYourAgent, NotYourReview, ReplyNotFound, ReviewNotFound, SelfReview
from reviews.forms import ReplyForm, ReviewForm
from reviews.models import Review
from reviews.queries import find_review, own_review, place_of, ratings_of, reviews_of
from reviews.rules import may_delete, may_edit, may_reply, may_review

REVIEWS_PER_PAGE = 20
READ_AND_WRITE = ["GET", "HEAD", "POST"]
Words = str | Promise
POSTED = _("Review published.")


@require_safe
@redirect_to_lowercase
def reviews(request: Request, scope: str, name: str) -> HttpResponse:
    """The average, how the stars are spread, and what people say, newest first."""
    agent = find_agent(scope, name, by=request.actor)
    return render_reviews(request, agent, number=request.GET.get("page"))


def render_reviews(
    request: Request, agent: Agent, *, number: str | int | None, focus: object = None
) -> HttpResponse:
    """One page of an agent's reviews.

    ``focus`` is what gets the focus when the page replaces another: a review's id or "own", the
    place of the reader's own review.
    """
    pages = Paginator(reviews_of(agent.pk), REVIEWS_PER_PAGE)
    context = {
        "heading": heading_of(agent),
        "tab": "reviews",
        "ratings": ratings_of(agent.pk),
        "page": pages.get_page(number),
        "own": own_review(agent.pk, request.actor.user_id) if request.actor.is_known else None,
        "is_owner": request.actor.is_user(agent.owner_user_id),
        "focus": focus,
    }
    return render(request, "reviews/reviews.html", context)


@require_safe
@redirect_to_lowercase
def review(request: Request, scope: str, name: str, review_id: str) -> HttpResponse:
    """One review has an address that holds: it leads to where the review stands now."""
    found = find_review(find_agent(scope, name, by=request.actor), review_id)
    return redirect(address_of(found))


def address_of(review: Review) -> str:
    """The address of the list of reviews, at this review."""
    return f"{_all_reviews(review.agent, _page_of(review))}#review-{review.pk}"


def _page_of(review: Review) -> int:
    return place_of(review) // REVIEWS_PER_PAGE + 1


def _all_reviews(agent: Agent, number: int = 1) -> str:
    address = reverse("reviews", args=[agent.scope, agent.name])
    return f"{address}?page={number}" if number > 1 else address


def _show_review(request: Request, review: Review, message: Words) -> HttpResponse:
    """Lead to the review; in place for htmx, with the message announced."""
    if not is_htmx(request):
        return redirect(address_of(review))
    # The rating in the agent's heading may have changed.
    agent = find_agent(review.agent.scope, review.agent.name, by=request.actor)
    page = render_reviews(request, agent, number=_page_of(review), focus=review.pk)
    return show_page(request, page, address=address_of(review), message=str(message))


@login_required
@require_http_methods(READ_AND_WRITE)
@redirect_to_lowercase
def write(request: Request, scope: str, name: str) -> HttpResponse:
    """A first review. Who has written one already gets it to edit."""
    agent = _reviewable(request, scope, name)
    own = own_review(agent.pk, request.actor.user_id)
    form = ReviewForm(request.POST if request.method == "POST" else None)
    if own and (not form.is_bound or (form.is_valid() and form.equals(own))):
        own.agent = agent
        # A form sent twice leads where the first one led.
        return _show_review(request, own, POSTED) if form.is_bound else redirect(_to_edit(own))
    refusal = None
    if form.is_bound and form.is_valid():
        try:
            consume_limit(request, "review", request.actor)
            review = post_review(agent, **form.cleaned_data, by=request.actor)
            return _show_review(request, review, POSTED)
        except Refusal as error:
            own = own or own_review(agent.pk, request.actor.user_id)
            if own and isinstance(error, Conflict) and form.equals(own):
                own.agent = agent
                # The first of two clicks was under way.
                return _show_review(request, own, POSTED)
            refusal = add_refusal(form, error)
    context = {"agent": agent, "form": form, "own": own if isinstance(refusal, Conflict) else None}
    return form_page(request, "reviews/write.html", context, refusal)


@login_required
@require_http_methods(READ_AND_WRITE)
@redirect_to_lowercase
def edit(request: Request, scope: str, name: str, review_id: str) -> HttpResponse:
    """One's own review, to be changed. Saving what already stands there changes nothing."""
    agent = _reviewable(request, scope, name)
    own = find_review(agent, review_id)
    if not may_edit(own, request.actor):
        raise NotYourReview
    kept = {"rating": own.rating, "title": own.title or "", "body": own.body or ""}
    form = ReviewForm(request.POST if request.method == "POST" else None, initial=kept)
    refusal = None
    if form.is_bound and form.is_valid():
        try:
            if not form.equals(own):
                consume_limit(request, "review", request.actor)
                edit_review(own, form.cleaned_data, by=request.actor)
            return _show_review(request, own, _("Review saved."))
        except Refusal as error:
            refusal = add_refusal(form, error)
    context = {"agent": agent, "form": form, "review": own}
    return form_page(request, "reviews/edit.html", context, refusal)


@login_required
@require_http_methods(READ_AND_WRITE)
@redirect_to_lowercase
def delete(request: Request, scope: str, name: str, review_id: str) -> HttpResponse:
    """Asks once; what is gone already stays gone."""
    agent = find_agent(scope, name, by=request.actor)
    try:
        found = find_review(agent, review_id)
        if not may_delete(found, request.actor):
            raise NotYourReview
        if request.method == "POST":
            consume_limit(request, "review", request.actor)
            delete_review(found, by=request.actor)
    except ReviewNotFound:
        if request.method != "POST":
            raise
    if request.method == "POST":
        return _show_own(request, agent, _("Review deleted."))
    return _question(request, "reviews/delete.html", {"agent": agent, "review": found})


@login_required
@require_http_methods(READ_AND_WRITE)
@redirect_to_lowercase
def reply(request: Request, scope: str, name: str, review_id: str) -> HttpResponse:
    """What the owner answers: one reply, which can be written again."""
    found = _answerable(request, scope, name, review_id)
    form = ReplyForm(
        request.POST if request.method == "POST" else None, initial={"body": found.reply or ""}
    )
    refusal = None
    if form.is_bound and form.is_valid():
        try:
            if form.cleaned_data["body"] != found.reply:
                consume_limit(request, "review", request.actor)
                reply_to_review(found, body=form.cleaned_data["body"], by=request.actor)
            return _show_review(request, found, _("Reply published."))
        except Refusal as error:
            refusal = add_refusal(form, error)
    context = {"agent": found.agent, "form": form, "review": found}
    return form_page(request, "reviews/reply.html", context, refusal)


@login_required
@require_http_methods(READ_AND_WRITE)
@redirect_to_lowercase
def remove_reply(request: Request, scope: str, name: str, review_id: str) -> HttpResponse:
    found = _answerable(request, scope, name, review_id)
    if request.method == "POST":
        try:
            consume_limit(request, "review", request.actor)
            delete_reply(found, by=request.actor)
        except ReplyNotFound:
            pass  # Sent twice: it is gone, as wished.
        return _show_review(request, found, _("Reply deleted."))
    if found.reply is None:
        raise ReplyNotFound
    context = {"agent": found.agent, "review": found}
    return _question(request, "reviews/delete_reply.html", context)


def _show_own(request: Request, agent: Agent, message: Words) -> HttpResponse:
    """Lead to the list of reviews; in place for htmx, with the focus on "Write a review"."""
    if not is_htmx(request):
        return redirect(_all_reviews(agent))
    agent = find_agent(agent.scope, agent.name, by=request.actor)
    page = render_reviews(request, agent, number=1, focus="own")
    return show_page(request, page, address=_all_reviews(agent), message=str(message))


def _question(request: Request, template: str, context: Mapping[str, object]) -> HttpResponse:
    """The page that asks before something is deleted; for htmx its form alone."""
    return render(request, f"{template}#form" if is_htmx(request) else template, dict(context))


def _reviewable(request: Request, scope: str, name: str) -> Agent:
    """The agent, for whoever may say something of it; refuses its owner, and what is delisted."""
    agent = find_agent(scope, name, by=request.actor)
    # Nobody reviews what is gone, not even those who can still see it.
    refuse_delisted(agent, NOBODY)
    if not may_review(agent, request.actor):
        raise SelfReview
    return agent


def _answerable(request: Request, scope: str, name: str, review_id: str) -> Review:
    """The review, for the owner of its agent alone."""
    found = find_review(find_agent(scope, name, by=request.actor), review_id)
    if not may_reply(found, request.actor):
        raise NotYourAgent
    return found


def _to_edit(own: Review) -> str:
    return reverse("edit_review", args=[own.agent.scope, own.agent.name, own.pk])
