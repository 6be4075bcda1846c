"""What is answered where no door is reached: to programs a problem document, to people a page.

None of it shows anything of the request or of the fault.
"""

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils.html import format_html

from api.problems import MEDIA_TYPE, document

API = "/api/"
PAGE = (
    '<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport"'
    ' content="width=device-width, initial-scale=1"><title>{title}</title></head>'
    "<body><main><h1>{title}</h1><p>{detail}</p></main></body></html>"
)


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:  # noqa: ARG001
    return _answer(request, 400, "bad_request", "The request cannot be read.")


def permission_denied(request: HttpRequest, exception: Exception) -> HttpResponse:  # noqa: ARG001
    return _answer(request, 403, "permission_denied", "This is not for you to see or do.")


def forged(request: HttpRequest, reason: str = "") -> HttpResponse:  # noqa: ARG001
    """Django refuses a form that does not come from a page of ours."""
    return _answer(request, 403, "permission_denied", "Open the page anew, and send it again.")


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:  # noqa: ARG001
    return _answer(request, 404, "not_found", "There is no such address.")


def server_error(request: HttpRequest) -> HttpResponse:
    return _answer(request, 500, "internal_error", "The fault is ours and has been logged.")


def _answer(request: HttpRequest, status: int, code: str, detail: str) -> HttpResponse:
    told = document(status, code, detail)
    if f"{request.path}/".startswith(API):
        return JsonResponse(told, status=status, content_type=MEDIA_TYPE)
    return HttpResponse(format_html(PAGE, title=told["title"], detail=detail), status=status)
