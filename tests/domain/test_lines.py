"""A line that does not answer is left alone, one that is limited is not asked for more: over any
story, judged from the whole of it."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from dispatch.domain.lines import LONGEST_PAUSE, PAUSE, Line, admit, after

BEGIN = datetime(2027, 6, 7, 12, tzinfo=UTC)
FIVE, PROBE_S = 5, 4.0

rates = st.sampled_from([0.5, 1.0, 7.0, 30.0])
calls = st.tuples(st.just("calls"), st.lists(st.booleans(), min_size=1, max_size=8), st.just(0))
asks = st.tuples(st.just("asks"), st.just([]), st.integers(1, 120))
steps = st.lists(st.tuples(st.integers(0, 5_000), asks | calls), max_size=40)


def fresh(per_s: float = 0.0) -> Line:
    return Line(0, None, max(per_s, 1.0), BEGIN)


def at(milliseconds: int) -> datetime:
    return BEGIN + timedelta(milliseconds=milliseconds)


@given(steps)
def test_an_open_line_is_left_alone_and_then_tried_by_one_at_a_time(story) -> None:
    line, clock, told, quiet_until = fresh(), 0, [], 0
    for passes, (kind, answers, wanted) in story:
        clock += passes
        run = len(told) - max((n + 1 for n, one in enumerate(told) if one), default=0)
        if kind == "calls":
            line = after(line, answers, 0.0, at(clock))
            told += answers
            quiet_until = clock + 2_000
            continue
        line, admission = admit(line, wanted, 0.0, at(clock))
        if run < FIVE:
            assert admission.count == wanted
        elif clock < quiet_until:
            assert admission.count == 0
            assert abs(admission.wait_s - (quiet_until - clock) / 1000) < 1e-6
        else:
            assert admission.count == 1
            quiet_until = clock + int(PROBE_S * 1000)


@given(rates, st.lists(st.tuples(st.integers(0, 3_000), st.integers(1, 50)), max_size=40))
def test_in_no_stretch_of_time_is_more_admitted_than_the_rate_and_one_second_of_it(
    per_s: float, story: list[tuple[int, int]]
) -> None:
    line, clock, given_out = fresh(per_s), 0, []
    for passes, wanted in story:
        clock += passes
        line, admission = admit(line, wanted, per_s, at(clock))
        given_out.append((clock, admission.count))
    for first, (begin, _) in enumerate(given_out):
        for last in range(first, len(given_out)):
            took_s = (given_out[last][0] - begin) / 1000
            total = sum(count for _, count in given_out[first : last + 1])
            assert total <= per_s * took_s + max(per_s, 1.0) + 1e-6


@given(rates, st.integers(1, 200))
def test_whoever_waits_as_long_as_told_is_admitted_then(per_s: float, wanted: int) -> None:
    line, admission = admit(fresh(per_s), wanted, per_s, BEGIN)
    left, clock = wanted - admission.count, BEGIN
    if left:
        clock += timedelta(seconds=admission.wait_s + 1e-3)
        line, admission = admit(line, left, per_s, clock)
        assert admission.count >= 1


def test_the_fifth_failure_in_a_row_opens_a_line_and_an_answer_closes_it() -> None:
    four = after(fresh(), [False] * 4, 0.0, BEGIN)
    assert admit(four, 9, 0.0, BEGIN)[1].count == 9
    five = after(four, [False], 0.0, BEGIN)
    assert admit(five, 9, 0.0, BEGIN + PAUSE - timedelta(microseconds=1))[1].count == 0
    assert admit(five, 9, 0.0, BEGIN + PAUSE)[1].count == 1
    assert admit(after(five, [True], 0.0, BEGIN), 9, 0.0, BEGIN)[1].count == 9


def test_a_provider_that_asks_for_longer_is_left_alone_for_longer_within_reason() -> None:
    for asked_s, pause in ((0.0, PAUSE), (9.0, timedelta(seconds=9)), (1e6, LONGEST_PAUSE)):
        line = after(fresh(), [False] * 5, asked_s, BEGIN)
        assert line.open_until == BEGIN + pause
