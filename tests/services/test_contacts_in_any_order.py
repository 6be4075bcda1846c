"""Ways to a patient against a model that shares no code with the service."""

from dataclasses import dataclass, replace

import pytest
from django.db import transaction
from hypothesis import given, settings
from hypothesis import strategies as st

from dispatch.domain.channels import Channel
from dispatch.domain.errors import Conflict, Invalid
from dispatch.domain.people import Actor
from dispatch.models import ContactConsent
from dispatch.services.contacts import start_address, stop_address, withdraw_agreement
from tests.builders import NOW, PHONE, World
from tests.services.reaching import MAIL, agrees, wants, ways


@dataclass(frozen=True)
class Known:
    """What a person remembers who was there all along."""

    order: tuple[str, ...] = ("text", "email", "push")
    phone: str = PHONE
    email: str = ""
    agreed: frozenset[tuple[str, str]] = frozenset({("text", PHONE)})
    stopped: frozenset[tuple[str, str]] = frozenset()

    def reached(self) -> list[tuple[str, str]]:
        at_hand = {"text": self.phone, "email": self.email}
        named = [(name, at_hand.get(name, "")) for name in self.order]
        return [one for one in named if one[1] and one in self.agreed and one not in self.stopped]


PHONES, MAILS = [PHONE, "+12025550177"], ["", MAIL, "other@example.org"]
ORDERS = [("text",), ("email", "text"), ("text", "email", "push")]
STEPS = st.one_of(
    st.tuples(
        st.just("set"), st.sampled_from(ORDERS), st.sampled_from(PHONES), st.sampled_from(MAILS)
    ),
    st.tuples(st.just("agree"), st.sampled_from(["text", "email"])),
    st.tuples(st.just("withdraw"), st.sampled_from(["text", "email"])),
    st.tuples(st.sampled_from(["stop", "start"]), st.sampled_from([*PHONES, *MAILS[1:]])),
)


def told(known: Known, alice: Actor, step: tuple) -> Known:
    """Do one step with the service, and say what is to be remembered of it."""
    match step:
        case ("set", order, phone, email):
            wants(alice, *map(Channel, order), phone=phone, email=email)
            return replace(known, order=order, phone=phone, email=email)
        case ("stop" | "start" as verb, address):
            one = ("email" if "@" in address else "text", address)
            if verb == "stop":
                stop_address(Channel(one[0]), address, "STOP", now=NOW)
                return replace(known, stopped=known.stopped | {one})
            start_address(Channel(one[0]), address, now=NOW)
            return replace(known, stopped=known.stopped - {one})
    verb, name = step
    one = (name, known.phone if name == "text" else known.email)
    if verb == "withdraw":
        standing = ContactConsent.objects.filter(withdrawn_at=None, channel=name)
        for consent in standing:
            withdraw_agreement(consent.id, by=alice, now=NOW)
        return replace(known, agreed=frozenset(x for x in known.agreed if x[0] != name))
    if not one[1] or (name == "text" and one in known.stopped):
        with pytest.raises((Invalid, Conflict)):
            agrees(alice, Channel(name))
        return known
    agrees(alice, Channel(name))
    return replace(known, agreed=known.agreed | {one}, stopped=known.stopped - {one})


@pytest.mark.django_db
@settings(max_examples=25, deadline=None)
@given(steps=st.lists(STEPS, max_size=12))
def test_whatever_is_said_in_whatever_order_only_agreed_ways_are_left(steps) -> None:
    with transaction.atomic():
        alice, known = World().alice, Known()
        for step in steps:
            known = told(known, alice, step)
            found = [(way.channel.value, way.address) for way in ways(alice)]
            assert found == known.reached(), (step, known)
        transaction.set_rollback(True)
