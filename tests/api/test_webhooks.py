"""The administrator's doors to webhooks."""

from __future__ import annotations

from uuid import uuid4

import pytest

from dispatch.models import WebhookDelivery, WebhookEndpoint
from tests.api.town import Town, assert_problem

URL = "https://93.184.216.34/hook"
KEY = {"Idempotency_Key": "a key"}
DAY = {"since": "2027-06-07T00:00", "until": "2027-06-08T00:00"}


def test_a_secret_is_shown_once_and_not_under_its_key_again(administrator) -> None:
    first, second = (administrator.post_("webhooks", {"url": URL}, **KEY) for _ in range(2))
    assert first.status_code == 201
    assert second.json() == first.json() | {"secret": None}
    assert first.json()["secret"].startswith("whsec_")
    assert WebhookEndpoint.objects.count() == 1
    listed = administrator.get_("webhooks")
    assert first.json()["secret"] not in listed.content.decode()
    (line,) = listed.json()["results"]
    assert (line["id"], line["url"]) == (first.json()["id"], URL)
    assert "visit.booked" in line["events"], "all, where none was named"


def test_a_receiver_in_our_own_network_is_refused_in_words(administrator) -> None:
    for url in ("https://localhost/", "https://127.0.0.1/", "https://169.254.169.254/latest"):
        problem = assert_problem(administrator.post_("webhooks", {"url": url}), 400, "invalid")
        assert problem["errors"] == [
            {"field": "url", "message": "This host is not on the public internet."}
        ]


def test_what_went_to_a_webhook_is_listed_and_told_again(town: Town, administrator) -> None:
    webhook = administrator.post_("webhooks", {"url": URL, "events": ["visit.booked"]}).json()["id"]
    assert town.visit
    path = f"webhooks/{webhook}/deliveries"
    (line,) = administrator.get_(path).json()["results"]
    assert (line["type"], line["state"]) == ("visit.booked", "due")
    assert line["data"] == {"market": str(town.market.id), "visit": str(town.visit)}
    assert administrator.get_(path, state="dead").json()["results"] == []

    WebhookDelivery.objects.update(state="dead", attempts=10)
    assert [one["id"] for one in administrator.get_(path, state="dead").json()["results"]] == [
        line["id"]
    ]
    again = administrator.post_(f"{path}/{line['id']}/replay")
    assert (again.status_code, again.json()["state"], again.json()["attempts"]) == (200, "due", 0)
    replayed = administrator.post_(f"webhooks/{webhook}/replay", DAY)
    assert (replayed.status_code, replayed.json()) == (201, {"messages": 1})


def test_a_webhook_that_was_removed_stays_on_the_list_and_does_nothing(town, administrator) -> None:
    assert administrator.ask("DELETE", f"webhooks/{town.webhook}").status_code == 204
    assert administrator.ask("DELETE", f"webhooks/{town.webhook}").status_code == 204
    (line,) = administrator.get_("webhooks").json()["results"]
    assert line["disabled_because"] == "asked"
    for verb, body in (("secret", None), ("test", None), ("replay", DAY)):
        refused = administrator.post_(f"webhooks/{town.webhook}/{verb}", body)
        assert_problem(refused, 409, "webhook_off")


def test_another_market_s_webhook_is_as_one_that_is_not_there(town: Town, administrator) -> None:
    other = Town("Elsewhere")
    own = town.webhook
    for method, path, body in (
        ("DELETE", "webhooks/{}", None),
        ("POST", "webhooks/{}/secret", None),
        ("POST", "webhooks/{}/test", None),
        ("GET", "webhooks/{}/deliveries", None),
        ("POST", "webhooks/{}/replay", DAY),
        ("POST", "webhooks/{}/deliveries/" + f"{other.delivery}/replay", None),
    ):
        seen, missing = (
            administrator.ask(method, path.format(one), body) for one in (other.webhook, uuid4())
        )
        assert_problem(seen, 404, "not_found")
        assert seen.content == missing.content
    assert [one["id"] for one in administrator.get_("webhooks").json()["results"]] == [str(own)]
    stranger = administrator.post_(f"webhooks/{own}/deliveries/{other.delivery}/replay")
    assert_problem(stranger, 404, "not_found")


@pytest.mark.parametrize("query", [{"state": "flown"}, {"state": ""}, {"page_size": "0"}])
def test_a_filter_that_cannot_be_is_named(town: Town, administrator, query) -> None:
    answer = administrator.get_(f"webhooks/{town.webhook}/deliveries", **query)
    assert_problem(answer, 400, "invalid", next(iter(query)))


def test_every_type_is_in_the_document_that_customers_read() -> None:
    import yaml

    from dispatch.domain.webhooks import Topic
    from tests.api.test_openapi import COMMITTED

    document = yaml.safe_load(COMMITTED.read_text())
    assert set(document["webhooks"]) == {topic.value for topic in Topic}
