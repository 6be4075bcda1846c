"""How the market is called, reached and set."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render

from dispatch.domain.errors import Conflict, Invalid
from dispatch.selectors.office import MarketTerms, market_terms
from dispatch.services.markets import change_market
from web.guarding import Visitor
from web.languages import words
from web.office.forms import MarketForm
from web.refusals import sentence


def market(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    """Show the market's name, clocks and telephone, or change them."""
    if request.method != "POST":
        return _shown(request, visitor)
    zone = market_terms(visitor.by).zone
    form = MarketForm(zone, request.POST)
    if not form.is_valid():
        return _shown(request, visitor, form=form)
    typed = dict(form.cleaned_data)
    expected = typed.pop("version")
    try:
        change_market(**typed, expected=expected, by=visitor.by, now=visitor.now)
    except Invalid as refusal:
        form.refuse(refusal)
        return _shown(request, visitor, form=form)
    except Conflict as refusal:
        return _collided(request, visitor, refusal)
    answer = HttpResponseRedirect("/office/market/")
    answer.status_code = 303
    return answer


def _shown(request: HttpRequest, visitor: Visitor, **more: Any) -> HttpResponse:
    terms = market_terms(visitor.by)
    context = {
        "words": words("office"),
        "market": terms,
        "now": visitor.now,
        "form": MarketForm(terms.zone, initial=_known(terms)),
    }
    return render(request, "web/office/market.html", context | more)


def _collided(request: HttpRequest, visitor: Visitor, refusal: Conflict) -> HttpResponse:
    """Show what the other one did, and keep what was about to be written over it."""
    terms = market_terms(visitor.by)
    typed = request.POST.copy()
    typed["version"] = str(terms.version)
    form = MarketForm(terms.zone, typed)
    return _shown(request, visitor, form=form, told=sentence(refusal), collided=True)


def _known(terms: MarketTerms) -> dict[str, object]:
    return {
        "name": terms.name,
        "office_phone": terms.office_phone,
        "zone": terms.zone,
        "version": terms.version,
    }
