"""What has been chosen so far of a booking, read from the address; and how a step is shown."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse

from dispatch.domain.errors import DispatchError, Invalid, NotFound
from dispatch.domain.places import LocationKind
from dispatch.domain.protocol import Protocol
from dispatch.domain.series import INDUCTION
from dispatch.models import Location
from dispatch.selectors.access import location_for
from dispatch.selectors.protocols import bookable
from dispatch.selectors.translating import Said, said
from web.book.new.address import Chosen, How
from web.guarding import Visitor
from web.languages import words
from web.refusals import STATUS_OF, sentence

STEPS = ("where", "what", "questions", "times", "companion", "price", "done")


class SeeOther(HttpResponseRedirect):
    """Leads from a form to a page that can be loaded again."""

    status_code = 303


@dataclass(frozen=True, slots=True)
class Way:
    """Where and what is being booked."""

    chosen: Chosen
    location: Location
    protocol: Protocol
    name: Said

    @property
    def protocol_id(self) -> UUID:
        return self.chosen.protocol_id

    @property
    def how(self) -> How:
        return self.chosen.how

    @property
    def kind(self) -> LocationKind:
        return LocationKind(self.location.kind)

    def to(self, name: str, **more: Any) -> str:
        """Return the address of a step on this way."""
        return reverse(f"book_new_{name}", kwargs={"chosen": self.chosen, **more})


def way_of(visitor: Visitor, chosen: Chosen) -> Way:
    """Return the way that an address names. Raises NotFound for what is not offered here."""
    location = location_for(visitor.by, chosen.location_id)
    offered = bookable(visitor.by.market_id)
    found = next((one for one in offered if one.id == chosen.protocol_id), None)
    if found is None or chosen.how not in hows(found.protocol):
        raise NotFound("treatment")
    name = said(found.protocol.name, visitor.language)
    return Way(chosen, location, found.protocol, name)


def hows(protocol: Protocol) -> tuple[How, ...]:
    """Return in which ways the treatment is booked: a series where it begins with several."""
    first = protocol.series[0]
    if first.code == INDUCTION and first.count.target > 1:
        return (How.SERIES, How.VISIT)
    return (How.VISIT,)


def shown(
    request: HttpRequest,
    template: str,
    step: str,
    *,
    refusal: DispatchError | None = None,
    **context: Any,
) -> HttpResponse:
    """Return a step of the booking; a refusal is told at its top, and nothing typed is lost.

    What is kept of a person is left out by a page that is a refusal: such a look is not noted.
    """
    status = 200
    if refusal is not None:
        status = next(code for kind, code in STATUS_OF.items() if isinstance(refusal, kind))
        context |= {"told": told(refusal), "faults": faults(refusal)}
    context |= {
        "words": words("book_new"),
        "step": step,
        "steps": STEPS,
        "at": STEPS.index(step) + 1,
    }
    return render(request, f"web/book/new/{template}.html", context, status=status)


def told(refusal: DispatchError) -> str:
    """Return what is said of a refusal on the way to a booking."""
    own = words("book_new")
    return own.get(f"refused_{refusal.code}") or sentence(refusal)


def faults(refusal: DispatchError) -> dict[str, str]:
    """Return what is said at each field at fault."""
    if not isinstance(refusal, Invalid):
        return {}
    own = words("book_new")
    return {
        name.replace(".", "_"): own.get(f"fault_{name}", own["fault"]) for name in refusal.fields
    }


def onward(address: str) -> HttpResponse:
    """Lead to the next step, so that a reload repeats nothing."""
    return SeeOther(address)
