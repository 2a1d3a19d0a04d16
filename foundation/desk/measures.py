"""Measures: what a maintainer can do to a row at the desk, and their form."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from foundation.actor import Actor

MAX_WORDS_LENGTH = 2000


@dataclass(frozen=True, slots=True, kw_only=True)
class Measure:
    """An action that a maintainer can take on a row.

    ``run(row, form_data, by)`` returns False if nothing changed, and may raise a refusal.
    ``readers`` tells who reads the reason. ``asks`` names the extra form fields that are required.
    ``done(row, form_data, by)`` returns the message after the measure; without it the label serves.
    """

    name: str
    label: Any
    consequence: Any
    readers: Any
    run: Callable[[Any, Mapping[str, Any], Actor], object]
    needs_words: bool = True
    asks: tuple[str, ...] = ()
    applies: Callable[[Any], bool] = lambda row: True
    done: Callable[[Any, Mapping[str, Any], Actor], str] | None = None


class MeasureForm(forms.Form):
    """One applicable measure, a reason, and the fields that the measure asks for."""

    measure = forms.ChoiceField(
        label=_("Action"),
        error_messages={
            "required": _("Select an action."),
            "invalid_choice": _("This action is not available here, or no longer available."),
        },
    )
    words = forms.CharField(label=_("Reason or notes"), required=False, max_length=MAX_WORDS_LENGTH)

    def __init__(
        self, data: Any, measures: Sequence[Measure], extra: Mapping[str, forms.Field]
    ) -> None:
        super().__init__(data)
        self.measures = {measure.name: measure for measure in measures}
        self.fields["measure"].choices = [(m.name, m.label) for m in measures]  # type: ignore[attr-defined]
        for name, field in extra.items():
            field.required = False
            self.fields[name] = field

    @property
    def chosen(self) -> Measure:
        return self.measures[self.cleaned_data["measure"]]

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or self.cleaned_data
        measure = self.measures.get(data.get("measure", ""))
        if measure is None:
            return data
        if measure.needs_words and not data.get("words") and "words" not in self.errors:
            self.add_error("words", _("Enter a reason."))
        for name in measure.asks:
            if not data.get(name) and name not in self.errors:
                self.add_error(name, _("Select an option."))
        return data
