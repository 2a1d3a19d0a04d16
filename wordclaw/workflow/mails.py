"""Emails about reviews of content."""

from collections.abc import Iterable
from uuid import UUID

from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from foundation.accounts.models import User
from foundation.audit.models import AuditLog
from foundation.notices.mails import mail_notice, page_url
from foundation.notices.rules import NoticeKind
from foundation.text.input import read_uuid
from wordclaw.policy.queries import people_with
from wordclaw.workflow.models import ReviewComment, ReviewTask, TaskSource, TaskStatus
from wordclaw.workflow.reviews.queries import with_people

KIND = "content_review"
NOTICE_KINDS = (
    NoticeKind(
        KIND,
        gettext_lazy("Reviews of content"),
        gettext_lazy("A text waits for your review, was decided on, or has a comment for you."),
    ),
)


def mail_review_wanted(event: AuditLog, *, cause: UUID) -> bool:
    """Email the assignee of a waiting task, or all reviewers."""
    task = _task(event.entity_id)
    # Read at the time of sending: it may be decided or submitted again meanwhile.
    if task is None or task.status != TaskStatus.PENDING:
        return False
    # Many people may send a form; the app of forms mails at most once an hour.
    if task.source == TaskSource.FORM:
        return False
    readers = _deciders(task)
    subject = (
        _("Feedback for @%(domain)s asks for changes")
        if task.is_feedback
        else _("A text of @%(domain)s waits for a review")
    )
    return _mail(readers, task, subject, "review_wanted", cause=cause)


def mail_review_overdue(event: AuditLog, *, cause: UUID) -> bool:
    """Email the assignee of an overdue task, or all reviewers."""
    task = _task(event.entity_id)
    # It may have been decided since it became overdue.
    if task is None or task.status != TaskStatus.PENDING:
        return False
    subject = _("A review of @%(domain)s is overdue")
    return _mail(_deciders(task), task, subject, "review_overdue", cause=cause)


def _deciders(task: ReviewTask) -> list[User]:
    """Return the assignee, or all reviewers who may decide."""
    if task.assignee is not None:
        return [task.assignee]
    # The rule of two people keeps these from deciding, so there is nothing to ask them for.
    own = {task.author_id, task.submitter_id} - {None}
    people = people_with(task.domain, "content.review")
    return [user for user in people if user.pk not in own]


def mail_review_decided(event: AuditLog, *, cause: UUID) -> bool:
    """Email a decision to author and submitter, unless they decided."""
    task = _task(event.entity_id)
    if task is None or task.status not in (TaskStatus.APPROVED, TaskStatus.REJECTED):
        return False
    # The sender of a form sees no studio, but a receipt, to which the app of forms leads.
    if task.source == TaskSource.FORM:
        return False
    is_approved = task.status == TaskStatus.APPROVED
    subject = (
        _("Your text for @%(domain)s was approved")
        if is_approved
        else _("Your text for @%(domain)s was rejected")
    )
    readers = {user.pk: user for user in (task.submitter, task.author) if user}
    people = [user for key, user in readers.items() if key != task.decider_id]
    return _mail(people, task, subject, "review_decided", cause=cause)


def mail_commented(event: AuditLog, *, cause: UUID) -> bool:
    """Email a comment to the people of the item's waiting task, and of the thread."""
    comments = ReviewComment.objects.select_related("author", "domain")
    comment = comments.filter(pk=read_uuid(event.entity_id)).first()
    if comment is None:
        return False
    tasks = ReviewTask.objects.filter(item_id=comment.item_id, status=TaskStatus.PENDING)
    task = with_people(tasks).first()
    people = [task.submitter, task.author, task.assignee] if task else []
    readers = {user.pk: user for user in people if user} | _people_of_thread(comment)
    recipients = [user for key, user in readers.items() if key != comment.author_id]
    domain = comment.domain.name
    results = [
        mail_notice(
            reader,
            KIND,
            subject=_("A comment on a text of @%(domain)s") % {"domain": domain},
            template="comment",
            cause=cause,
            domain=domain,
            # Without a review the editor shows the thread at its field.
            page=page_url("studio_review", domain, str(task.pk))
            if task
            else page_url("studio_item", domain, str(comment.item_id)),
            comment=comment,
        )
        for reader in recipients
    ]
    return any(results)


def _people_of_thread(comment: ReviewComment) -> dict[UUID, User]:
    """Return those who wrote in the thread of a reply, and are members still."""
    if comment.parent_id is None:
        return {}
    thread = Q(pk=comment.parent_id) | Q(parent=comment.parent_id)
    author_ids = set(ReviewComment.objects.filter(thread).values_list("author_id", flat=True))
    people = people_with(comment.domain, "content.read")
    return {user.pk: user for user in people if user.pk in author_ids}


def _task(task_id: str) -> ReviewTask | None:
    tasks = ReviewTask.objects.filter(pk=read_uuid(task_id), item__deleted_at=None)
    task: ReviewTask | None = with_people(tasks).first()
    return task


def _mail(
    readers: Iterable[User],
    task: ReviewTask,
    subject: str,
    template: str,
    *,
    cause: UUID,
    **context: object,
) -> bool:
    domain = task.domain
    results = [
        mail_notice(
            reader,
            KIND,
            subject=subject % {"domain": domain.name},
            template=template,
            cause=cause,
            task=task,
            domain=domain.name,
            page=page_url("studio_review", domain.name, str(task.pk)),
            **context,
        )
        for reader in readers
    ]
    return any(results)
