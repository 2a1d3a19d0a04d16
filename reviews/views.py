"""The reviews of an agent: a tab of its page; and the forms to write, edit, delete and answer."""

from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from foundation.actor import NOBODY
from foundation.limits.middleware import consume_limit
from foundation.refusals import Conflict, Refusal
from foundation.web.addresses import redirect_to_lowercase
from foundation.web.forms import add_refusal, form_page
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


@require_safe
@redirect_to_lowercase
def reviews(request: Request, scope: str, name: str) -> HttpResponse:
    """The average, how the stars are spread, and what people say, newest first."""
    agent = find_agent(scope, name, by=request.actor)
    pages = Paginator(reviews_of(agent.pk), REVIEWS_PER_PAGE)
    context = {
        "heading": heading_of(agent),
        "tab": "reviews",
        "ratings": ratings_of(agent.pk),
        "page": pages.get_page(request.GET.get("page")),
        "own": own_review(agent.pk, request.actor.user_id) if request.actor.is_known else None,
        "is_owner": request.actor.is_user(agent.owner_user_id),
    }
    return render(request, "reviews/reviews.html", context)


@require_safe
@redirect_to_lowercase
def review(request: Request, scope: str, name: str, review_id: str) -> HttpResponse:
    """One review has an address that holds: it leads to where the review stands now."""
    found = find_review(find_agent(scope, name, by=request.actor), review_id)
    return redirect(address_of(found))


def address_of(found: Review) -> str:
    """Where a review stands among those of its agent, now."""
    number = place_of(found) // REVIEWS_PER_PAGE + 1
    page = f"?page={number}" if number > 1 else ""
    return f"{_all_reviews(found.agent)}{page}#review-{found.pk}"


def _all_reviews(agent: Agent) -> str:
    return reverse("reviews", args=[agent.scope, agent.name])


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
        return redirect(address_of(own) if form.is_bound else _to_edit(own))
    refusal = None
    if form.is_bound and form.is_valid():
        try:
            consume_limit(request, "review", request.actor)
            return redirect(address_of(post_review(agent, **form.cleaned_data, by=request.actor)))
        except Refusal as error:
            own = own or own_review(agent.pk, request.actor.user_id)
            if own and isinstance(error, Conflict) and form.equals(own):
                own.agent = agent
                return redirect(address_of(own))  # The first of two clicks was under way.
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
            return redirect(address_of(own))
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
        return redirect(_all_reviews(agent))
    return render(request, "reviews/delete.html", {"agent": agent, "review": found})


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
            return redirect(address_of(found))
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
        return redirect(address_of(found))
    if found.reply is None:
        raise ReplyNotFound
    return render(request, "reviews/delete_reply.html", {"agent": found.agent, "review": found})


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
