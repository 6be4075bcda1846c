"""What forms of the patients' screens have in common: what was typed is not lost to a refusal."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render

from dispatch.domain.channels import Language
from dispatch.domain.errors import Conflict, DispatchError, Invalid
from web.guarding import Visitor
from web.languages import words
from web.refusals import fields, said_of, sentence

SEE_OTHER = 303
FORM_AGAIN, CHANGED = 400, 409
"""A form that is shown again repeats what was sent; after a collision, as things are now."""
LONGEST_NUMBER, LONGEST_REASON = 9, 500
Context = dict[str, object]


def language_of(visitor: Visitor) -> Language:
    """Return the language of the page, as protocols and messages know it."""
    return Language(visitor.language[:2])


def shown(
    request: HttpRequest,
    page: str,
    context: Context,
    refusal: DispatchError | None = None,
) -> HttpResponse:
    """Show a page of the visits' room: with the refusal and what was typed, if there is one."""
    all_of_it: Context = {"words": words("book"), **context}
    status = 200
    if refusal is not None:
        status = FORM_AGAIN if isinstance(refusal, Invalid) else CHANGED
        all_of_it |= {
            "told": sentence(refusal),
            "faults": tuple(fields(refusal).items()),
            "typed": request.POST,
        }
    return render(request, f"web/book/{page}.html", all_of_it, status=status)


def reason_in(request: HttpRequest) -> str:
    """Return why something is called off, which nobody has to say. Raises Invalid."""
    reason = request.POST.get("reason", "").strip()
    if len(reason) > LONGEST_REASON:
        raise Invalid({"reason": said_of("too_long", most=LONGEST_REASON)})
    return reason


def gone_to(address: str) -> HttpResponse:
    """Lead on after a form was taken, so that nobody sends it twice."""
    answer = HttpResponseRedirect(address)
    answer.status_code = SEE_OTHER
    return answer


def visit_at(visit_id: UUID) -> str:
    """Return the address of a visit."""
    return f"/book/visits/{visit_id}"


def version_in(request: HttpRequest) -> int:
    """Return the version of the visit that the form was made from."""
    return number_in(request, "version")


def number_in(request: HttpRequest, name: str) -> int:
    """Return a whole number that the page itself sends. Raises Invalid."""
    sent = request.POST.get(name, "")
    if not (sent.isascii() and sent.isdecimal() and len(sent) <= LONGEST_NUMBER):
        raise Invalid({name: said_of("as_shown")})
    return int(sent)


def id_in(request: HttpRequest, name: str) -> UUID:
    """Return an id that was chosen. Raises Invalid."""
    try:
        return UUID(request.POST.get(name, ""))
    except ValueError as fault:
        raise Invalid({name: said_of("choose_one")}) from fault


REFUSALS = (Invalid, Conflict)
"""What a form is shown again for; that there is no such row is a page of its own."""
