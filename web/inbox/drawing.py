"""What the course of a treatment looks like: a dot for each infusion, a line for each score."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from dispatch.domain.scores import ITEMS, MOST_POINTS, Instrument
from dispatch.selectors.dashboard import PhaseLine, ScoreLine

WIDTH, HEIGHT, LEFT, EDGE = 480, 160, 32, 12
"""Of the drawing, in its own units; the axis of points stands in the ``LEFT`` ones."""


@dataclass(frozen=True, slots=True)
class PhaseDots:
    """``dots`` are ``given``, ``booked`` or ``open``, as many as are usual, or planned if more."""

    phase: PhaseLine
    dots: list[str]
    booked: int


@dataclass(frozen=True, slots=True)
class Point:
    """A score, and where it stands in the drawing."""

    x: float
    y: float
    score: ScoreLine


@dataclass(frozen=True, slots=True)
class ScoreChart:
    """``line`` joins the points, as SVG has it; ``ticks`` are heights and their points."""

    instrument: str
    most: int
    points: list[Point]
    line: str
    ticks: list[tuple[float, int]]


def phases(lines: Sequence[PhaseLine]) -> list[PhaseDots]:
    """Return the phases of a course with their dots."""
    return [_dots(one) for one in lines]


def charts(scores: Sequence[ScoreLine]) -> list[ScoreChart]:
    """Return a drawing for each instrument of which there are scores; those are oldest first."""
    drawn = []
    for instrument in Instrument:
        own = [one for one in scores if one.instrument == instrument]
        if own:
            drawn.append(_chart(instrument, own))
    return drawn


def _dots(phase: PhaseLine) -> PhaseDots:
    booked = max(phase.planned - phase.done, 0)
    still = max(phase.usual - phase.done - booked, 0)
    dots = ["given"] * phase.done + ["booked"] * booked + ["open"] * still
    return PhaseDots(phase, dots, booked)


def _chart(instrument: Instrument, scores: Sequence[ScoreLine]) -> ScoreChart:
    most = ITEMS[instrument] * MOST_POINTS
    first, last = scores[0].taken_at, scores[-1].taken_at
    span = (last - first).total_seconds() or 1.0

    def height(points: int) -> float:
        return round(HEIGHT - EDGE - points / most * (HEIGHT - 2 * EDGE), 1)

    points = [
        Point(
            round(LEFT + (one.taken_at - first).total_seconds() / span * (WIDTH - LEFT - EDGE), 1),
            height(one.total),
            one,
        )
        for one in scores
    ]
    line = " ".join(f"{one.x},{one.y}" for one in points)
    ticks = [(height(one), one) for one in (0, most // 3, 2 * most // 3, most)]
    return ScoreChart(instrument.value, most, points, line, ticks)
