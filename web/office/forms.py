"""What administrators type: read and named here, judged by the services."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import forms

from dispatch.domain.errors import Invalid
from dispatch.services.credentials import LONGEST_NUMBER
from dispatch.services.staffing import LONGEST_NAME
from web.languages import words
from web.refusals import fields

DAY, TIME = "%Y-%m-%d", "%H:%M"


class DayField(forms.DateField):
    def __init__(self) -> None:
        look = forms.DateInput(format=DAY, attrs={"type": "date"})
        super().__init__(input_formats=[DAY], widget=look)


class TimeField(forms.TimeField):
    def __init__(self) -> None:
        look = forms.TimeInput(format=TIME, attrs={"type": "time"})
        super().__init__(input_formats=[TIME], widget=look)


class OfficeForm(forms.Form):
    """Labels are words of the page; what a service refuses stands at the field it names."""

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        self.label_suffix = ""
        said = words("office_fields")
        for name, field in self.fields.items():
            field.label = said[name]
            field.help_text = said.get(f"{name}_help", "")

    def refuse(self, refusal: Invalid) -> None:
        for name, sentence in fields(refusal).items():
            self.add_error(name if name in self.fields else None, sentence)


class NewNurseForm(OfficeForm):
    name = forms.CharField(max_length=LONGEST_NAME)
    username = forms.CharField(max_length=150)
    phone = forms.CharField(max_length=32, widget=forms.TextInput(attrs={"type": "tel"}))
    zip_code = forms.CharField(max_length=5, widget=forms.TextInput(attrs={"inputmode": "numeric"}))


class NurseForm(OfficeForm):
    name = forms.CharField(max_length=LONGEST_NAME)
    phone = forms.CharField(max_length=32, widget=forms.TextInput(attrs={"type": "tel"}))
    new_zip_code = forms.CharField(
        max_length=5, required=False, widget=forms.TextInput(attrs={"inputmode": "numeric"})
    )
    version = forms.IntegerField(widget=forms.HiddenInput)

    def refuse(self, refusal: Invalid) -> None:
        named = {"zip_code": "new_zip_code"}
        super().refuse(Invalid({named.get(k, k): text for k, text in refusal.fields.items()}))


class CredentialForm(OfficeForm):
    code = forms.ChoiceField()
    number = forms.CharField(max_length=LONGEST_NUMBER, required=False)
    first_day = DayField()
    last_day = DayField()

    def __init__(self, choices: Iterable[tuple[str, str]], *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        _offer(self.fields["code"], choices)


class RenewForm(OfficeForm):
    last_day = DayField()


class ShiftForm(OfficeForm):
    nurse = forms.ChoiceField()
    day = DayField()
    starts = TimeField()
    ends = TimeField()

    def __init__(self, choices: Iterable[tuple[str, str]], *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        _offer(self.fields["nurse"], choices)


def _offer(field: Any, choices: Iterable[tuple[str, str]]) -> None:
    field.choices = [("", "–"), *choices]
