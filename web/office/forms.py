"""What administrators type: read and named here, judged by the services."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import time
from typing import Any

from django import forms

from dispatch.domain.errors import Invalid
from dispatch.domain.people import LONGEST_NAME, Role
from dispatch.services.credentials import LONGEST_NUMBER
from dispatch.services.shifts import DAYS_A_WEEK
from web.languages import words
from web.refusals import fields, said_of

LONGEST_USER_NAME = 150
MADE_HERE = (Role.DISPATCHER.value, Role.PRESCRIBER.value, Role.ADMINISTRATOR.value)
"""Roles of which an account is all there is."""
ZONES = (
    "America/Anchorage",
    "America/Boise",
    "America/Chicago",
    "America/Denver",
    "America/Detroit",
    "America/Indiana/Indianapolis",
    "America/Kentucky/Louisville",
    "America/Los_Angeles",
    "America/New_York",
    "America/Phoenix",
    "America/Puerto_Rico",
    "Pacific/Honolulu",
)
"""Offered beside the market's own; the service takes any."""

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


class AccountForm(OfficeForm):
    role = forms.ChoiceField()
    name = forms.CharField(max_length=LONGEST_NAME)
    username = forms.CharField(max_length=LONGEST_USER_NAME)

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        named = words("office_roles")
        _offer(self.fields["role"], [(one, named[one]) for one in MADE_HERE])
        self.fields["username"].help_text = words("office_fields")["account_username_help"]


class MarketForm(OfficeForm):
    name = forms.CharField(max_length=100)
    office_phone = forms.CharField(max_length=32, widget=forms.TextInput(attrs={"type": "tel"}))
    zone = forms.ChoiceField()
    version = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, zone: str, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        field: Any = self.fields["zone"]
        field.choices = [(one, one.replace("_", " ")) for one in sorted({zone, *ZONES})]


class WeekForm(OfficeForm):
    weekdays = forms.MultipleChoiceField(widget=forms.CheckboxSelectMultiple)
    starts = TimeField()
    ends = TimeField()
    first_day = DayField()
    last_day = DayField()

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        said, last = words("office_fields"), self.fields["last_day"]
        self.fields["first_day"].label = said["first_of_days"]
        last.required, last.label = False, said["last_of_days"]
        last.help_text = said["open_end_help"]
        field: Any = self.fields["weekdays"]
        named = words("office_weekdays")
        field.choices = [(str(day), named[str(day)]) for day in range(DAYS_A_WEEK)]


class EndForm(OfficeForm):
    last_day = DayField()

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        self.fields["last_day"].label = words("office_fields")["last_of_days"]


class OtherDayForm(OfficeForm):
    day = DayField()
    starts = TimeField()
    ends = TimeField()

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        for name in ("starts", "ends"):
            self.fields[name].required = False
        self.fields["ends"].help_text = words("office_fields")["day_off_help"]

    def clean(self) -> dict[str, Any]:
        """One time alone is none."""
        typed = self.cleaned_data
        for name, other in (("starts", "ends"), ("ends", "starts")):
            if typed.get(name) is None and typed.get(other) is not None:
                self.add_error(name, said_of("both_times"))
        return typed

    def hours(self) -> tuple[time, time] | None:
        """Return what is worked on the day; None for a day off."""
        starts, ends = self.cleaned_data["starts"], self.cleaned_data["ends"]
        return None if starts is None or ends is None else (starts, ends)


def _offer(field: Any, choices: Iterable[tuple[str, str]]) -> None:
    field.choices = [("", "–"), *choices]
