"""The front page, the page behind a patient's link, and addresses that are none."""

from uuid import uuid4

import pytest

from tests.api.town import Town


@pytest.mark.django_db
def test_a_patients_link_tells_nothing_to_who_is_not_signed_in(browser, town: Town) -> None:
    nobodys = uuid4()
    real, invented = (browser.get(f"/visits/{one}") for one in (town.visit, nobodys))
    assert real.status_code == 200
    told = invented.content.replace(str(nobodys).encode(), str(town.visit).encode())
    assert real.content == told


@pytest.mark.parametrize("path", ["/nothing", "/visits/x", "/companion/", "/healthz/", "/%00"])
def test_an_unknown_address_is_a_404(browser, path) -> None:
    answer = browser.get(path)
    assert answer.status_code == 404
    assert answer.headers["Content-Type"].startswith("text/html")
    assert "There is no such address." in answer.content.decode()


def test_a_host_that_is_not_ours_is_refused(browser) -> None:
    answer = browser.get("/", headers={"Host": "evil.example"})
    assert answer.status_code == 400
    assert "evil" not in answer.content.decode()
