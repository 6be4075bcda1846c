"""The providers' doors: what is not signed by them, or is told again, changes nothing."""

from datetime import UTC, datetime, timedelta

import pytest
from django.core.cache import caches

from dispatch.domain.limits import Limit
from dispatch.models import InboundText, MessageAttempt, ProviderReceipt, Stop, Task, TextReply
from dispatch.models.encrypted import blind_index
from tests.api.town import Client, Town, assert_problem, digest_of_all_rows
from tests.builders import COMPANIONS_PHONE, PHONE
from tests.signing import (
    FORM,
    OTHER,
    RESEND,
    SECRET,
    STANDARD,
    TOKEN,
    TWILIO,
    signed_call,
    told_by_twilio,
    twilio_call,
    written_by,
)
from tests.texting import written_to
from workers import work

URL = "https://visits.example"
TEXT = {"type": "text.received", "data": {"id": "t1", "from": PHONE, "body": "hello"}}


@pytest.fixture(autouse=True)
def secrets(settings) -> None:
    settings.PUBLIC_URL, settings.TWILIO_AUTH_TOKEN = URL, TOKEN
    settings.TEXTS_HOOK_SECRET = settings.EMAILS_HOOK_SECRET = SECRET


def sent(town: Town, carrier: str = "twilio", provider_id: str = "SM1") -> MessageAttempt:
    """Carl's question, as if this provider had accepted it."""
    assert town.assigned
    work.deliver_events()
    work.send_messages()
    attempt = MessageAttempt.objects.get(message__kind="companion_request")
    attempt.carrier, attempt.provider_id = carrier, provider_id
    attempt.save(update_fields=["carrier", "provider_id"])
    return attempt


def test_what_people_write_is_kept_encrypted_and_read(town: Town, anonymous: Client) -> None:
    sent(town)
    answer = twilio_call(anonymous, URL, written_by(COMPANIONS_PHONE, "Yes!"))
    assert (answer.status_code, answer.content) == (204, b"")
    text = InboundText.objects.get()
    assert (text.body, text.sender, text.market_id) == ("Yes!", COMPANIONS_PHONE, town.market.id)
    work.deliver_events()
    text.refresh_from_db()
    assert text.led_to == "confirmed"


@pytest.mark.parametrize("status", ["delivered", "read"])
def test_a_receipt_settles_what_we_sent(town: Town, anonymous: Client, status: str) -> None:
    attempt = sent(town)
    assert twilio_call(anonymous, URL, told_by_twilio("SM1", status)).status_code == 204
    attempt.refresh_from_db()
    assert attempt.receipt == "delivered"


def test_receipts_out_of_order_and_told_again_settle_right(town: Town, anonymous: Client) -> None:
    attempt = sent(town)
    for status in ("delivered", "sent", "queued", "delivered", "undelivered", "failed"):
        assert twilio_call(anonymous, URL, told_by_twilio("SM1", status)).status_code == 204
    attempt.refresh_from_db()
    assert attempt.receipt == "delivered", "what has arrived has arrived"
    kept = ProviderReceipt.objects.order_by("received_at").values_list("receipt", flat=True)
    assert list(kept) == ["delivered", "failed", "failed"], "one for each event that is news"


def test_a_receipt_that_comes_before_our_own_commit_is_kept(anonymous: Client, town: Town) -> None:
    assert twilio_call(anonymous, URL, told_by_twilio("SM9", "failed")).status_code == 204
    kept = ProviderReceipt.objects.get()
    assert (kept.carrier, kept.provider_id, kept.receipt) == ("twilio", "SM9", "failed")


def test_a_forged_call_is_refused_and_nothing_is_written(town: Town, anonymous: Client) -> None:
    sent(town)
    before = digest_of_all_rows()
    form, stop = told_by_twilio("SM1", "failed"), written_by(COMPANIONS_PHONE, "STOP")
    for forged in (form, stop):
        refused = twilio_call(anonymous, URL, forged, token="f" * 32)
        assert_problem(refused, 403, "forged")
        assert_problem(twilio_call(anonymous, "https://other.example", forged), 403, "forged")
    unsigned = anonymous.generic("POST", TWILIO, "a=b", content_type=FORM)
    assert_problem(unsigned, 403, "forged")
    late = datetime.now(UTC) - timedelta(minutes=5, seconds=2)
    early = datetime.now(UTC) + timedelta(minutes=5, seconds=30)
    for path, prefix in ((STANDARD, "webhook-"), (RESEND, "svix-")):
        for more in ({"secret": OTHER}, {"at": late}, {"at": early}, {"prefix": "x-"}):
            call = {"prefix": prefix, **more}
            assert_problem(signed_call(anonymous, path, TEXT, **call), 403, "forged")
    assert digest_of_all_rows() == before


def test_only_forged_calls_are_limited_and_a_stop_comes_through(
    town: Town, anonymous: Client, settings
) -> None:
    sent(town)
    caches["default"].clear()
    settings.LIMITS = settings.LIMITS | {"hooks": Limit(2, 600)}
    stop = written_by(COMPANIONS_PHONE, "STOP")
    forged = [twilio_call(anonymous, URL, stop, token="f" * 32).status_code for _ in range(4)]
    assert forged == [403, 403, 429, 429]
    assert twilio_call(anonymous, URL, stop).status_code == 204
    assert Stop.objects.count() == 1


@pytest.mark.parametrize("signature", ["", "v1", "v1,", "v1,é", "v1,AAAA v2,x", "x" * 5000, ","])
def test_a_signature_that_is_none_is_a_forged_one(anonymous: Client, db, signature: str) -> None:
    moment = str(int(datetime.now(UTC).timestamp()))
    for stamp in (moment, "", "nan", "1e400", "-1", "tomorrow"):
        headers = {"webhook-id": "x", "webhook-timestamp": stamp, "webhook-signature": signature}
        answer = anonymous.generic(
            "POST", STANDARD, "{}", content_type="application/json", headers=headers
        )
        assert_problem(answer, 403, "forged")
    answer = anonymous.generic(
        "POST", TWILIO, "a=b", content_type=FORM, headers={"X-Twilio-Signature": signature}
    )
    assert_problem(answer, 403, "forged")


def test_a_body_that_was_altered_is_refused(anonymous: Client, town: Town) -> None:
    """One byte is enough: it is the raw body that is signed."""
    from standardwebhooks import Webhook

    moment = datetime.now(UTC)
    headers = {
        "webhook-id": "m", "webhook-timestamp": str(int(moment.timestamp())),
        "webhook-signature": Webhook(SECRET).sign("m", moment, '{"type":"x"}'),
    }  # fmt: skip
    for body, status in (('{"type":"x"}', 204), ('{"type": "x"}', 403)):
        answer = anonymous.generic(
            "POST", STANDARD, body, content_type="application/json", headers=headers
        )
        assert answer.status_code == status


def test_what_is_told_again_is_answered_alike_and_written_once(town, anonymous: Client) -> None:
    sent(town)
    calls = [
        lambda: twilio_call(anonymous, URL, told_by_twilio("SM1", "delivered")),
        lambda: twilio_call(anonymous, URL, written_by(COMPANIONS_PHONE, "STOP", "SM2")),
        lambda: signed_call(anonymous, STANDARD, TEXT, key="msg_2"),
        lambda: signed_call(
            anonymous, RESEND, {"type": "email.bounced", "data": {"email_id": "e1"}},
            key="msg_3", prefix="svix-",
        ),
    ]  # fmt: skip
    for call in calls:
        assert call().status_code == 204
        before = digest_of_all_rows()
        assert call().status_code == 204
        assert digest_of_all_rows() == before
    assert (InboundText.objects.count(), ProviderReceipt.objects.count()) == (2, 2)


def test_e_mails_that_bounced_have_failed_and_what_was_opened_is_no_news(anonymous, db) -> None:
    told = ["email.sent", "email.delivered", "email.opened", "email.bounced", "email.complained"]
    for number, kind in enumerate(told):
        document = {"type": kind, "data": {"email_id": "e1"}}
        answer = signed_call(anonymous, RESEND, document, key=f"m{number}", prefix="svix-")
        assert answer.status_code == 204
    kept = ProviderReceipt.objects.order_by("received_at").values_list("carrier", "receipt")
    assert list(kept) == [("resend", "delivered"), ("resend", "failed")]


@pytest.mark.parametrize(
    ("document", "field"),
    [
        ("", "body"), ("{", "body"), ("[]", "body"), ('"x"', "body"), ("[" * 100_000, "body"),
        ({"type": "text.received"}, "data"), ({"type": "text.received", "data": 3}, "data"),
        ({"type": "text.received", "data": {"from": PHONE, "body": "x"}}, "data.id"),
        ({"type": "text.received", "data": {"id": "a b", "from": PHONE, "body": "x"}}, "data.id"),
        ({"type": "text.received", "data": {"id": "\x00", "from": PHONE, "body": ""}}, "data.id"),
        ({"type": "text.received", "data": {"id": "x" * 129, "from": "", "body": ""}}, "data.id"),
        ({"type": "text.received", "data": {"id": "1", "body": "x"}}, "data.from"),
        ({"type": "text.received", "data": {"id": "1", "from": PHONE, "body": None}}, "data.body"),
        ({"type": "text.failed", "data": {"id": 7}}, "data.id"),
    ],
)  # fmt: skip
def test_what_is_signed_and_cannot_be_read_is_named(anonymous, town, document, field) -> None:
    before = digest_of_all_rows()
    assert_problem(signed_call(anonymous, STANDARD, document), 400, "invalid", field)
    assert digest_of_all_rows() == before


@pytest.mark.parametrize("left_out", ["MessageSid", "From", "Body"])
def test_a_form_without_what_it_needs_is_named(anonymous, town, left_out: str) -> None:
    form = written_by(PHONE, "hello")
    del form[left_out]
    assert_problem(twilio_call(anonymous, URL, form), 400, "invalid", left_out)
    assert not InboundText.objects.exists()


def test_odd_texts_of_others_are_kept_as_far_as_they_can_be(anonymous: Client, town: Town) -> None:
    odd = ["", "\x00", "\ud83d".encode("utf-8", "replace").decode(), "é" * 1600, "👍" * 500]
    for number, body in enumerate(odd):
        form = written_by("+1 (202) 555-0100" if number else "22395", body, f"SM{number}")
        assert twilio_call(anonymous, URL, form).status_code == 204
    work.deliver_events()
    texts = InboundText.objects.order_by("received_at")
    assert [one.body for one in texts] == ["", "", *odd[2:]]
    assert {one.sender for one in texts} == {"22395", PHONE}
    assert {one.led_to for one in texts} == {"person"}
    assert TextReply.objects.count() == 1, "a short number is a machine's"


@pytest.mark.parametrize("call", ["standard", "twilio"])
def test_a_stop_with_signs_that_cannot_be_kept_is_obeyed(anonymous, town, call: str) -> None:
    data = {"id": "t1", "from": f"{PHONE}\x00", "body": "STOP\x00 \ud83d"}
    if call == "standard":
        answer = signed_call(anonymous, STANDARD, {"type": "text.received", "data": data})
    else:
        answer = twilio_call(anonymous, URL, written_by(PHONE, "STOP\x00"))
    assert answer.status_code == 204
    assert Stop.objects.get().address_index == blind_index(PHONE)
    work.deliver_events()
    assert InboundText.objects.get().led_to == "stopped"


def test_a_sender_that_cannot_be_written_is_kept(anonymous: Client, town: Town) -> None:
    data = {"id": "t1", "from": "\ud83d", "body": "x"}
    document = {"type": "text.received", "data": data}
    assert signed_call(anonymous, STANDARD, document).status_code == 204
    assert InboundText.objects.get().sender == "?"


def test_a_form_of_many_parameters_is_refused(anonymous: Client, town: Town) -> None:
    form = {f"p{number}": "x" for number in range(1500)}
    assert_problem(twilio_call(anonymous, URL, form), 400, "invalid", "body")


def test_a_body_that_is_too_large_is_refused_unread(anonymous: Client, town: Town) -> None:
    form = written_by(PHONE, "x" * 2**20)
    assert_problem(twilio_call(anonymous, URL, form), 413, "too_large")
    big = {"type": "x", "data": "y" * 2**20}
    assert_problem(signed_call(anonymous, STANDARD, big), 413, "too_large")


def test_a_provider_whose_secret_is_not_set_is_unknown(settings, anonymous, town) -> None:
    settings.TWILIO_AUTH_TOKEN = settings.TEXTS_HOOK_SECRET = settings.EMAILS_HOOK_SECRET = ""
    calls = [
        twilio_call(anonymous, URL, written_by(PHONE, "STOP"), token=""),
        signed_call(anonymous, STANDARD, TEXT), signed_call(anonymous, RESEND, TEXT),
        anonymous.post("/api/v1/hooks/texts/pigeon"), anonymous.post("/api/v1/hooks/emails/twilio"),
    ]  # fmt: skip
    for refused in calls:
        assert_problem(refused, 404, "not_found")


def test_a_stop_holds_from_the_doors_own_answer_on(town: Town, anonymous: Client) -> None:
    """No worker has run: nothing may be begun between the text and its reading."""
    assert town.assigned
    twilio_call(anonymous, URL, written_by(COMPANIONS_PHONE, "Stop."))
    stop = Stop.objects.get(started_at__isnull=True)
    assert (stop.channel, stop.word) == ("text", "stop")
    assert stop.address_index == blind_index(COMPANIONS_PHONE)
    work.deliver_events()
    (confirmed,) = written_to(COMPANIONS_PHONE)
    assert confirmed.startswith("You will get no more texts from us.")


def test_dispatchers_read_what_waits_and_end_it_by_its_task(town: Town, dispatcher) -> None:
    sent(town)
    client = Client()
    for number, body in enumerate(("Who is this?", "chest pain", "yes", "thanks")):
        twilio_call(client, URL, written_by(COMPANIONS_PHONE, body, f"SM{number}"))
    assert len(dispatcher.get_("inbound-texts").json()["results"]) == 4, "not read yet"
    work.deliver_events()
    waiting = dispatcher.get_("inbound-texts", state="open").json()["results"]
    assert {(one["body"], one["urgent"]) for one in waiting} == {
        ("Who is this?", False), ("chest pain", True),
    }  # fmt: skip
    assert {one["visit"] for one in waiting} == {str(town.visit)}
    for one in waiting:
        done = dispatcher.post_(f"tasks/{one['task']}/done", {"outcome": "called"})
        assert done.status_code == 200
    assert dispatcher.get_("inbound-texts").json()["results"] == []
    assert len(dispatcher.get_("inbound-texts", state="done").json()["results"]) == 4
    assert_problem(dispatcher.get_("inbound-texts", state="x"), 400, field="state")


def test_a_text_is_shown_in_its_own_market_alone(town: Town, anonymous: Client) -> None:
    sent(town)
    other = Town("Elsewhere")
    twilio_call(anonymous, URL, written_by(COMPANIONS_PHONE, "Who is this?"))
    assert len(town.as_(town.bob).get_("inbound-texts").json()["results"]) == 1
    assert other.as_(other.bob).get_("inbound-texts").json()["results"] == []
    work.deliver_events()
    assert Task.objects.get(kind="read_reply").market_id == town.market.id
