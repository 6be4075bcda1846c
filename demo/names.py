"""How the demo's people are called when they sign in; known to the seed and to the walk alike."""


def username_of(name: str) -> str:
    """Return a nurse's user name, e.g. ``demo.ada.abara`` for Ada Abara."""
    return "demo." + ".".join(name.casefold().split())
