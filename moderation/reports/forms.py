"""The report form."""

from typing import Any

from django import forms
from django.forms.boundfield import BoundWidget
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from foundation.web.forms import MultilineField
from moderation.models import DETAILS_LENGTH, Report

# Title and explanation of each reason.
REASON_WORDS = {
    Report.Reason.MALICIOUS: (
        _("Malicious"),
        _(
            "It steals secrets, data or money, hides what it does, or acts against "
            "the person who runs it; or it leads others to something that does."
        ),
    ),
    Report.Reason.TRADEMARK: (
        _("Copyright, trademark or impersonation"),
        _("It uses a name, trademark or work without permission, or impersonates someone."),
    ),
    Report.Reason.SPAM: (
        _("Spam"),
        _("Advertising, an agent without content, duplicates, or an off-topic review."),
    ),
    Report.Reason.INAPPROPRIATE: (
        _("Breaks the content policy"),
        _(
            "Hate, harassment, private data, or anything else that the content "
            "policy does not allow."
        ),
    ),
    Report.Reason.OTHER: (
        _("Something else"),
        _("None of the above, but maintainers should know."),
    ),
}


class ReportForm(forms.Form):
    reason = forms.ChoiceField(
        label=_("What is wrong?"),
        choices=[(reason.value, words[0]) for reason, words in REASON_WORDS.items()],
        widget=forms.RadioSelect,
        error_messages={
            "required": _("Select a reason."),
            "invalid_choice": _("Select one of these reasons."),
        },
    )
    details = MultilineField(
        label=_("What did you see, and where?"),
        max_length=DETAILS_LENGTH,
        help_text=format_lazy(
            _(
                "Name file and line, as in AGENTS.md:12, or quote the text in “quotation marks”: "
                "maintainers then see these lines beside your report. Or say what happened when "
                "you ran it. Up to {count} characters; don't include passwords or keys."
            ),
            count=f"{DETAILS_LENGTH:,}",
        ),
        widget=forms.Textarea(attrs={"rows": 7, "dir": "auto"}),
        error_messages={"required": _("Describe what you saw: a reason alone is hard to verify.")},
    )

    def __init__(self, *args: Any, is_about_review: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if is_about_review:
            self.fields["details"].label = _("What is wrong with it?")
            self.fields["details"].help_text = format_lazy(
                _(
                    "Quote what breaks the policy, and say why. Up to {count} characters; don't"
                    " include passwords or keys."
                ),
                count=f"{DETAILS_LENGTH:,}",
            )

    def reasons(self) -> list[tuple[BoundWidget, object]]:
        """Each radio button with the sentence that explains it."""
        explanations = [words[1] for words in REASON_WORDS.values()]
        return list(zip(self["reason"], explanations, strict=True))
