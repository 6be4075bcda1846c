"""The nurses who work in the market: everybody, one of them, and somebody new.

A form that is refused is shown again as an ordinary page: refusals by status tell of nobody.
"""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render

from dispatch.domain.errors import Conflict, Invalid
from dispatch.gateways.geocoding import states
from dispatch.selectors.clock import zone_of
from dispatch.selectors.office import NurseCard, nurse_card, nurse_cards, shifts_ahead
from dispatch.selectors.protocols import certificates_asked
from dispatch.services.staffing import add_nurse, change_nurse, close_nurse, open_nurse
from web.guarding import Visitor
from web.languages import words
from web.office.forms import CredentialForm, NewNurseForm, NurseForm, RenewForm
from web.refusals import sentence


def nurses(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    """Show everybody, with how what they hold stands."""
    cards = nurse_cards(visitor.by, now=visitor.now)
    context = {"words": words("office"), "nurses": cards, "codes": words("office_codes")}
    return render(request, "web/office/nurses.html", context)


def new_nurse(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    """Add somebody, then show her."""
    form = NewNurseForm(request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        try:
            nurse_id = add_nurse(**form.cleaned_data, by=visitor.by, now=visitor.now)
        except Invalid as refusal:
            form.refuse(refusal)
        else:
            return to_nurse(nurse_id)
    context = {"words": words("office"), "form": form}
    return render(request, "web/office/nurse_new.html", context)


def nurse(request: HttpRequest, visitor: Visitor, nurse_id: UUID) -> HttpResponse:
    """Show one of them, or change how she is called and reached."""
    if request.method != "POST":
        return nurse_page(request, visitor, nurse_id)
    form = NurseForm(request.POST, auto_id="nurse_%s")
    if not form.is_valid():
        return nurse_page(request, visitor, nurse_id, form=form)
    typed = form.cleaned_data
    try:
        change_nurse(
            nurse_id,
            name=typed["name"],
            phone=typed["phone"],
            zip_code=typed["new_zip_code"] or None,
            expected=typed["version"],
            by=visitor.by,
            now=visitor.now,
        )
    except Invalid as refusal:
        form.refuse(refusal)
        return nurse_page(request, visitor, nurse_id, form=form)
    except Conflict as refusal:
        return _collided(request, visitor, nurse_id, refusal)
    return to_nurse(nurse_id)


def close(request: HttpRequest, visitor: Visitor, nurse_id: UUID) -> HttpResponse:
    """Let her work here no longer."""
    try:
        close_nurse(nurse_id, by=visitor.by, now=visitor.now)
    except Conflict as refusal:
        return nurse_page(request, visitor, nurse_id, told=sentence(refusal))
    return to_nurse(nurse_id)


def open_again(request: HttpRequest, visitor: Visitor, nurse_id: UUID) -> HttpResponse:  # noqa: ARG001
    """Let her work here again."""
    open_nurse(nurse_id, by=visitor.by, now=visitor.now)
    return to_nurse(nurse_id)


def nurse_page(request: HttpRequest, visitor: Visitor, nurse_id: UUID, **more: Any) -> HttpResponse:
    """Show one nurse; a form that was refused, ``form``, ``licence``, ``certificate`` or
    ``renewal`` of the row ``renewed``, is shown as it was typed."""
    card = nurse_card(visitor.by, nurse_id, now=visitor.now)
    renewed = more.pop("renewed", {})
    renewals = [renewed.get(one.id, RenewForm(auto_id=f"renew_{one.id}_%s")) for one in card.held]
    context = {
        "words": words("office"),
        "nurse": card,
        "codes": words("office_codes"),
        "form": _form_of(card),
        "licence": credential_form("licence", visitor),
        "certificate": credential_form("certificate", visitor),
        "held": list(zip(card.held, renewals, strict=True)),
        "days": shifts_ahead(visitor.by, nurse_id=nurse_id, now=visitor.now),
        "zone": zone_of(visitor.by.market_id),
    }
    return render(request, "web/office/nurse.html", context | more)


def credential_form(kind: str, visitor: Visitor, typed: Any = None) -> CredentialForm:
    """Return the form for a new licence or certificate."""
    names = words("office_codes")
    codes = states() if kind == "licence" else certificates_asked(visitor.by.market_id)
    choices = [(code, names.get(code, code)) for code in sorted(codes)]
    return CredentialForm(choices, typed, auto_id=f"{kind}_%s")


def to_nurse(nurse_id: UUID) -> HttpResponse:
    answer = HttpResponseRedirect(f"/office/nurses/{nurse_id}")
    answer.status_code = 303
    return answer


def _collided(
    request: HttpRequest, visitor: Visitor, nurse_id: UUID, refusal: Conflict
) -> HttpResponse:
    """Show what the other one did, and keep what was about to be written over it."""
    card = nurse_card(visitor.by, nurse_id, now=visitor.now)
    typed = request.POST.copy()
    typed["version"] = str(card.version)
    more = {"form": NurseForm(typed, auto_id="nurse_%s"), "told": sentence(refusal)}
    return nurse_page(request, visitor, nurse_id, collided=True, **more)


def _form_of(card: NurseCard) -> NurseForm:
    known = {"name": card.name, "phone": card.phone, "version": card.version}
    return NurseForm(initial=known, auto_id="nurse_%s")
