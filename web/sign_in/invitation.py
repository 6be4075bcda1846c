"""The page behind a link from the office: somebody sets their own password there, once."""

from __future__ import annotations

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.views.decorators.http import require_http_methods

from dispatch import audit
from dispatch.domain.errors import Invalid, NotFound
from dispatch.gateways.callers import address_of
from dispatch.gateways.counting import take
from dispatch.models.clock import database_now
from dispatch.selectors.accounts import Invited, invited
from dispatch.selectors.clock import market_now
from dispatch.services.accounts import LONGEST_PASSWORD, accept_invitation
from web.languages import words
from web.refusals import fields
from web.sign_in.notices import notice

OPERATION = "GET invitation page"


class PasswordForm(forms.Form):
    """The same, twice: what is typed cannot be seen."""

    password = forms.CharField(max_length=LONGEST_PASSWORD, strip=False)
    again = forms.CharField(max_length=LONGEST_PASSWORD, strip=False)

    def __init__(self, *args: object) -> None:
        super().__init__(*args)  # type: ignore[arg-type]
        self.label_suffix = ""
        said = words("invitation")
        for name, field in self.fields.items():
            field.label = said[name]
            field.widget = forms.PasswordInput(attrs={"autocomplete": "new-password"})

    def clean_again(self) -> str:
        again: str = self.cleaned_data["again"]
        if again != self.cleaned_data.get("password", again):
            raise forms.ValidationError(words("invitation")["differ"])
        return again


@require_http_methods(["GET", "HEAD", "POST"])
def invitation(request: HttpRequest, secret: str) -> HttpResponse:
    """Show whose account it is, or set the password; nothing is used up by a look.

    The secret in the address is the authority, and whoever is signed in here stays so.
    """
    whose = invited(secret, at=database_now())
    if whose is None:
        return notice(request, "invitation_gone", status=404)
    now = market_now(whose.market_id)
    if request.method != "POST":
        who = whose.market_id, "invited", OPERATION, "user_account", whose.user_id
        audit.read_by_link(*who, now=now)
        return _shown(request, whose, PasswordForm())
    take("sign_in_address", address_of(request))
    form = PasswordForm(request.POST)
    if form.is_valid():
        password = form.cleaned_data["password"]
        try:
            accept_invitation(secret, password, at=database_now(), now=now)
        except Invalid as refusal:
            form.add_error("password", fields(refusal)["password"])
        except NotFound:
            return notice(request, "invitation_gone", status=404)
        else:
            return _to_sign_in(request)
    return _shown(request, whose, form)


def _shown(request: HttpRequest, whose: Invited, form: PasswordForm) -> HttpResponse:
    context = {"words": words("invitation"), "form": form, "username": whose.username}
    return render(request, "web/sign_in/invitation.html", context)


def _to_sign_in(request: HttpRequest) -> HttpResponse:
    messages.success(request, words("invitation")["done"])
    answer = HttpResponseRedirect("/sign-in")
    answer.status_code = 303
    return answer
