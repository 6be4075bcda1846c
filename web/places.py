"""The light base map: middles of ZIP codes and names of towns, which are no secret of anybody."""

from dataclasses import asdict

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.http import require_GET

from dispatch.gateways.geocoding import Box, middle_of, places_within

EDGES = ("south", "west", "north", "east")
WIDEST = 6.0
"""Degrees; a map that shows more asks for less."""
KEPT_S = 24 * 3600


@require_GET
def places(request: HttpRequest) -> HttpResponse:
    """Answer what lies within the box of the query, in whole or broken degrees."""
    try:
        box = Box(*(float(request.GET[edge]) for edge in EDGES))
    except (KeyError, ValueError):
        return _refused()
    if not (0 < box.north - box.south <= WIDEST and 0 < box.east - box.west <= WIDEST):
        return _refused()
    answer = JsonResponse(asdict(places_within(box)))
    answer["Cache-Control"] = f"public, max-age={KEPT_S}"
    return answer


@require_GET
def area(request: HttpRequest) -> HttpResponse:
    """Answer where to begin to look: the middle of the ZIP codes that begin as the query says."""
    centre = middle_of(request.GET.get("begins", ""))
    if centre is None:
        told = "Name the first three digits of a ZIP code."
        return JsonResponse({"detail": told}, status=404)
    answer = JsonResponse({"centre": centre})
    answer["Cache-Control"] = f"public, max-age={KEPT_S}"
    return answer


def _refused() -> HttpResponse:
    told = f"Name {', '.join(EDGES)} in degrees, at most {WIDEST:g} apart."
    return JsonResponse({"detail": told}, status=400)
