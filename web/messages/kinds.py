"""Every kind of message that the rules of a treatment make: when it goes out, and its texts."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import groupby

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from dispatch.domain.channels import Language
from dispatch.domain.errors import NotFound
from dispatch.domain.messages import STAFF, AtEvent, Audience
from dispatch.domain.places import LocationKind
from dispatch.selectors.message_examples import Example, RuleShown, example_window, rules_shown
from dispatch.selectors.protocols import OfferedProtocol, current_in
from web.guarding import Visitor
from web.languages import words
from web.messages.telling import PAGE, kind_told, when_told
from web.messages.writing import parts_told

GROUPS = (Audience.PATIENT, Audience.COMPANION, Audience.PROVIDER, Audience.DISPATCHER)
SHOWN = {"both": tuple(Language), **{one.value: (one,) for one in Language}}
"""Which languages each choice shows, side by side."""


@dataclass(frozen=True, slots=True)
class ExampleTold:
    example: Example
    language: str
    parts: str


@dataclass(frozen=True, slots=True)
class RuleTold:
    """A rule in words; a task of staff has no examples."""

    code: str
    what: str
    whom: str
    when: str
    needs: str
    places: str
    if_past: str
    examples: tuple[ExampleTold, ...]


@dataclass(frozen=True, slots=True)
class Group:
    code: str
    name: str
    rules: tuple[RuleTold, ...]


def kinds(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    """Show the rules of one treatment. Raises NotFound for one that the market has not."""
    offered = current_in(visitor.by.market_id)
    chosen = _chosen(offered, request.GET.get("treatment", ""))
    wanted = request.GET.get("languages", "")
    shown = wanted if wanted in SHOWN else "both"
    language = Language(visitor.language[:2])
    groups: list[Group] = []
    if chosen is not None:
        rules = rules_shown(visitor.by.market_id, chosen, now=visitor.now)
        groups = _groups(rules, SHOWN[shown], language)
    told = words(PAGE)
    when = example_window(visitor.by.market_id, language, now=visitor.now)
    context = {
        "words": told,
        "offered": offered,
        "chosen": chosen,
        "groups": groups,
        "languages": shown,
        "choices": [(one, told[one if one == "both" else f"only_{one}"]) for one in SHOWN],
        "example": told["example"].format(when=when),
    }
    return render(request, "web/messages/kinds.html", context)


def _chosen(offered: tuple[OfferedProtocol, ...], code: str) -> OfferedProtocol | None:
    if not code:
        return next(iter(offered), None)
    found = next((one for one in offered if one.protocol.code == code), None)
    if found is None:
        raise NotFound("treatment")
    return found


def _groups(
    rules: Iterable[RuleShown], languages: tuple[Language, ...], language: Language
) -> list[Group]:
    def place(one: RuleShown) -> int:
        return len(GROUPS) - 1 if one.audience in STAFF else GROUPS.index(one.audience)

    told = words(PAGE)
    return [
        Group(code, told[f"group__{code}"], tuple(_told(one, languages, language) for one in own))
        for at, own in groupby(sorted(rules, key=place), place)
        for code in ["staff" if GROUPS[at] in STAFF else GROUPS[at].value]
    ]


def _told(one: RuleShown, languages: tuple[Language, ...], language: Language) -> RuleTold:
    told, rule = words(PAGE), one.rule
    timed = rule is not None and not isinstance(rule.when, AtEvent)
    everywhere = rule is None or rule.locations == frozenset(LocationKind)
    task = None if rule is None else rule.task
    return RuleTold(
        code=one.template,
        what=kind_told(one.kind, task),
        whom=told[f"whom__{one.audience}"] if task else "",
        when=when_told(None if rule is None else rule.when, language),
        needs=told[f"need__{rule.needs}"] if rule and rule.needs else "",
        places="" if everywhere else ", ".join(_places(one)),
        if_past=told[f"past__{rule.if_past}"] if rule and timed else "",
        examples=tuple(
            ExampleTold(each, told[f"only_{each.language}"], parts_told(each.segments))
            for each in one.examples
            if each.language in languages
        ),
    )


def _places(one: RuleShown) -> list[str]:
    told = words(PAGE)
    at = frozenset() if one.rule is None else one.rule.locations
    return [told[f"place__{kind}"] for kind in LocationKind if kind in at]
