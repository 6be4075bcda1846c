"""The page behind a companion's secret link: two buttons, yes and no."""

from django.http import HttpRequest, HttpResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from dispatch import audit, tenancy
from dispatch.domain.channels import Language
from dispatch.domain.errors import Conflict, Invalid, NotFound
from dispatch.domain.gates import CompanionAnswer
from dispatch.selectors.companions import companion_request
from dispatch.services.companions import answer_as_companion
from web.languages import shown
from web.refusals import said_of

LONGEST_NUMBER = 6
STATUS_OF_CODE = {"not_found": 404, "expired": 410}


@csrf_exempt
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@tenancy.everywhere()
def companion(request: HttpRequest, secret: str) -> HttpResponse:
    """Show what is asked, and note it; only a button answers, so that a link preview does not.

    The secret in the address is the authority, and no cookie is read: there is no session that a
    foreign page could borrow.
    """
    try:
        asked = companion_request(secret)
        if request.method == "POST":
            answer_as_companion(secret, _answer(request), move=_move(request), now=asked.now)
            asked = companion_request(secret)
        else:
            audit.read_by_link(
                asked.market_id, "companion", "GET companion page", "companion_request",
                asked.request_id, now=asked.now,
            )  # fmt: skip
    except (NotFound, Conflict) as refusal:
        if refusal.code == "moved":
            return shown(request, "companion", asked.language, status=409, asked=asked, moved=True)
        language = refusal.facts.get("language", Language.ENGLISH.value)
        status = STATUS_OF_CODE.get(refusal.code, 409)
        return shown(request, "companion_closed", language, status=status, code=refusal.code)
    except Invalid:
        return shown(request, "companion", asked.language, status=400, asked=asked)
    return shown(request, "companion", asked.language, asked=asked)


def _move(request: HttpRequest) -> int | None:
    """Which of the visit's times the page showed; a program that answers need not say."""
    sent = request.POST.get("move")
    if sent is None:
        return None
    if not (sent.isascii() and sent.isdecimal() and len(sent) < LONGEST_NUMBER):
        raise Invalid({"move": said_of("as_shown")})
    return int(sent)


def _answer(request: HttpRequest) -> CompanionAnswer:
    said = request.POST.get("answer", "")
    if said not in {CompanionAnswer.CONFIRMED.value, CompanionAnswer.DECLINED.value}:
        raise Invalid({"answer": said_of("answer")})
    return CompanionAnswer(said)
