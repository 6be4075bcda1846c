"""What is held while the rest is asked: its dates, and who stays or drives."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any
from uuid import UUID

from django import forms
from django.http import HttpRequest, HttpResponse

from dispatch.domain.channels import Language
from dispatch.domain.contact import Agreement, phone_number
from dispatch.domain.errors import Conflict, Invalid, NotFound
from dispatch.domain.people import Actor
from dispatch.domain.texts import clock, window
from dispatch.selectors.access import companion_for
from dispatch.selectors.contact_card import contact_terms
from dispatch.selectors.held import Held, booked_with, held_series, held_visit
from dispatch.selectors.people import companion_line, companions_of
from dispatch.services.companions import add_companion
from dispatch.services.series import give_back_series
from web.book.new.address import Chosen, How
from web.book.new.way import Way, onward, shown, way_of
from web.guarding import Visitor
from web.refusals import said_of

LONGEST_LINE = 200
COMPANION = "book_new_companion"
"""Under this name the session keeps whom the patient chose: a lost time does not lose it."""

Step = Callable[[HttpRequest, Visitor, Way, Held], HttpResponse]


class CompanionForm(forms.Form):
    name = forms.CharField(max_length=LONGEST_LINE)
    phone = forms.CharField(max_length=32)
    email = forms.EmailField(required=False)


def while_held(step: Step) -> Callable[..., HttpResponse]:
    """Show a step as long as its time is held: else lead to what was booked, or say that it
    lapsed and offer times again."""

    @wraps(step)
    def shown_while_held(
        request: HttpRequest, visitor: Visitor, held_id: UUID, chosen: Chosen
    ) -> HttpResponse:
        way = way_of(visitor, chosen)
        try:
            held = _held(visitor, way, held_id)
            return step(request, visitor, way, held)
        except Conflict as refusal:
            if refusal.code not in {"already_booked", "hold_expired", "slot_taken"}:
                raise
            booked = booked_from(visitor.by, way.how, held_id, refusal)
            if booked is not None:
                return onward(way.to("done", booked_id=booked))
            return shown(request, "lapsed", "times", way=way, again=way.to("times"))

    return shown_while_held


def booked_from(by: Actor, how: How, held_id: UUID, refusal: Conflict) -> UUID | None:
    """Return what was booked from a hold that is no more: the visit, or the series itself."""
    if how is How.SERIES:
        return held_id if refusal.code == "already_booked" else None
    try:
        return booked_with(by, key_of(held_id))
    except NotFound:
        return None


def key_of(hold_id: UUID) -> str:
    """The key with which a hold is booked: whatever is pressed how often, it is once."""
    return f"hold-{hold_id}"


@while_held
def dates(request: HttpRequest, visitor: Visitor, way: Way, held: Held) -> HttpResponse:
    """Show all infusions that are held, by whom; give them back where others are wanted."""
    if request.method == "POST" and way.how is How.SERIES:
        give_back_series(held.id, by=visitor.by, now=visitor.now)
        return onward(way.to("times"))
    return shown(request, "held", "times", **held_context(visitor, way, held))


@while_held
def companion(request: HttpRequest, visitor: Visitor, way: Way, held: Held) -> HttpResponse:
    """Ask who stays or drives, where the treatment needs somebody at such a place."""
    rule = way.protocol.companion_rule(way.kind)
    if rule is None:
        return onward(way.to("consent", held_id=held.id))
    if request.method == "POST":
        try:
            request.session[COMPANION] = _chosen(request, visitor)
        except Invalid as refusal:
            return _companion(request, visitor, way, held, refusal=refusal, sent=request.POST)
        return onward(way.to("consent", held_id=held.id))
    return _companion(request, visitor, way, held)


def chosen_companion(request: HttpRequest, by: Actor) -> UUID | None:
    """Return whom the patient chose in this session, if that still is a companion of theirs."""
    kept = request.session.get(COMPANION)
    try:
        return companion_for(by, UUID(kept)).id if kept else None
    except NotFound:
        return None


def held_context(visitor: Visitor, way: Way, held: Held) -> dict[str, Any]:
    """What every step shows of the time that is held."""
    language = Language(visitor.language)
    windows = [window(one.start, one.window_end, language) for one in held.windows]
    nurses = [one.nurse for one in held.windows]
    return {
        "way": way,
        "held": held,
        "windows": windows,
        "dots": list(zip(windows, nurses, strict=True)),
        "now": visitor.now,
        "until": clock(held.expires_at, language),
        "again": way.to("times"),
        "to_companion": way.to("companion", held_id=held.id),
    }


def _held(visitor: Visitor, way: Way, held_id: UUID) -> Held:
    find = held_series if way.how is How.SERIES else held_visit
    return find(visitor.by, held_id, now=visitor.now)


def _companion(
    request: HttpRequest, visitor: Visitor, way: Way, held: Held, **more: Any
) -> HttpResponse:
    known = [companion_line(one) for one in companions_of(visitor.by, None).order_by("-id")]
    terms = contact_terms(Language(visitor.language).value)
    return shown(
        request,
        "companion",
        "companion",
        rule=way.protocol.companion_rule(way.kind),
        known=known,
        chosen=chosen_companion(request, visitor.by),
        agreement=terms.texts[Agreement.COMPANION_NAMED],
        **held_context(visitor, way, held),
        **more,
    )


def _chosen(request: HttpRequest, visitor: Visitor) -> str | None:
    """Return the id of who was chosen or is new; None for whoever is to be named later."""
    sent = request.POST.get("companion", "")
    if sent == "later":
        return None
    if sent != "new":
        try:
            return str(companion_for(visitor.by, UUID(sent)).id)
        except (ValueError, NotFound) as fault:
            raise Invalid({"companion": said_of("choose_somebody")}) from fault
    return str(_add(request, visitor))


def _add(request: HttpRequest, visitor: Visitor) -> UUID:
    form = CompanionForm(request.POST)
    faults = {} if form.is_valid() else dict.fromkeys(form.errors, "")
    try:
        phone = phone_number(request.POST.get("phone", ""))
    except ValueError:
        faults["phone"] = ""
    if "agreed" not in request.POST:
        faults["agreed"] = ""
    if faults:
        raise Invalid(faults)
    for one in map(companion_line, companions_of(visitor.by, None)):
        if (one.name, one.phone) == (form.cleaned_data["name"], phone):
            return one.id
    return add_companion(
        patient_id=None,
        name=form.cleaned_data["name"],
        phone=phone,
        email=form.cleaned_data["email"],
        language=Language(visitor.language),
        by=visitor.by,
        now=visitor.now,
    )
