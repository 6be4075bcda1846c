"""Every "no" names its rules, and doing what its fixes say turns it into a "yes"."""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID

from hypothesis import given, settings

from dispatch.planning import rules
from dispatch.planning.explain import Burden, Fix, candidates
from dispatch.planning.insertion import Gaps
from dispatch.planning.problem import Credential, Stop
from tests.planning import oracle, worlds

NEAR = worlds.TableTravel(((10,) * 5,) * 5)


def apply(fixes, shift, request):
    """What the words of a fix mean, done to the world."""
    forever = (-(10**9), 10**9)
    for fix in fixes:
        width, who = request.latest - request.earliest, shift.nurse
        held = (Credential(fix.code, *forever),)
        shift, request = {
            "licence": (replace(shift, nurse=replace(who, licences=held)), request),
            "certificate": (
                replace(shift, nurse=replace(who, certificates=who.certificates + held)),
                request,
            ),
            "any_nurse": (shift, replace(request, nurse=None)),
            "extend_shift": (replace(shift, end=shift.end + fix.amount), request),
            "start_at": (
                shift,
                replace(request, earliest=fix.amount, latest=fix.amount + width),
            ),
        }[fix.change]
    return shift, request


def fits(shift, request, travel, now):
    visit = Stop(UUID(int=7), request.point, request.earliest, request.latest, request.service, 0)
    return oracle.insertions(shift, request, visit, travel.seconds, now)


def nearer(fix, shift, request, travel, now):
    """Every change of time by fewer seconds, tried one by one, that would also do."""
    cost = fix.amount if fix.change == "extend_shift" else abs(fix.amount - request.earliest)
    moves = [Fix("extend_shift", amount=seconds) for seconds in range(1, cost)]
    moves += [
        Fix("start_at", amount=request.earliest + by)
        for by in range(1 - cost, cost)
        if request.earliest + by >= now
    ]
    return [move for move in moves if fits(*apply([move], shift, request), travel, now)]


@settings(max_examples=500, deadline=None)
@given(worlds.shifts(1), worlds.requests(), worlds.tables, worlds.nows)
def test_the_fixes_make_it_feasible_and_none_nearer_does(shift, request, travel, now):
    (answer,) = candidates(request, [shift], travel, now)
    found = fits(shift, request, travel, now)
    assert (answer.burden is not None) is bool(found)
    assert (not answer.breaches) is bool(found)
    if found:
        assert answer.burden == Burden(*min(found))
        assert answer.fixes == ()
    elif answer.fixes:
        assert fits(*apply(answer.fixes, shift, request), travel, now)
        *mends, last = answer.fixes
        if last.change in {"extend_shift", "start_at"}:
            mended, freed = apply(mends, shift, request)
            assert not nearer(last, mended, freed, travel, now)


@settings(max_examples=200, deadline=None)
@given(worlds.shifts(1), worlds.requests(), worlds.tables, worlds.nows)
def test_no_fix_means_that_no_change_of_time_helps(shift, request, travel, now):
    (answer,) = candidates(request, [shift], travel, now)
    if answer.breaches and not answer.fixes:
        mends = {
            "licensed_in_state": [Fix("licence", request.state)],
            "certified": [Fix("certificate", code) for code in request.certificates],
            "asked_nurse": [Fix("any_nurse")],
        }
        broken = {breach.rule for breach in answer.breaches}
        fixed = [fix for rule, fixes in mends.items() if rule in broken for fix in fixes]
        mended, freed = apply(fixed, shift, request)
        for at in range(now, 250):
            assert not fits(*apply([Fix("start_at", amount=at)], mended, freed), travel, now)
        assert not fits(*apply([Fix("extend_shift", amount=500)], mended, freed), travel, now)


@settings(max_examples=500, deadline=None)
@given(worlds.markets(), worlds.requests(), worlds.tables, worlds.nows)
def test_candidates_and_places_give_the_same_answer(shifts, request, travel, now):
    places = {
        shifts[p.shift].id: Burden(p.detour_s, p.position, p.start)
        for p in Gaps.of(shifts, travel, now).places(request)
    }
    found = candidates(request, shifts, travel, now)
    assert {c.shift: c.burden for c in found if c.burden} == places
    assert len(found) == len(shifts)
    ranks = [(len(c.breaches), c.burden.detour_s if c.burden else 0) for c in found]
    assert [rank[0] for rank in ranks] == sorted(rank[0] for rank in ranks)
    for c in found:
        order = [rules.ORDER.index(breach.rule) for breach in c.breaches]
        assert order == sorted(order)


def test_a_virginia_licence_that_is_missing_is_named_with_its_fix():
    (answer,) = candidates(worlds.request(), [worlds.shift(who=worlds.nurse(state="MD"))], NEAR, 0)
    assert [breach.rule for breach in answer.breaches] == ["licensed_in_state"]
    assert answer.fixes == (Fix("licence", "VA"),)


def test_a_shift_twenty_seconds_short_is_to_be_extended_by_twenty():
    late = worlds.request(earliest=900, latest=1000, service=110)
    (answer,) = candidates(late, [worlds.shift(end=1000)], NEAR, 0)
    assert [(breach.rule, breach.amount) for breach in answer.breaches] == [("within_shift", 20)]
    assert answer.fixes == (Fix("extend_shift", amount=20),)


def test_two_missing_papers_and_the_wrong_nurse_are_all_to_be_mended():
    stranger = worlds.nurse(2, state="MD", certificate=(0, 500))
    (answer,) = candidates(worlds.request(asked=UUID(int=1)), [worlds.shift(who=stranger)], NEAR, 0)
    assert [b.rule for b in answer.breaches] == ["licensed_in_state", "certified", "asked_nurse"]
    assert answer.fixes == (Fix("licence", "VA"), Fix("certificate", "acls"), Fix("any_nurse"))


def test_a_window_gone_by_is_to_begin_now():
    (answer,) = candidates(worlds.request(latest=100), [worlds.shift()], NEAR, 500)
    assert [breach.rule for breach in answer.breaches] == ["arrives_in_window", "not_in_the_past"]
    assert answer.fixes == (Fix("start_at", amount=500),)


def test_a_visit_that_would_make_the_next_one_late_is_to_start_later():
    following = worlds.stop(5, row=1, earliest=100, latest=100)
    tight = worlds.request(earliest=90, latest=95)
    (answer,) = candidates(tight, [worlds.shift(following)], NEAR, 0)
    assert answer.breaches == (rules.Breach("next_visit_on_time", str(following.id), 10),)
    assert answer.fixes == (Fix("start_at", amount=80),)
