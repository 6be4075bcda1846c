"""Reads plain JSON data field by field and names the field that is wrong."""

from collections.abc import Iterator
from datetime import time
from enum import StrEnum
from typing import TypeVar

MAX_TEXT = 4000
MOST = 100_000_000
E = TypeVar("E", bound=StrEnum)


class FieldError(ValueError):
    """Data that cannot be used; `field` is the dotted path of what is wrong."""

    def __init__(self, field: str, problem: str) -> None:
        self.field = field
        super().__init__(f"{field}: {problem}")


class Fields:
    """One JSON object, read by name; every reader raises FieldError with the full path."""

    def __init__(self, data: object, path: str = "") -> None:
        if not isinstance(data, dict):
            raise FieldError(path or "data", "must be an object")
        self._data = data
        self.path = path
        self._read: set[str] = set()

    def at(self, name: str) -> str:
        """Return the dotted path of one of this object's fields."""
        return f"{self.path}.{name}" if self.path else name

    def has(self, name: str) -> bool:
        """Tell whether the field is there and not null."""
        self._read.add(name)
        return self._data.get(name) is not None

    def value(self, name: str) -> object:
        """Return the field as it stands."""
        if not self.has(name):
            raise FieldError(self.at(name), "is missing")
        found: object = self._data[name]
        return found

    def text(self, name: str, longest: int = MAX_TEXT) -> str:
        """Return a text that is neither blank nor longer than `longest` characters."""
        found = self.value(name)
        if not isinstance(found, str) or not found.strip() or len(found) > longest:
            raise FieldError(self.at(name), f"must be a text of 1 to {longest} characters")
        return found

    def whole(self, name: str, least: int = 0, most: int = MOST) -> int:
        """Return a whole number from `least` to `most`."""
        found = self.value(name)
        if isinstance(found, bool) or not isinstance(found, int) or not least <= found <= most:
            raise FieldError(self.at(name), f"must be a whole number from {least} to {most}")
        return found

    def flag(self, name: str) -> bool:
        """Return true or false."""
        found = self.value(name)
        if not isinstance(found, bool):
            raise FieldError(self.at(name), "must be true or false")
        return found

    def clock(self, name: str) -> time:
        """Return a time of day written as HH:MM."""
        try:
            found = time.fromisoformat(self.text(name, len("HH:MM")))
        except ValueError as error:
            raise FieldError(self.at(name), "must be a time of day, HH:MM") from error
        return found

    def one_of(self, name: str, kinds: type[E]) -> E:
        """Return a member of an enumeration, written as its value."""
        try:
            return kinds(self.text(name))
        except ValueError as error:
            known = ", ".join(kinds)
            raise FieldError(self.at(name), f"must be one of {known}") from error

    def entries(self, name: str) -> tuple[object, ...]:
        """Return the entries of a list."""
        found = self.value(name)
        if not isinstance(found, list):
            raise FieldError(self.at(name), "must be a list")
        return tuple(found)

    def texts(self, name: str) -> tuple[str, ...]:
        """Return a list of texts without repetition."""
        found = self.entries(name)
        texts = tuple(entry for entry in found if isinstance(entry, str) and entry.strip())
        if len(texts) != len(found) or len(set(texts)) != len(texts):
            raise FieldError(self.at(name), "must be a list of different texts")
        return texts

    def several_of(self, name: str, kinds: type[E]) -> tuple[E, ...]:
        """Return a list of different members of an enumeration, written as their values."""
        try:
            return tuple(map(kinds, self.texts(name)))
        except ValueError as error:
            known = ", ".join(kinds)
            raise FieldError(self.at(name), f"must be a list of some of {known}") from error

    def wholes(self, name: str) -> tuple[int, ...]:
        """Return a list of whole numbers of at least 1."""
        found = self.entries(name)
        numbers = tuple(one for one in found if isinstance(one, int) and one >= 1)
        if len(numbers) != len(found) or any(isinstance(one, bool) for one in found):
            raise FieldError(self.at(name), "must be a list of whole numbers of at least 1")
        return numbers

    def child(self, name: str) -> "Fields":
        """Return a field that is an object itself."""
        return Fields(self.value(name), self.at(name))

    def children(self, name: str) -> Iterator["Fields"]:
        """Yield the entries of a list of objects."""
        for index, entry in enumerate(self.entries(name)):
            yield Fields(entry, f"{self.at(name)}[{index}]")

    def named(self, name: str) -> Iterator[tuple[str, "Fields"]]:
        """Yield the entries of an object of objects, with their keys."""
        child = self.child(name)
        for key in child.keys():  # noqa: SIM118 – a reader, not a mapping
            yield key, child.child(key)

    def keys(self) -> tuple[str, ...]:
        """Return the names of all fields, in the order of the data."""
        return tuple(self._data)

    def reject_unknown(self) -> None:
        """Raise for a field that nobody has read: a misspelt rule must not be lost."""
        for name in self._data:
            if name not in self._read:
                raise FieldError(self.at(name), "is not known here")
