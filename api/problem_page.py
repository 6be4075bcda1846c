"""docs/problems.md, made from the table of codes: `python -m api.problem_page` writes it."""

from __future__ import annotations

from pathlib import Path

from api.problem_codes import CODES

PAGE = Path(__file__).resolve().parent.parent / "docs" / "problems.md"
OPENING = """\
# Problems

Every refusal is a problem document (RFC 9457) of type `application/problem+json`. Programs go by
its `code`; `errors` names the fields at fault. Which operation refuses with which code stands in
`openapi.yaml`. This page is made from `api/problem_codes.py` by `make schema`.

| status | code | what to do |
|---|---|---|
"""


def page() -> str:
    """Return the page: one line for each code, by status."""
    known = sorted(CODES.items(), key=lambda one: (one[1].status, one[0]))
    lines = (f"| {code.status} | `{name}` | {code.remedy} |\n" for name, code in known)
    return OPENING + "".join(lines)


if __name__ == "__main__":
    PAGE.write_text(page())
