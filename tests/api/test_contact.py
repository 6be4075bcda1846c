"""How a patient wants to be reached, over HTTP."""

from dispatch.models import ContactConsent
from tests.api.town import Town, assert_problem
from tests.browsers import browser
from tests.builders import PHONE

MAIL = "alice@example.org"
SHOWN = {"language": "en", "text_version": 1}


def test_a_patient_sets_addresses_agrees_and_takes_it_back(town: Town, patient) -> None:
    words = patient.get_("contact/terms").json()["words"]
    (shown,) = (one for one in words if (one["agreement"], one["language"]) == ("email", "es"))
    before = patient.get_("contact").json()
    assert (before["phone"], before["language"]) == (PHONE, "en")
    assert [(way["channel"], bool(way["consent"])) for way in before["ways"]] == [("text", True)]
    body = {"language": "es", "channels": ["email", "text"], "email": MAIL}
    card = patient.ask("PUT", "contact", body).json()
    assert (card["language"], card["channels"]) == ("es", ["email", "text"])
    assert (card["phone"], card["email"]) == (PHONE, MAIL)
    assert card["ways"][1] == {
        "channel": "email", "address": MAIL, "consent": None, "wording": "", "given_at": None,
        "stopped": False,
    }  # fmt: skip
    told = {"channel": "email", "language": "es", "text_version": shown["version"]}
    given = patient.post_("contact/consents", told).json()["ways"][1]
    assert given["wording"] == "email.es.1"
    gone = patient.post_(f"contact/consents/{given['consent']}/withdrawal")
    assert gone.status_code == 204
    assert patient.get_("contact").json()["ways"][1]["consent"] is None


def test_the_desk_records_what_a_patient_says_on_the_telephone(town: Town, dispatcher) -> None:
    alice = str(town.alice.person_id)
    body = {"patient": alice, "language": "en", "channels": ["email"], "email": MAIL}
    assert dispatcher.ask("PUT", "contact", body).status_code == 200
    told = SHOWN | {"channel": "email", "patient": alice}
    assert dispatcher.post_("contact/consents", told).status_code == 201
    consent = ContactConsent.objects.get(person_id=alice, channel="email")
    assert consent.given_by_id == town.bob.user_id
    assert dispatcher.get_("contact", patient=alice).json()["ways"][1]["consent"]
    assert_problem(dispatcher.get_("contact"), 404, "not_found", "patient")


def test_nobody_sees_or_sets_what_is_anothers(town: Town, patient) -> None:
    zoe = str(town.world.patient("zoe").person_id)
    other = Town("Elsewhere")
    body = {"patient": zoe, "language": "en", "channels": ["text"]}
    assert_problem(patient.get_("contact", patient=zoe), 404, "not_found")
    assert_problem(patient.ask("PUT", "contact", body), 404, "not_found")
    assert_problem(
        patient.post_("contact/consents", SHOWN | {"channel": "text", "patient": zoe}), 404
    )
    desk = town.as_(town.bob)
    assert_problem(desk.get_("contact", patient=str(other.alice.person_id)), 404, "not_found")
    assert_problem(desk.post_(f"contact/consents/{other.agreed}/withdrawal"), 404, "not_found")


def test_agreeing_twice_with_one_key_is_one_consent(town: Town, patient) -> None:
    assert patient.post_(f"contact/consents/{town.agreed}/withdrawal").status_code == 204
    told = SHOWN | {"channel": "text"}
    first, second = (patient.post_("contact/consents", told, Idempotency_Key="k") for _ in range(2))
    assert first.status_code == second.status_code == 201
    assert first.json() == second.json()
    standing = ContactConsent.objects.filter(channel="text", withdrawn_at__isnull=True)
    assert standing.filter(person_id=town.alice.person_id).count() == 1


def test_a_browser_is_listed_without_its_address(town: Town, patient) -> None:
    answer = patient.post_("contact/push-subscriptions", SHOWN | browser())
    assert answer.status_code == 201
    assert "googleapis" not in answer.content.decode()
    (push,) = (way for way in answer.json()["ways"] if way["channel"] == "push")
    assert push["address"] == ""
    assert push["wording"] == "push.en.1"
