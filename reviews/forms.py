"""Forms for reviews and replies. They check the shape; actions check the rules."""

from typing import Any

from django import forms
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from foundation.web.forms import MultilineField
from reviews.models import BODY_LENGTH, REPLY_LENGTH, TITLE_LENGTH, Review

STARS = [
    (1, _("1 star")),
    (2, _("2 stars")),
    (3, _("3 stars")),
    (4, _("4 stars")),
    (5, _("5 stars")),
]


class ReviewForm(forms.Form):
    rating = forms.TypedChoiceField(
        label=_("How many stars?"),
        choices=STARS,
        # The rule accepts integers only, and a form sends text.
        coerce=int,
        widget=forms.RadioSelect,
        error_messages={
            "required": _("Select a number of stars."),
            "invalid_choice": _("Select one to five stars."),
        },
    )
    title = forms.CharField(
        label=_("Title"),
        max_length=TITLE_LENGTH,
        required=False,
        help_text=_("Optional. Your opinion in a few words."),
        widget=forms.TextInput(attrs={"dir": "auto", "autocomplete": "off"}),
    )
    body = MultilineField(
        label=_("Your review"),
        max_length=BODY_LENGTH,
        required=False,
        help_text=format_lazy(
            _(
                "Optional. What you used it for, what worked well and what did not. "
                "Plain text, up to {count} characters."
            ),
            count=f"{BODY_LENGTH:,}",
        ),
        widget=forms.Textarea(attrs={"rows": 8, "dir": "auto"}),
    )

    def equals(self, review: Review) -> bool:
        """Whether saving the form would change nothing."""
        data: dict[str, Any] = self.cleaned_data
        # The form has empty texts where a review has null.
        current = (review.rating, review.title or "", review.body or "")
        return (data["rating"], data["title"], data["body"]) == current


class ReplyForm(forms.Form):
    body = MultilineField(
        label=_("Your reply"),
        max_length=REPLY_LENGTH,
        help_text=format_lazy(
            _("Public, shown below the review. Plain text, up to {count} characters."),
            count=f"{REPLY_LENGTH:,}",
        ),
        widget=forms.Textarea(attrs={"rows": 6, "dir": "auto"}),
        error_messages={"required": _("Enter a reply, or delete the reply.")},
    )
