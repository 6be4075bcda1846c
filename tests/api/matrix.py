"""One operation asked for by everybody: what the policy table says, against what is answered.

Alice is the patient whose things they are, Nina the nurse who has her visit; Mallory and Nora are
another patient and another nurse of the same market. In the other market there is one of each
role. What is whose is told from the rows that were built, never by asking the service.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from copy import copy
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import uuid4

from django.db import transaction
from django.urls import resolve

from api.policy import POLICY
from dispatch.domain.people import Actor, Role, Scope
from dispatch.domain.whose import Pass, Who, Whose, pass_of, reach_of, scopes_of
from dispatch.models import ServiceAccount
from dispatch.services.service_accounts import make_service_account
from tests.api.operation import Operation
from tests.api.things import ids_in, of_market, of_patient, writes
from tests.api.town import ROOT, Client, Town, digest_of_all_rows
from tests.builders import NEVER, NOW, TOMORROW, World, at

NAMES = {
    Role.PATIENT: "alice", Role.NURSE: "nina", Role.DISPATCHER: "bob",
    Role.PRESCRIBER: "dora", Role.ADMINISTRATOR: "anna",
}  # fmt: skip
PROGRAM = "Wall screens"
HEADERS = {"If_Match": '"7"', "Idempotency_Key": "the same for all"}
HIDDEN = {"Holds"}
"""Doors to which a place is named within a signed text."""


@dataclass(frozen=True)
class Knocker:
    """``reaches`` says to which rows of Alice's this one is near."""

    name: str
    client: Client
    role: Role | None
    here: bool
    reaches: frozenset[Whose] = frozenset()
    scopes: frozenset[Scope] = frozenset()


@dataclass(frozen=True)
class Asked:
    """A request of one operation, and the ids of Alice's market that it names."""

    method: str
    path: str
    text: str
    names: tuple[str, ...]
    hidden: bool

    def by(self, client: Client, **headers: str) -> Any:
        return client.ask(self.method, self.path, text=self.text, **headers)

    def instead(self, change: dict[str, str]) -> Asked:
        """The same about other things."""
        path, text = self.path, self.text
        for old, new in change.items():
            path, text = path.replace(old, new), text.replace(old, new)
        return Asked(self.method, path, text, self.names, self.hidden)


class Matrix:
    """Alice's town, an empty one, and everybody of both."""

    def __init__(self) -> None:
        self.town = Town()
        self.other = Town("Elsewhere")
        world, away = self.town.world, self.other.world
        mallory, nora = world.patient("mallory"), world.nurse("nora")
        world.shift(nora)
        assert self.town.home
        assert self.town.carl
        owner = {Whose.OWN}
        self.program, self.away_program = _program(world), _program(away)
        self.here = [
            self._person(self.town.alice, *owner),
            self._person(mallory, name="mallory"),
            self._person(self.town.nina, Whose.ASSIGNED, Whose.MARKET),
            self._person(nora, Whose.MARKET, name="nora"),
            *(self._person(one, Whose.MARKET) for one in (world.bob, world.dora, world.anna)),
        ]
        self.away = [
            self._person(one, here=False)
            for one in (away.alice, self.other.nina, away.bob, away.dora, away.anna)
        ]
        self.elsewhere = of_market(away.market)

    def faults_of(self, operation: Operation, route: str) -> list[str]:
        """Say what was not as the table has it; ``route`` is the document's address."""
        with transaction.atomic():
            town = copy(self.town)
            if operation.role == "nina" or Whose.ASSIGNED in self._reaches(operation):
                assert town.assigned
            asked = _asked(operation, town, route)
            found = list(self._faults(operation, asked))
            transaction.set_rollback(True)
        return [f"{operation.name} {route}: {one}" for one in found]

    def faults_within(self, operation: Operation, route: str) -> list[str]:
        """Whoever does it names one thing of the other market beside things in reach."""
        with transaction.atomic():
            asked, theirs = (
                _asked(operation, copy(town), route) for town in (self.town, self.other)
            )
            client = next(one.client for one in self.here if one.name == operation.role)
            found = []
            before = digest_of_all_rows()
            for mine, foreign in zip(asked.names, theirs.names, strict=True):
                seen = asked.instead({mine: foreign}).by(client)
                missing = asked.instead({mine: str(uuid4())}).by(client)
                if seen.content != missing.content or seen.status_code not in {400, 404}:
                    found.append(f"{seen.status_code} {seen.content!r}, {missing.content!r}")
            if digest_of_all_rows() != before:
                found.append("something was written")
            transaction.set_rollback(True)
        return [f"{operation.name} {route}: {one}" for one in found]

    def _reaches(self, operation: Operation) -> set[Whose | None]:
        return {reach_of(_row(operation), role) for role in Role}

    def _faults(self, operation: Operation, asked: Asked) -> Iterator[str]:
        row, all_here = _row(operation), of_market(self.town.market)
        alices = of_patient(self.town.alice.person_id)
        for one in self._everybody(row):
            whose = None if one.role is None else reach_of(row, one.role, one.scopes)
            near = _is_near(one, whose, operation)
            secret = self.elsewhere if one.here else all_here
            if one.here and whose in {Whose.OWN, Whose.ASSIGNED} and not near:
                secret = secret | alices
            if (passing := pass_of(row)) is not None:
                fault = _fault_of_pass(passing, one, asked)
            elif whose is None:
                fault = _fault_of_denial(one, asked)
            elif (asked.names or asked.hidden) and not near:
                fault = _fault_of_missing(one, asked)
            else:
                fault = _fault_of_answer(
                    one,
                    asked,
                    secret,
                    first=one.here and one.name == operation.role,
                    none=whose is Whose.OWN and one.role is not Role.PATIENT and not near,
                )
            if fault is not None:
                yield f"{one.name} {'here' if one.here else 'elsewhere'}: {fault}"

    def _everybody(self, row: frozenset[Who]) -> Iterator[Knocker]:
        yield Knocker("nobody", Client(), None, here=False)
        if pass_of(row):
            yield self.here[0]
            return
        yield from self.here
        yield from self.away
        without = frozenset(Scope) - scopes_of(row)
        yield self._program_here("program", frozenset(Scope))
        yield self._program_here("program without the scope", without)
        yield Knocker(
            "program", _bearing(self.away_program), Role.SERVICE, here=False,
            scopes=frozenset(Scope),
        )  # fmt: skip

    def _program_here(self, name: str, scopes: frozenset[Scope]) -> Knocker:
        """The account has these scopes until the next one is asked for."""
        mine = ServiceAccount.objects.filter(market_id=self.town.market.id, name=PROGRAM)
        mine.update(scopes=sorted(scopes))
        reaches = frozenset({Whose.MARKET})
        return Knocker(name, _bearing(self.program), Role.SERVICE, True, reaches, scopes)

    def _person(self, who: Actor, *reaches: Whose, name: str = "", here: bool = True) -> Knocker:
        client = self.town.as_(who)
        return Knocker(name or NAMES[who.role], client, who.role, here, frozenset(reaches))


def _program(world: World) -> str:
    """The token of an account; that it is used is not written down each time."""
    made = {"expires_at": at(12, day=TOMORROW + timedelta(days=9)), "by": world.anna, "now": NOW}
    account_id, token = make_service_account(PROGRAM, list(Scope), **made)
    ServiceAccount.objects.filter(id=account_id).update(last_used_at=NEVER)
    return token


def _bearing(token: str) -> Client:
    client = Client()
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {token}")
    return client


def _row(operation: Operation) -> frozenset[Who]:
    return POLICY.get(operation.door, {}).get(operation.method, frozenset())


def _asked(operation: Operation, town: Town, route: str) -> Asked:
    """The request of the operation, about Alice wherever a patient can be named."""
    path, body = operation.path(town), operation.body(town)
    if operation.door == "VisitStep":
        path = f"{path.rpartition('/')[0]}/{route.rpartition('/')[2]}"
    found = resolve(ROOT + path.partition("?")[0]).route.removeprefix(ROOT[1:])
    assert re.sub("<[a-z]+:([a-z_]+)>", r"{\1}", found) == route, (found, route)
    if "patient" in operation.fields:
        body = {**(body or {}), "patient": str(town.alice.person_id)}
    text = "" if body is None else json.dumps(body)
    things = of_market(town.market)
    names = tuple(one for one in ids_in(f"{path} {text}") if one in things)
    return Asked(operation.method, path, text, names, operation.door in HIDDEN)


def _is_near(one: Knocker, whose: Whose | None, operation: Operation) -> bool:
    if whose is Whose.ROLE or (whose is Whose.OWN and one.role is not Role.PATIENT):
        return one.here and one.name == operation.role
    return whose in one.reaches


def _fault_of_pass(passing: Pass, one: Knocker, asked: Asked) -> str | None:
    """Without a signature nobody gets in; where none is needed, nobody is kept out."""
    before, answer = writes(), _undone(asked, one.client)
    if passing is Pass.NOTHING:
        return None if answer.status_code < 300 else f"kept out: {answer.status_code}"
    refused = answer.status_code in {403, 404} and writes() == before
    return None if refused else f"let in unsigned: {answer.status_code}"


def _fault_of_denial(one: Knocker, asked: Asked) -> str | None:
    before, answer = writes(), asked.by(one.client)
    status, code = (401, "not_authenticated") if one.role is None else (403, "permission_denied")
    if (answer.status_code, answer.json().get("code")) != (status, code):
        return f"{answer.status_code} {answer.content[:200]!r} instead of {status} {code}"
    return _fault_of_traces(one, asked, before, answer)


def _fault_of_missing(one: Knocker, asked: Asked) -> str | None:
    """What is out of reach is answered, byte for byte, as what there is not."""
    before, answer = writes(), asked.by(one.client, **HEADERS)
    invented = asked.instead({name: str(uuid4()) for name in asked.names})
    missing = invented.by(one.client, **HEADERS)
    if answer.status_code != 404:
        return f"{answer.status_code} {answer.content[:200]!r} instead of 404"
    if answer.content != missing.content:
        return f"{answer.content!r}, but of what there is not {missing.content!r}"
    return _fault_of_traces(one, asked, before, answer)


def _fault_of_traces(one: Knocker, asked: Asked, before: int, answer: Any) -> str | None:
    if asked.method == "GET":
        head = Asked("HEAD", asked.path, "", asked.names, asked.hidden).by(one.client)
        if head.status_code != answer.status_code:
            return f"to HEAD {head.status_code}, to GET {answer.status_code}"
    return None if writes() == before else f"{answer.status_code}, but something was written"


def _fault_of_answer(
    one: Knocker, asked: Asked, secret: frozenset[str], *, first: bool, none: bool
) -> str | None:
    """Let in: what the business then says is its own affair, if it tells of nobody else.

    Of what is a member of staff's own, as a link to a calendar, there may be ``none``.
    """
    answer = _undone(asked, one.client)
    if none and answer.status_code == 404:
        return None
    code = answer.json().get("code") if answer.content and answer.status_code >= 400 else None
    if answer.status_code in {401, 404, 405} or code == "permission_denied":
        return f"kept out: {answer.status_code} {answer.content[:200]!r}"
    if answer.status_code >= 500 or (first and answer.status_code not in {200, 201, 204, 409}):
        return f"{answer.status_code} {answer.content[:200]!r}"
    told = set(ids_in(answer.content.decode())) & secret
    return f"is told of {sorted(told)}" if told else None


def _undone(asked: Asked, client: Client) -> Any:
    with transaction.atomic():
        answer = asked.by(client)
        transaction.set_rollback(True)
    return answer
