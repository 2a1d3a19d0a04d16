"""What is wrong with an agent, in somebody's own words."""

from django import forms
from django.forms.boundfield import BoundWidget
from django.utils.translation import gettext_lazy as _

from moderation.models import DETAILS_LENGTH, Report
from profiles.forms import Paragraphs

# In words for people: what each reason is for.
REASON_WORDS = {
    Report.Reason.MALICIOUS: (
        _("It does harm"),
        _(
            "It takes secrets, data or money, hides what it does, or turns an agent against the "
            "person who runs it."
        ),
    ),
    Report.Reason.TRADEMARK: (
        _("It is somebody else's"),
        _("It uses a name, a mark or a work without a right to, or pretends to be somebody else."),
    ),
    Report.Reason.SPAM: (
        _("It is spam"),
        _("Advertising, an empty shell, the same thing many times; a review about nothing here."),
    ),
    Report.Reason.INAPPROPRIATE: (
        _("It does not belong here"),
        _(
            "Hate, harassment, somebody's private data, or anything else that the content policy "
            "does not allow."
        ),
    ),
    Report.Reason.OTHER: (
        _("Something else"),
        _("What maintainers should know, and none of the above says."),
    ),
}


class ReportForm(forms.Form):
    reason = forms.ChoiceField(
        label=_("What is wrong?"),
        choices=[(reason.value, words[0]) for reason, words in REASON_WORDS.items()],
        widget=forms.RadioSelect,
        error_messages={
            "required": _("Choose what is wrong."),
            "invalid_choice": _("Choose one of these."),
        },
    )
    details = Paragraphs(
        label=_("What did you see, and where?"),
        max_length=DETAILS_LENGTH,
        help_text=_(
            "The file, the line, the version, what happened when you ran it. At most 2,000 "
            "characters; leave out passwords and keys."
        ),
        widget=forms.Textarea(attrs={"rows": 7, "dir": "auto"}),
        error_messages={"required": _("Say what you saw: a reason alone is hard to check.")},
    )

    def reasons(self) -> list[tuple[BoundWidget, object]]:
        """Each radio button with the sentence that explains it."""
        explained = [words[1] for words in REASON_WORDS.values()]
        return list(zip(self["reason"], explained, strict=True))
