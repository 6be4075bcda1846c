"""Maps of the screens: our own light base map, or the tiles of a server that was chosen."""

from urllib.parse import urlsplit

from django.core.exceptions import ImproperlyConfigured

from config.environment import env

TILE_URL = env.str("TILE_URL", default="")
"""Where tiles lie, e.g. https://tiles.example.org/{z}/{x}/{y}.png; empty: none."""
TILE_CREDIT = env.str("TILE_CREDIT", default="")
"""Whom the map names as the source of the tiles."""
if TILE_URL and not (
    TILE_URL.startswith("https://") and all(part in TILE_URL for part in ("{z}", "{x}", "{y}"))
):
    raise ImproperlyConfigured("TILE_URL is https://… with {z}, {x} and {y} in it, or empty.")

_host = urlsplit(TILE_URL.replace("{s}.", "*.")).netloc
TILE_HOSTS = [f"https://{_host}"] if _host else []
"""From where pages may load pictures beside our own: see config/sections/headers.py."""
