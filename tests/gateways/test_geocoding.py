"""A ZIP code is located offline; what is none is not asked for."""

import pytest

from dispatch.gateways.geocoding import locate


def test_a_zip_code_is_located_with_its_state_and_zone():
    place = locate("20001")
    assert place is not None
    assert (place.state, place.zone, place.approximate) == ("DC", "America/New_York", True)
    assert (place.lat, place.lng) == pytest.approx((38.91, -77.02), abs=0.05)


@pytest.mark.parametrize(
    "text",
    ["", "2000", "200011", "00000", "ABCDE", "20001\n", " 2000", "²0001", "２０００１", "٢٠٠٠١"],
)
def test_what_is_no_zip_code_in_ascii_digits_is_nowhere(text):
    assert locate(text) is None
