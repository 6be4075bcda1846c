"""Rows of the market, its staff and its patients: those people whom no service signs up yet."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from demo.market.invent import Inventor
from dispatch.agreeing import agree
from dispatch.domain.channels import Channel
from dispatch.domain.contact import Agreement
from dispatch.domain.people import PEOPLE, Actor, Role
from dispatch.models import Market, Patient, User
from dispatch.models.encrypted import blind_index
from dispatch.selectors.clock import market_now
from dispatch.selectors.contact_card import contact_terms

NAME = "Washington–Maryland–Virginia (demo)"
ZONE = "America/New_York"
OFFICE_PHONE = "+12025550190"
USERNAMES: dict[Role, str] = {role: f"demo.{role.value}" for role in PEOPLE}
"""For the roles of which there is one; nurses are called by their names."""


@dataclass(frozen=True, slots=True)
class Staff:
    """Those in whose names the market is filled."""

    dispatcher: Actor
    prescriber: Actor
    administrator: Actor


@dataclass(frozen=True, slots=True)
class SignedUp:
    """A patient who can act: ``id`` is the patient's own."""

    by: Actor
    id: UUID


def open_market() -> Market:
    return Market.objects.create(name=NAME, zone=ZONE, is_demo=True, office_phone=OFFICE_PHONE)


def employ(market: Market) -> Staff:
    """Write the people at the desk."""
    return Staff(
        *(
            Actor(_user(market, USERNAMES[role], role).id, role, market.id)
            for role in (Role.DISPATCHER, Role.PRESCRIBER, Role.ADMINISTRATOR)
        )
    )


def sign_up(market: Market, inventor: Inventor, username: str) -> SignedUp:
    """Write a patient who agrees to texts, and then acts for themselves."""
    user, phone = _user(market, username, Role.PATIENT), inventor.phone()
    patient = Patient.objects.create(
        market=market,
        user=user,
        name=inventor.name(),
        phone=phone,
        phone_index=blind_index(phone),
    )
    by = Actor(user.id, Role.PATIENT, market.id, patient.id)
    terms, now = contact_terms(patient.language), market_now(market.id)
    agree(patient.id, Channel.TEXT, phone, terms.wording(Agreement.TEXT), by=by, now=now)
    return SignedUp(by, patient.id)


def _user(market: Market, username: str, role: Role) -> User:
    user = User(market=market, username=username, role=role.value)
    user.set_unusable_password()
    user.save()
    return user
