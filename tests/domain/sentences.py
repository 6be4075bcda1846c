"""Finds in the source what the business says to people, sentence by sentence."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import dispatch

ROOT = Path(dispatch.__file__).parent
TO_PROGRAMS = ("gateways", "management", "migrations", "planning", "domain/webhooks.py")
"""They speak to programs, to whoever runs the service, and in the documentation."""
BY_CODES_OF_THEIR_OWN = ("selectors/candidates.py", "selectors/series_plans.py")
"""Pages have words for the rules and the changes that these name."""
FRAGMENTS = ("domain/judging.py",)
"""In these, what stands in a table stands within a sentence."""
READS_LIKE_ONE = re.compile(r"[A-Z{].*[a-z}:)].*\.", re.DOTALL)
BY_CODE = {"Conflict", "Forbidden", "TooMany", "NotFound", "DispatchError"}
"""What pages tell by its code: see ``refusals`` in web/words."""
BY_FIELD = {"FieldError"}
"""What is said of data that programs send."""


def sentences_in_source() -> dict[str, str]:
    """Return every constant that reads like a sentence, and where it stands."""
    found: dict[str, str] = {}
    for file in sorted(ROOT.rglob("*.py")):
        name = file.relative_to(ROOT).as_posix()
        if not name.startswith((*TO_PROGRAMS, *BY_CODES_OF_THEIR_OWN)):
            for text in _sentences(ast.parse(file.read_text()), name):
                found.setdefault(text, name)
    return found


def codes_in_source(*rooms: ModuleType) -> set[str]:
    """Return every code of a refusal that is raised in these packages."""
    return set().union(*map(_codes_in, rooms))


def put_together_in_refusals() -> list[str]:
    """Return where a field is told something that no translation can be found for."""
    files = [one for one in ROOT.rglob("*.py") if one.relative_to(ROOT).parts[0] != "gateways"]
    return [
        f"{file.relative_to(ROOT)}:{node.lineno}"
        for file in files
        for node in ast.walk(ast.parse(file.read_text()))
        if isinstance(node, ast.Call) and _name(node.func) == "Invalid" and node.args
        for told in (node.args[0].values if isinstance(node.args[0], ast.Dict) else ())
        if isinstance(told, ast.JoinedStr)
    ]


def _codes_in(room: ModuleType) -> Iterator[str]:
    for file in Path(str(room.__file__)).parent.rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text())):
            if isinstance(node, ast.Call) and _name(node.func) in {"Conflict", "Forbidden"}:
                codes = [one for one in node.args[:1] if isinstance(one, ast.Constant)]
                yield from (str(one.value) for one in codes)


def _sentences(tree: ast.AST, name: str) -> Iterator[str]:
    passed = set(_passed_over(tree, BY_CODE | BY_FIELD))
    for node in ast.walk(tree):
        text = node.value if isinstance(node, ast.Constant) else None
        if isinstance(text, str) and node not in passed and READS_LIKE_ONE.fullmatch(text):
            yield text
        if isinstance(node, ast.Dict) and name in FRAGMENTS:
            yield from (one.value for one in node.values if isinstance(one, ast.Constant))


def _passed_over(tree: ast.AST, calls: set[str]) -> Iterator[ast.AST]:
    """Docstrings, messages that have a code, and what only is a part of a text."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Expr):
            yield node.value
        elif isinstance(node, ast.Call) and _name(node.func) in calls:
            yield from ast.walk(node)
        elif isinstance(node, ast.JoinedStr):
            yield from node.values


def _name(node: ast.expr) -> str:
    return str(getattr(node, "id", getattr(node, "attr", "")))
