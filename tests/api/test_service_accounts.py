"""Programs that call the API: what an administrator gives them, and what they cannot do."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from dispatch.domain.ids import digest
from dispatch.models import AuditEntry, ServiceAccount, User
from tests.api.story import told
from tests.api.town import Client, Town, assert_problem
from tests.builders import NOW, TOMORROW

PATH = "service-accounts"
UNTIL = "2027-12-31T00:00"


def made(administrator: Client, *scopes: str) -> dict[str, str]:
    body = {"name": "Wall screen", "scopes": list(scopes), "expires_at": UNTIL}
    return told(administrator.post_(PATH, body), 201)


def program(token: str) -> Client:
    client = Client()
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {token}")
    return client


def test_a_token_is_shown_once_and_kept_nowhere(town: Town, administrator) -> None:
    answer = made(administrator, "board:read")
    assert answer["token"].startswith("svc_")
    listed = administrator.get_(PATH)
    assert answer["token"] not in listed.content.decode()
    row = ServiceAccount.objects.get(id=answer["id"])
    assert row.token_digest == digest(answer["token"])
    (line,) = told(listed)["results"]
    assert (line["name"], line["scopes"], line["last_used_at"]) == (
        "Wall screen", ["board:read"], None,
    )  # fmt: skip
    assert line["made_by"] == str(town.anna.user_id)


def test_a_program_does_what_its_scopes_say_and_nothing_else(town: Town, administrator) -> None:
    screen = program(made(administrator, "board:read")["token"])
    assert town.assigned
    board = told(screen.get_("board", market=str(town.market.id), date=TOMORROW.isoformat()))
    assert board["shifts"][0]["stops"][0]["visit"]["id"] == str(town.visit)
    for path in ("visits", "me", "patients", PATH, "messages"):
        assert_problem(screen.get_(path), 403, "permission_denied")
    assert_problem(screen.post_("webhooks", {"url": "https://93.184.216.34/"}), 403)


def test_what_a_program_does_is_written_down_as_what_people_do(town: Town, administrator) -> None:
    account = made(administrator, "webhooks:write")
    answer = program(account["token"]).post_("webhooks", {"url": "https://93.184.216.34/hook"})
    entry = AuditEntry.objects.get(subject="webhook", subject_id=told(answer, 201)["id"])
    row = ServiceAccount.objects.get(id=account["id"])
    assert (entry.verb, entry.role, entry.user_id) == ("add", "service", row.user_id)
    verbs = AuditEntry.objects.filter(subject="service_account").values_list("verb", "user_id")
    assert list(verbs) == [("make", town.anna.user_id)]


def test_a_revoked_token_opens_nothing(town: Town, administrator) -> None:
    account = made(administrator, "visits:read")
    client = program(account["token"])
    assert client.get_("visits").status_code == 200
    for _ in range(2):
        assert administrator.ask("DELETE", f"{PATH}/{account['id']}").status_code == 204
    assert_problem(client.get_("visits"), 401, "authentication_failed")
    assert told(administrator.get_(PATH))["results"][0]["revoked_at"]
    assert AuditEntry.objects.filter(subject="service_account", verb="revoke").count() == 1


def test_a_token_opens_until_it_runs_out_and_not_then(town: Town, administrator) -> None:
    account = made(administrator, "visits:read")
    client = program(account["token"])
    ends = ServiceAccount.objects.get(id=account["id"]).expires_at
    town.set_clock(ends - timedelta(seconds=30))
    assert client.get_("visits").status_code == 200
    town.set_clock(ends)
    assert_problem(client.get_("visits"), 401, "authentication_failed")


@pytest.mark.parametrize("token", ["svc_", "svc_x", "svc_" + "a" * 43, "svc_\u00e9"])
def test_an_invented_token_is_nobodys(db: None, token: str) -> None:
    assert_problem(program(token).get_("visits"), 401, "authentication_failed")


def test_that_it_is_used_is_written_down_once_an_hour(town: Town, administrator) -> None:
    account = made(administrator, "visits:read")
    client, row = program(account["token"]), ServiceAccount.objects.filter(id=account["id"])

    def used_at(minutes: int):
        town.set_clock(NOW + timedelta(minutes=minutes))
        client.get_("visits")
        return row.values_list("last_used_at", flat=True).get()

    first = used_at(0)
    assert used_at(59) == first
    assert used_at(61) > first


def test_knowing_a_program_takes_one_query_and_writes_nothing(town: Town, administrator) -> None:
    client = program(made(administrator, "visits:read")["token"])
    client.get_("visits")
    with CaptureQueriesContext(connection) as queries:
        assert client.get_("visits").status_code == 200
    told = [one["sql"] for one in queries.captured_queries]
    assert sum('FROM "user_account"' in one or "service_account" in one for one in told) == 1
    assert not [one for one in told if one.startswith("UPDATE")]
    assert len(told) <= 4, "who asks, the visits, the market's clock and the line of the trail"


def test_a_program_cannot_sign_in_as_a_person(town: Town, administrator, anonymous) -> None:
    account = made(administrator, "visits:read")
    user = User.objects.get(service_account__id=account["id"])
    assert not user.has_usable_password()
    body = {"username": user.username, "password": account["token"]}
    assert anonymous.post_("auth/token", body).status_code == 401


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("scopes", ["patients:read"]), ("scopes", []), ("expires_at", "2027-06-07T07:59"),
        ("expires_at", "2028-06-08T00:00"), ("name", ""),
    ],
)  # fmt: skip
def test_an_account_that_cannot_be_is_not_made(administrator, field, value) -> None:
    body = {"name": "x", "scopes": ["board:read"], "expires_at": UNTIL} | {field: value}
    assert_problem(administrator.post_(PATH, body), 400, field=field)
    assert not ServiceAccount.objects.exists()


def test_a_market_has_so_many_accounts_at_most(monkeypatch, administrator) -> None:
    monkeypatch.setattr("dispatch.services.service_accounts.MOST_ACCOUNTS", 1)
    first = made(administrator, "board:read")
    body = {"name": "x", "scopes": ["board:read"], "expires_at": UNTIL}
    assert_problem(administrator.post_(PATH, body), 409, "too_many_accounts")
    administrator.ask("DELETE", f"{PATH}/{first['id']}")
    made(administrator, "board:read")
