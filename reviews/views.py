"""The reviews tab of an agent, and the forms for reviews and replies."""

from typing import Any

from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods, require_safe

from foundation.actor import ANONYMOUS
from foundation.limits.middleware import consume_limit
from foundation.paging import numbered_page
from foundation.refusals import Conflict, Refusal
from foundation.web.forms import add_refusal, form_page
from foundation.web.htmx import is_htmx, show_page
from foundation.web.page_cache import cached_page
from foundation.web.requests import Request
from registry.agents.addresses import redirect_to_lowercase
from registry.agents.detail import get_header
from registry.agents.queries import find_visible_agent, refuse_delisted
from registry.agents.revisions import agent_revision
from registry.models import Agent
from reviews.actions import (
    delete_reply,
    delete_review,
    edit_review,
    post_review,
    refuse_deletion,
    reply_to_review,
)
from reviews.errors import NotYourAgent, NotYourReview, ReplyNotFound, ReviewNotFound, SelfReview
from reviews.forms import ReplyForm, ReviewForm
from reviews.models import Review
from reviews.queries import find_review, own_review, place_of, ratings_of, reviews_of
from reviews.rules import may_edit, may_reply, may_review

REVIEWS_PER_PAGE = 20
READ_AND_WRITE = ["GET", "HEAD", "POST"]


@require_safe
@redirect_to_lowercase
@cached_page(revision=agent_revision)
def reviews(request: Request, scope: str, name: str) -> HttpResponse:
    """The average rating, the distribution of stars and the reviews, newest first."""
    agent = find_visible_agent(scope, name, by=request.actor)
    return render_reviews(request, agent, page=request.GET.get("page"))


def render_reviews(
    request: Request, agent: Agent, *, page: str | int | None, focus: object = None
) -> HttpResponse:
    """One page of an agent's reviews.

    ``focus`` gets the focus when htmx shows the page: the id of a review, or "own" for the link to
    write one.
    """
    pages = Paginator(reviews_of(agent.pk), REVIEWS_PER_PAGE)
    context = {
        "header": get_header(agent),
        "tab": "reviews",
        "ratings": ratings_of(agent.pk),
        "page": numbered_page(pages, page),
        "own": own_review(agent.pk, request.actor.user_id) if request.actor.is_known else None,
        "is_owner": request.actor.is_user(agent.owner_user_id),
        "focus": focus,
    }
    return render(request, "reviews/reviews.html", context)


@require_safe
@redirect_to_lowercase
def review_permalink(request: Request, scope: str, name: str, review_id: str) -> HttpResponse:
    """Redirect to the review in the list, on the page where it currently is."""
    agent = find_visible_agent(scope, name, by=request.actor)
    return redirect(address_of(find_review(agent, review_id)))


def address_of(review: Review) -> str:
    """The address of the review in the list of its agent's reviews."""
    return f"{list_address(review.agent, page_of(review))}#review-{review.pk}"


def page_of(review: Review) -> int:
    return place_of(review) // REVIEWS_PER_PAGE + 1


def list_address(agent: Agent, page: int = 1) -> str:
    address = reverse("reviews", args=[agent.scope, agent.name])
    return f"{address}?page={page}" if page > 1 else address


def show_review(request: Request, review: Review, message: str) -> HttpResponse:
    """Redirect to the review; for htmx the list itself, with focus on the review."""
    if not is_htmx(request):
        return redirect(address_of(review))
    # Read again: the heading shows the agent's rating.
    agent = find_visible_agent(review.agent.scope, review.agent.name, by=request.actor)
    response = render_reviews(request, agent, page=page_of(review), focus=review.pk)
    return show_page(request, response, address=address_of(review), message=message)


@login_required
@require_http_methods(READ_AND_WRITE)
@redirect_to_lowercase
def write(request: Request, scope: str, name: str) -> HttpResponse:
    """Write a first review; redirects to the form to edit it if there is one."""
    agent = reviewable_agent(request, scope, name)
    own = own_review(agent.pk, request.actor.user_id)
    form = ReviewForm(request.POST if request.method == "POST" else None)
    message = gettext("Review published.")
    if own and not form.is_bound:
        return redirect("edit_review", agent.scope, agent.name, own.pk)
    # A form sent twice leads to the review of the first time.
    if own and form.is_valid() and form.equals(own):
        own.agent = agent
        return show_review(request, own, message)
    refusal = None
    if form.is_bound and form.is_valid():
        try:
            consume_limit(request, "review", request.actor)
            review = post_review(agent, **form.cleaned_data, by=request.actor)
            return show_review(request, review, message)
        except Refusal as error:
            # The other click may have published the review meanwhile.
            own = own or own_review(agent.pk, request.actor.user_id)
            # The first of two clicks was still in progress when this one was checked.
            if own and isinstance(error, Conflict) and form.equals(own):
                own.agent = agent
                return show_review(request, own, message)
            refusal = add_refusal(form, error)
    context = {"agent": agent, "form": form, "own": own if isinstance(refusal, Conflict) else None}
    return form_page(request, "reviews/write.html", context, refusal)


@login_required
@require_http_methods(READ_AND_WRITE)
@redirect_to_lowercase
def edit(request: Request, scope: str, name: str, review_id: str) -> HttpResponse:
    """Edit the reader's review; saving the same content changes nothing."""
    agent = reviewable_agent(request, scope, name)
    review = find_review(agent, review_id)
    if not may_edit(review, request.actor):
        raise NotYourReview
    content = {"rating": review.rating, "title": review.title or "", "body": review.body or ""}
    form = ReviewForm(request.POST if request.method == "POST" else None, initial=content)
    refusal = None
    if form.is_bound and form.is_valid():
        try:
            if not form.equals(review):
                consume_limit(request, "review", request.actor)
                edit_review(review, form.cleaned_data, by=request.actor)
            return show_review(request, review, gettext("Review saved."))
        except Refusal as error:
            refusal = add_refusal(form, error)
    context = {"agent": agent, "form": form, "review": review}
    return form_page(request, "reviews/edit.html", context, refusal)


@login_required
@require_http_methods(READ_AND_WRITE)
@redirect_to_lowercase
def delete(request: Request, scope: str, name: str, review_id: str) -> HttpResponse:
    """Ask for confirmation, then delete; deleting twice is not an error."""
    agent = find_visible_agent(scope, name, by=request.actor)
    try:
        review = find_review(agent, review_id)
        refuse_deletion(review, request.actor)
        if request.method == "POST":
            consume_limit(request, "review", request.actor)
            delete_review(review, by=request.actor)
    except ReviewNotFound:
        if request.method != "POST":
            raise
    if request.method == "POST":
        return show_list(request, agent, gettext("Review deleted."))
    return confirm_page(request, "reviews/delete.html", {"agent": agent, "review": review})


def show_list(request: Request, agent: Agent, message: str) -> HttpResponse:
    """Redirect to the list; for htmx the list itself, with focus on "Write a review"."""
    if not is_htmx(request):
        return redirect(list_address(agent))
    # Read again: the heading shows the agent's rating.
    agent = find_visible_agent(agent.scope, agent.name, by=request.actor)
    response = render_reviews(request, agent, page=1, focus="own")
    return show_page(request, response, address=list_address(agent), message=message)


def confirm_page(request: Request, template: str, context: dict[str, Any]) -> HttpResponse:
    """The page that asks for confirmation; for htmx only its form."""
    return render(request, f"{template}#form" if is_htmx(request) else template, context)


@login_required
@require_http_methods(READ_AND_WRITE)
@redirect_to_lowercase
def reply(request: Request, scope: str, name: str, review_id: str) -> HttpResponse:
    """Reply to a review of the reader's agent, or edit the reply."""
    review = review_of_own_agent(request, scope, name, review_id)
    form = ReplyForm(
        request.POST if request.method == "POST" else None, initial={"body": review.reply or ""}
    )
    refusal = None
    if form.is_bound and form.is_valid():
        try:
            if form.cleaned_data["body"] != review.reply:
                consume_limit(request, "review", request.actor)
                reply_to_review(review, body=form.cleaned_data["body"], by=request.actor)
            return show_review(request, review, gettext("Reply published."))
        except Refusal as error:
            refusal = add_refusal(form, error)
    context = {"agent": review.agent, "form": form, "review": review}
    return form_page(request, "reviews/reply.html", context, refusal)


@login_required
@require_http_methods(READ_AND_WRITE)
@redirect_to_lowercase
def remove_reply(request: Request, scope: str, name: str, review_id: str) -> HttpResponse:
    """Ask for confirmation, then delete the reply; deleting twice is not an error."""
    review = review_of_own_agent(request, scope, name, review_id)
    if request.method == "POST":
        try:
            consume_limit(request, "review", request.actor)
            delete_reply(review, by=request.actor)
        except ReplyNotFound:
            pass  # The form was sent twice.
        return show_review(request, review, gettext("Reply deleted."))
    if review.reply is None:
        raise ReplyNotFound
    context = {"agent": review.agent, "review": review}
    return confirm_page(request, "reviews/delete_reply.html", context)


def reviewable_agent(request: Request, scope: str, name: str) -> Agent:
    """The agent. Raises SelfReview for its owner and Gone if it is delisted."""
    agent = find_visible_agent(scope, name, by=request.actor)
    # Owner and maintainers still see a delisted agent, but cannot review it either.
    refuse_delisted(agent, ANONYMOUS)
    if not may_review(agent, request.actor):
        raise SelfReview
    return agent


def review_of_own_agent(request: Request, scope: str, name: str, review_id: str) -> Review:
    """The review. Raises NotYourAgent unless the visitor owns its agent."""
    review = find_review(find_visible_agent(scope, name, by=request.actor), review_id)
    if not may_reply(review, request.actor):
        raise NotYourAgent
    return review
