"""Where a place is, in one line."""

import pytest

from dispatch.domain.places import in_words


@pytest.mark.parametrize(
    ("address", "state", "told"),
    [
        ("1 Main Street", "VA", "1 Main Street, VA 22201"),
        ("1 Main Street", "", "1 Main Street, 22201"),
        ("1 Main Street, Arlington, VA 22201", "VA", "1 Main Street, Arlington, VA 22201"),
        ("1 Main Street, Arlington, VA 22201", "", "1 Main Street, Arlington, VA 22201"),
        ("22201 Main Street", "VA", "22201 Main Street, VA 22201"),
    ],
)
def test_a_zip_code_is_told_once(address: str, state: str, told: str) -> None:
    assert in_words(address, "22201", state) == told
