"""What a nurse holds: added, renewed and ended on her page."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpRequest, HttpResponse

from dispatch.domain.credentials import CredentialKind
from dispatch.domain.errors import Conflict, Invalid, NotFound
from dispatch.selectors.office import nurse_card
from dispatch.services.credentials import add_credential, end_credential, renew_credential
from web.guarding import Visitor
from web.office.forms import RenewForm
from web.office.nurses import credential_form, nurse_page, to_nurse
from web.refusals import sentence


def add_licence(request: HttpRequest, visitor: Visitor, nurse_id: UUID) -> HttpResponse:
    return _add(request, visitor, nurse_id, CredentialKind.LICENCE)


def add_certificate(request: HttpRequest, visitor: Visitor, nurse_id: UUID) -> HttpResponse:
    return _add(request, visitor, nurse_id, CredentialKind.CERTIFICATE)


def renew(
    request: HttpRequest, visitor: Visitor, nurse_id: UUID, kind: str, row_id: UUID
) -> HttpResponse:
    """Have it hold for longer."""
    _check_held(visitor, nurse_id, kind, row_id)
    form = RenewForm(request.POST, auto_id=f"renew_{row_id}_%s")
    if form.is_valid():
        day = form.cleaned_data["last_day"]
        try:
            renew_credential(CredentialKind(kind), row_id, day, by=visitor.by, now=visitor.now)
        except Invalid as refusal:
            form.refuse(refusal)
        else:
            return to_nurse(nurse_id)
    typed = {row_id: form}
    return nurse_page(request, visitor, nurse_id, renewed=typed)


def end(
    request: HttpRequest, visitor: Visitor, nurse_id: UUID, kind: str, row_id: UUID
) -> HttpResponse:
    """Have it hold no longer, from now on."""
    _check_held(visitor, nurse_id, kind, row_id)
    try:
        end_credential(CredentialKind(kind), row_id, by=visitor.by, now=visitor.now)
    except Conflict as refusal:
        return nurse_page(request, visitor, nurse_id, told=sentence(refusal))
    return to_nurse(nurse_id)


def _add(
    request: HttpRequest, visitor: Visitor, nurse_id: UUID, kind: CredentialKind
) -> HttpResponse:
    form = credential_form(kind.value, visitor, request.POST)
    if form.is_valid():
        typed = form.cleaned_data
        try:
            add_credential(nurse_id, kind, **typed, by=visitor.by, now=visitor.now)
        except Invalid as refusal:
            form.refuse(refusal)
        else:
            return to_nurse(nurse_id)
    return nurse_page(request, visitor, nurse_id, **{kind.value: form})


def _check_held(visitor: Visitor, nurse_id: UUID, kind: str, row_id: UUID) -> None:
    """Raise NotFound where it is not one of hers."""
    held = nurse_card(visitor.by, nurse_id, now=visitor.now).held
    if not any(one.id == row_id and one.kind == kind for one in held):
        raise NotFound("credential")
