"""What a map of a screen is drawn from: our own light base map, unless a tile server was chosen."""

from django import template
from django.conf import settings

register = template.Library()


@register.simple_tag
def tiles() -> dict[str, str]:
    """Return the address of the tiles, empty for none, and whom the map names as their source."""
    return {"url": settings.TILE_URL, "credit": settings.TILE_CREDIT}
