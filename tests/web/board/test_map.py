"""The board's map, and what every map is drawn from."""

from __future__ import annotations

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.test import Client

from dispatch.gateways.geocoding import Box, locate, places_within
from dispatch.models import AuditEntry
from dispatch.selectors.board_map import map_of
from dispatch.services.booking import request_visit
from tests.api.town import Town
from tests.builders import ARLINGTON, BETHESDA, KETAMINE, NOW, TOMORROW, WASHINGTON, at
from tests.web.signing_in import sign_in, with_password

NEARBY = {"south": "38.5", "west": "-77.5", "north": "39.5", "east": "-76.5"}


@pytest.mark.django_db
def test_the_map_has_each_nurses_stops_in_order_and_what_nobody_has(
    town: Town, django_assert_max_num_queries
) -> None:
    assert town.assigned
    world, ben = town.world, town.world.patient("ben")
    world.shift(world.nurse("anna nurse", BETHESDA))
    request_visit(
        location_id=world.home(ben, ARLINGTON).id, protocol_code=KETAMINE, start=at(8),
        end=at(18), companion_id=None, key=None, by=ben, now=NOW,
    )  # fmt: skip
    with django_assert_max_num_queries(5):
        found = map_of(town.market.id, TOMORROW)
    assert [(one.name, one.colour) for one in found.routes] == [("anna nurse", 0), ("nina", 1)]
    (stop,) = found.routes[1].stops
    assert (stop.visit, stop.number, (stop.lat, stop.lng)) == (town.visit, 1, WASHINGTON)
    (waiting,) = found.unassigned
    assert (waiting.number, (waiting.lat, waiting.lng)) == (None, ARLINGTON)


@pytest.mark.django_db
@pytest.mark.usefixtures("quick_passwords")
def test_the_map_names_no_patient_and_the_look_is_in_the_trail(town: Town) -> None:
    assert town.assigned
    client = Client()
    sign_in(client, with_password(town.bob.user_id))
    answer = client.get("/board/map", {"date": TOMORROW.isoformat()})
    assert answer.json()["routes"][0]["stops"][0]["visit"] == str(town.visit)
    assert "alice" not in answer.content.decode()
    assert AuditEntry.objects.filter(verb="read", operation="GET board/map").count() == 1
    assert client.get("/board/map", {"date": "x"}).status_code == 422


def test_the_base_map_is_drawn_from_what_is_here(client: Client) -> None:
    answer = client.get("/map/places.json", NEARBY)
    told = answer.json()
    assert told["towns"][0]["name"] in {"Washington", "Baltimore"}
    assert "max-age" in answer["Cache-Control"]
    assert "public" in answer["Cache-Control"]
    assert all(38.5 <= lat <= 39.5 and -77.5 <= lng <= -76.5 for lat, lng in told["points"])


def test_a_map_begins_in_the_area_of_a_zip_code_without_being_told_which(client: Client) -> None:
    lat, lng = client.get("/map/area.json", {"begins": "200"}).json()["centre"]
    assert (abs(lat - 38.9), abs(lng + 77.0)) < (0.2, 0.2)
    for begins in ("20009", "000", "x", ""):
        assert client.get("/map/area.json", {"begins": begins}).status_code == 404


def test_a_place_lies_where_its_zip_code_is() -> None:
    place = locate("20009")
    assert place is not None
    box = Box(place.lat, place.lng, place.lat, place.lng)
    assert (place.lat, place.lng) in places_within(box).points


@pytest.mark.parametrize(
    "change",
    [{"south": "x"}, {"north": "38.5"}, {"north": "60"}, {"east": "nan"}, {"west": "-inf"}],
)
def test_a_box_that_is_none_is_refused(client: Client, change) -> None:
    assert client.get("/map/places.json", NEARBY | change).status_code == 400
    assert client.get("/map/places.json").status_code == 400
    assert client.post("/map/places.json").status_code == 405


def test_tiles_are_https_and_their_host_alone_may_send_pictures(monkeypatch) -> None:
    import importlib

    from config.sections import maps

    monkeypatch.setenv("TILE_URL", "https://{s}.tiles.example.org/{z}/{x}/{y}.png")
    assert importlib.reload(maps).TILE_HOSTS == ["https://*.tiles.example.org"]
    for wrong in ("http://tiles.example.org/{z}/{x}/{y}.png", "https://tiles.example.org/"):
        monkeypatch.setenv("TILE_URL", wrong)
        with pytest.raises(ImproperlyConfigured):
            importlib.reload(maps)
    monkeypatch.delenv("TILE_URL")
    assert importlib.reload(maps).TILE_HOSTS == []
