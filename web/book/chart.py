"""Scores over time as points of a small drawing; the numbers themselves stand in a table."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from dispatch.domain.scores import ITEMS, MOST_POINTS, Instrument
from dispatch.selectors.dashboard import ScoreLine

WIDTH, HEIGHT = 300, 80


@dataclass(frozen=True, slots=True)
class Point:
    x: int
    y: int
    score: ScoreLine


@dataclass(frozen=True, slots=True)
class Chart:
    """The points in a frame of WIDTH by HEIGHT, left to right; ``most`` is at its upper edge."""

    instrument: str
    most: int
    points: tuple[Point, ...]

    @property
    def line(self) -> str:
        return " ".join(f"{one.x},{one.y}" for one in self.points)


def charts_of(scores: Sequence[ScoreLine]) -> list[Chart]:
    """Return a drawing for each questionnaire that was filled in."""
    return [
        chart
        for instrument in Instrument
        if (chart := _chart(instrument, [one for one in scores if one.instrument == instrument]))
    ]


def _chart(instrument: Instrument, scores: Sequence[ScoreLine]) -> Chart | None:
    if not scores:
        return None
    most = ITEMS[instrument] * MOST_POINTS
    apart = WIDTH // max(1, len(scores) - 1)
    points = (
        Point(number * apart, HEIGHT - one.total * HEIGHT // most, one)
        for number, one in enumerate(scores)
    )
    return Chart(instrument.value, most, tuple(points))
