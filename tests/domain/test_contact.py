"""Which numbers take texts, and to which addresses a browser's subscription may lead."""

import pytest

from dispatch.domain.channels import Channel, Language
from dispatch.domain.contact import Agreement, check_push_keys, check_push_service, phone_number
from dispatch.domain.shipped import load_contact_terms
from tests.browsers import Browser

SERVICES = ("fcm.googleapis.com", "push.apple.com")


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("202 555 0100", "+12025550100"), ("(202) 555-0100", "+12025550100"),
        ("+1 202 555 0100", "+12025550100"), ("1-202-555-0100", "+12025550100"),
        ("+44 7400 123456", "+447400123456"),
    ],
)  # fmt: skip
def test_a_number_is_kept_in_one_way_however_it_is_typed(typed: str, kept: str) -> None:
    assert phone_number(typed) == kept
    assert phone_number(kept) == kept


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ("202 555 0100 ext. 3", "extension"), ("202 555 0100;ext=3", "extension"),
        ("555 0100", "no phone number"), ("911", "no phone number"), ("x", "no phone number"),
        ("+1 202 555 01000", "no phone number"), ("102 555 0100", "no phone number"),
        ("800 555 1212", "takes no texts"), ("900 555 1212", "takes no texts"),
        ("+44 20 7183 8750", "takes no texts"),
    ],
)  # fmt: skip
def test_a_number_that_takes_no_texts_is_refused_with_the_reason(typed, sentence) -> None:
    with pytest.raises(ValueError, match=sentence):
        phone_number(typed)


@pytest.mark.parametrize(
    "endpoint",
    ["https://fcm.googleapis.com/fcm/send/a:b", "https://web.push.apple.com/Q",
     "https://FCM.googleapis.com:443/a"],
)  # fmt: skip
def test_push_services_of_the_list_are_taken(endpoint: str) -> None:
    check_push_service(endpoint, SERVICES)


@pytest.mark.parametrize(
    "endpoint",
    ["http://fcm.googleapis.com/a", "https://fcm.googleapis.com.example.org/a",
     "https://evilpush.apple.com.org/a", "https://notpush.apple.com@example.org/",
     "https://a@fcm.googleapis.com/", "https://fcm.googleapis.com:8443/", "https://127.0.0.1/",
     "https://[::1]/", "https://[::1", "//fcm.googleapis.com/", "", "https:///a",
     "https://xpush.apple.com/", "https://fcm.googleapis.com:x/"],
)  # fmt: skip
def test_no_other_address_is(endpoint: str) -> None:
    with pytest.raises(ValueError, match=r"address|service"):
        check_push_service(endpoint, SERVICES)


def test_keys_are_a_point_of_the_curve_and_a_secret() -> None:
    keys = Browser().told()["keys"]
    check_push_keys(**keys)
    for spoilt in ({"auth": keys["auth"][:-2]}, {"p256dh": keys["p256dh"][:-2] + "AA"}):
        with pytest.raises(ValueError):  # noqa: PT011 - whatever the library says
            check_push_keys(**keys | spoilt)


def test_every_agreement_has_its_words_in_every_language() -> None:
    for language in Language:
        terms = load_contact_terms(language)
        assert terms.texts.keys() == set(Agreement)
        assert "STOP" in terms.texts[Agreement.TEXT]
        assert "HELP" in terms.texts[Agreement.TEXT]
        assert "ketamin" not in str(terms.texts).lower()
        assert terms.wording(Agreement.PUSH) == f"push.{language.value}.{terms.version}"
    assert {channel.value for channel in Channel} < {agreement.value for agreement in Agreement}
