"""The form of a measure at the desk."""

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from foundation.desk.measures import Measure

MAX_REASON_LENGTH = 2000


class MeasureForm(forms.Form):
    """One applicable measure, a reason, and the fields that the measure asks for."""

    measure = forms.ChoiceField(
        label=_("Action"),
        error_messages={
            "required": _("Select an action."),
            "invalid_choice": _("This action is not available here, or no longer available."),
        },
    )
    reason = forms.CharField(
        label=_("Reason or notes"), required=False, max_length=MAX_REASON_LENGTH
    )

    def __init__(
        self,
        data: Any,
        measures: Sequence[Measure],
        extra: Mapping[str, forms.Field],
        *,
        initial: dict[str, Any] | None = None,
    ) -> None:
        super().__init__(data, initial=initial)
        self.measures = {measure.name: measure for measure in measures}
        self.fields["measure"].choices = [(m.name, m.label) for m in measures]  # type: ignore[attr-defined]
        for name, field in extra.items():
            # Which fields are required depends on the measure; `clean` checks it.
            field.required = False
            self.fields[name] = field

    @property
    def chosen(self) -> Measure:
        return self.measures[self.cleaned_data["measure"]]

    @property
    def written_fields(self) -> list[forms.BoundField]:
        """The fields of measures into which a maintainer writes."""
        names = dict.fromkeys(name for row in self.measures.values() for name in row.asks)
        kinds = (forms.CharField, forms.IntegerField)
        return [self[name] for name in names if isinstance(self.fields[name], kinds)]

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or self.cleaned_data
        measure = self.measures.get(data.get("measure", ""))
        if measure is None:
            return data
        if measure.needs_reason and not data.get("reason") and "reason" not in self.errors:
            self.add_error("reason", _("Enter a reason."))
        for name in measure.asks:
            if not data.get(name) and name not in self.errors:
                is_choice = hasattr(self.fields[name], "choices")
                words = _("Select an option.") if is_choice else _("Fill in this field.")
                self.add_error(name, words)
        return data
