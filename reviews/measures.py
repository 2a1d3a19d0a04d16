"""The measure of the desk on reviews."""

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from foundation.desk.measures import Measure
from reviews.actions import delete_review

DELETE = Measure(
    name="delete",
    label=_("Delete the review"),
    consequence=_("The review is deleted permanently and the rating is recalculated."),
    readers=_("The reason is stored in the audit log."),
    run=lambda review, form, by: delete_review(review, reason=form["reason"], by=by),
    message=lambda review, form, by: (
        gettext("Deleted the review by @%s") % review.reviewer_user.username
    ),
)
