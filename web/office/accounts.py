"""Who may sign in: the staff's accounts, a link that lets one in, and what is taken from them.

A link is shown once, in the answer to who made it: it stands in no address of a page of ours but
its own, and in no table.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render

from dispatch.domain.errors import Conflict, Invalid
from dispatch.models.clock import database_now
from dispatch.selectors import accounts as seen
from dispatch.selectors.clock import zone_of
from dispatch.services import accounts as kept
from web.guarding import Visitor
from web.languages import words
from web.office.forms import AccountForm
from web.refusals import sentence


def accounts(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    """Show everybody who works here, and how they sign in."""
    found = seen.accounts(visitor.by, at=database_now())
    context = {"words": words("office"), "roles": words("office_roles"), "accounts": found}
    return render(request, "web/office/accounts.html", context)


def new_account(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    """Add somebody, then show them; a link is made on their page."""
    form = AccountForm(request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        try:
            user_id = kept.add_account(**form.cleaned_data, by=visitor.by, now=visitor.now)
        except Invalid as refusal:
            form.refuse(refusal)
        else:
            return _to_account(user_id)
    context = {"words": words("office"), "form": form}
    return render(request, "web/office/account_new.html", context)


def account(request: HttpRequest, visitor: Visitor, user_id: UUID) -> HttpResponse:
    """Show one of them."""
    return _shown(request, visitor, user_id)


def link(request: HttpRequest, visitor: Visitor, user_id: UUID) -> HttpResponse:
    """Make the link under which a password is set, and show it, this once."""
    try:
        secret = kept.invite(user_id, by=visitor.by, at=database_now(), now=visitor.now)
    except Conflict as refusal:
        return _shown(request, visitor, user_id, told=sentence(refusal))
    return _shown(request, visitor, user_id, link=seen.invitation_link(secret))


def second_factor(request: HttpRequest, visitor: Visitor, user_id: UUID) -> HttpResponse:
    """Take generator, passkeys and codes away."""
    return _done(request, visitor, user_id, kept.reset_second_factor, at=database_now())


def sign_ins(request: HttpRequest, visitor: Visitor, user_id: UUID) -> HttpResponse:
    """Sign them out everywhere."""
    return _done(request, visitor, user_id, kept.end_sign_ins, at=database_now())


def close(request: HttpRequest, visitor: Visitor, user_id: UUID) -> HttpResponse:
    """Let nobody sign in with it any more."""
    return _done(request, visitor, user_id, kept.close_account, at=database_now())


def open_again(request: HttpRequest, visitor: Visitor, user_id: UUID) -> HttpResponse:
    """Let them sign in again."""
    return _done(request, visitor, user_id, kept.open_account)


def _done(
    request: HttpRequest, visitor: Visitor, user_id: UUID, verb: Callable[..., None], **more: Any
) -> HttpResponse:
    try:
        verb(user_id, by=visitor.by, now=visitor.now, **more)
    except Conflict as refusal:
        return _shown(request, visitor, user_id, told=sentence(refusal))
    return _to_account(user_id)


def _shown(request: HttpRequest, visitor: Visitor, user_id: UUID, **more: Any) -> HttpResponse:
    found = seen.account(visitor.by, user_id, at=database_now())
    context = {
        "words": words("office"),
        "roles": words("office_roles"),
        "account": found,
        "zone": zone_of(visitor.by.market_id),
    }
    return render(request, "web/office/account.html", context | more)


def _to_account(user_id: UUID) -> HttpResponse:
    answer = HttpResponseRedirect(f"/office/accounts/{user_id}")
    answer.status_code = 303
    return answer
