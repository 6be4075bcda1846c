"""How long an answer holds, and what is to be asked: by date, against a count of whole seconds."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dispatch.domain.answers import Needs, asked_from, due_for, form_of, rests_until, to_ask
from dispatch.domain.protocol import parse_protocol
from dispatch.domain.questionnaire import parse_questionnaire
from dispatch.domain.shipped import FOLDER, load_questionnaires, load_shipped

SHIPPED = {data["code"]: data for data in load_shipped()}
PROTOCOL = parse_protocol(SHIPPED["ketamine_six_induction"])
QUESTIONNAIRES = {data["code"]: data for data in load_questionnaires()}
FORM = form_of(PROTOCOL, parse_questionnaire(QUESTIONNAIRES["iv_ketamine"]))
IDS = [question.id for question in FORM.questions]
DAY = 86_400
VISIT = datetime(2027, 6, 8, 14, tzinfo=UTC)
SERVICE = timedelta(hours=2)
SECOND = timedelta(seconds=1)

VALID_DAYS = {
    one["id"]: one.get("valid_days") for one in QUESTIONNAIRES["iv_ketamine"]["questions"]
}
"""As the shipped file says it, for the oracle."""


def ages(oldest: int):
    """Seconds before the visit at which each question was answered; None where it never was."""
    edges = [0, 1, 3 * DAY, 7 * DAY - 7200, 30 * DAY - 7200, 90 * DAY]
    near = st.sampled_from(edges).flatmap(lambda edge: st.integers(max(0, edge - 1), edge + 1))
    return st.fixed_dictionaries(
        {id_: st.one_of(st.none(), near, st.integers(0, oldest)) for id_ in IDS}
    )


def dates(ago):
    return {id_: VISIT - timedelta(seconds=age) for id_, age in ago.items() if age is not None}


@settings(max_examples=60, deadline=None)
@given(ago=ages(100 * DAY), before=st.one_of(st.none(), st.integers(1, 5 * DAY)))
def test_what_a_visit_needs_is_what_was_not_said_in_time(ago, before) -> None:
    last = None if before is None else VISIT - timedelta(seconds=before)
    needs = Needs(asked_from(VISIT, last, PROTOCOL), VISIT + SERVICE)
    due = due_for(FORM, PROTOCOL, dates(ago), needs)
    own, outdated = set(), set()
    for id_, age in ago.items():
        days = VALID_DAYS[id_]
        if days == 0:
            if age is None or age > 3 * DAY or (before is not None and age > before):
                own.add(id_)
        elif age is None or (days is not None and age + 7200 > days * DAY):
            outdated.add(id_)
    assert {one.id for one in due.own} == own
    assert {one.id for one in due.outdated} == outdated


@settings(max_examples=60, deadline=None)
@given(ago=ages(100 * DAY))
def test_asked_next_is_what_nobody_said_or_what_no_longer_holds(ago) -> None:
    expected = [
        id_
        for id_ in IDS
        if ago[id_] is None
        or ago[id_] > {None: 90, 0: 3}.get(VALID_DAYS[id_], VALID_DAYS[id_]) * DAY
    ]
    assert [one.id for one in to_ask(FORM, PROTOCOL, dates(ago), VISIT)] == expected


@settings(max_examples=60, deadline=None)
@given(ago=st.fixed_dictionaries({id_: st.integers(0, 80 * DAY) for id_ in IDS}))
def test_a_clearance_rests_on_its_oldest_answer(ago) -> None:
    oldest = max(age for id_, age in ago.items() if VALID_DAYS[id_] is None)
    until = rests_until(FORM, PROTOCOL, dates(ago))
    assert until == VISIT + timedelta(seconds=90 * DAY - oldest)


@pytest.mark.parametrize("code", list(SHIPPED))
def test_a_medication_of_a_protocol_asks_for_a_review_whatever_the_questionnaire_says(code) -> None:
    protocol = parse_protocol(SHIPPED[code])
    data = QUESTIONNAIRES[protocol.questionnaire.code]
    silent = [{k: v for k, v in one.items() if k != "rules"} for one in data["questions"]]
    form = form_of(protocol, parse_questionnaire(data | {"questions": silent}))
    judged = {rule.question for rule in form.rules if rule.outcome.value == "review"}
    assert {rule.question for rule in protocol.medication} <= judged


def test_one_id_is_one_question_in_every_questionnaire() -> None:
    kinds: dict[str, set[str]] = {}
    for data in QUESTIONNAIRES.values():
        for one in data["questions"]:
            kind = (one["type"], one["required"], one.get("choices"), one.get("valid_days"))
            kinds.setdefault(one["id"], set()).add(repr(kind))
    assert [id_ for id_, found in kinds.items() if len(found) > 1] == []


STOP = re.compile(
    r"\b(stop|quit|cease|discontinu\w*|skip|paus\w+|taper\w*|wean\w*|come off|leave off|leave out"
    r"|do not take|don't take|no longer take|avoid taking|go without|cut (down|out))\b"
    r"(\W+\w+){0,4}?\W+(tak\w+|using|use|medic\w*|drugs?|pills?|tablets?|doses?|benzo\w*|it|them)\b",
    re.IGNORECASE,
)


@pytest.mark.parametrize(
    "said",
    ["Stop taking it.", "stop your medication", "Please do not take your pills.", "Skip a dose",
     "Discontinue alprazolam and other drugs", "taper your benzodiazepine", "Don't take them"],
)  # fmt: skip
def test_such_words_are_found(said) -> None:
    """The control of the test below."""
    assert STOP.search(said)


OF_TEXTS = {"contacts.py", "conversations.py", "replies.py"}
"""Who speaks of stopping texts; what they send is in the shipped words, as everything else is."""


def test_nothing_that_is_shipped_tells_anybody_to_stop_taking_anything() -> None:
    files = sorted(FOLDER.rglob("*.json"))
    assert len(files) > 8
    texts = {str(path): path.read_text().replace("Reply STOP", "Reply") for path in files}
    found = {name: hit[0] for name, text in texts.items() if (hit := STOP.search(text))}
    code = [
        path
        for path in FOLDER.parent.rglob("*.py")
        if not {"migrations", "planning"} & {*path.parts} and path.name not in OF_TEXTS
    ]
    found |= {path.name: hit[0] for path in code if (hit := STOP.search(_texts(path.read_text())))}
    assert found == {}


def _texts(source: str) -> str:
    """What a module says in single lines between quotes."""
    return "\n".join(re.findall(r'"([^"\n]+)"', source))
