"""From a file to what it asks for, or to all that stands in the way."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from dispatch.planning.day.problem import Break, Visit, Window
from dispatch.planning.exchange.document import LATEST, Document, Job, Pause, Site, Vehicle
from dispatch.planning.exchange.parts import Part, Refused, parse, unique
from dispatch.planning.exchange.sites import Sites, matrix_of
from dispatch.planning.problem import Travel

LONGEST_S = 10**8
"""No service or drive takes longer: three years."""
HIGHEST_ID = 2**64 - 1
HIGHEST_SKILL = 2**32 - 1
HIGHEST_PRIORITY = 100

PROBLEM = frozenset({"vehicles", "jobs", "matrices"})
VEHICLE = frozenset(
    {
        "id", "profile", "description", "start", "start_index", "end", "end_index", "skills",
        "time_window", "breaks", "max_tasks", "max_travel_time",
    }
)  # fmt: skip
BREAK = frozenset({"id", "time_windows", "service", "description"})
JOB = frozenset(
    {
        "id", "description", "location", "location_index", "setup", "service", "skills", "priority",
        "time_windows",
    }
)  # fmt: skip
ID = frozenset({"id"})


def read(text: bytes, travel: Travel) -> Document:
    """What the file asks for; ``travel`` drives between coordinates where it has no matrix.

    Raises ``Refused`` with every fault that was found.
    """
    whole = parse(text)
    named = whole.fields(PROBLEM, frozenset({"vehicles", "jobs"}))
    matrix = matrix_of(named["matrices"], LONGEST_S) if "matrices" in named else None
    sites = Sites(matrix, travel)
    vehicles = _vehicles(named["vehicles"], sites) if "vehicles" in named else ()
    jobs = _jobs(named["jobs"], sites) if "jobs" in named else ()
    if whole.faults:
        raise Refused(*whole.faults)
    return Document(jobs, vehicles, sites.travel())


def _vehicles(part: Part, sites: Sites) -> tuple[Vehicle, ...]:
    listed = part.items()
    if listed == [] and isinstance(part.value, list):
        part.refuse("must hold at least one vehicle")
    named = [each.fields(VEHICLE, ID) for each in listed]
    found = tuple(_vehicle(each, fields, sites) for each, fields in zip(listed, named, strict=True))
    unique(named, [each.id for each in found])
    return found


def _vehicle(part: Part, named: dict[str, Part], sites: Sites) -> Vehicle:
    start = sites.site(part, named, "start", "start_index")
    end = sites.site(part, named, "end", "end_index")
    if not named.keys() & {"start", "start_index", "end", "end_index"}:
        part.refuse("needs a start or an end")
    sites.drives(part, named.get("profile"))
    opens, closes = _window(named["time_window"]) if "time_window" in named else (0, LATEST)
    pauses = _pauses(named["breaks"]) if "breaks" in named else ()
    if _rested(pauses, opens) > closes:
        named["breaks"].refuse("cannot all be had, one after another, in the vehicle's hours")
    return Vehicle(
        id=_whole(named, "id", HIGHEST_ID),
        start=start,
        end=end,
        opens=opens,
        closes=closes,
        skills=_skills(named),
        pauses=pauses,
        most_visits=_limit(named, "max_tasks"),
        most_travel=_limit(named, "max_travel_time"),
        description=_description(named),
    )


def _pauses(part: Part) -> tuple[Pause, ...]:
    """The breaks by the beginning of their windows: the order in which they are had."""
    named = [each.fields(BREAK, ID) for each in part.items()]
    found = [
        Pause(
            id=_whole(fields, "id", HIGHEST_ID),
            pause=Break(_whole(fields, "service", LONGEST_S), _windows(fields)),
            description=_description(fields),
        )
        for fields in named
    ]
    unique(named, [each.id for each in found])
    return tuple(sorted(found, key=_when))


def _when(pause: Pause) -> tuple[int, int]:
    windows = pause.pause.windows or ((0, LATEST),)
    return windows[0][0], windows[-1][1]


def _rested(pauses: tuple[Pause, ...], at: int) -> int:
    """When the last break is over at the earliest, from a time on; after all time if never."""
    for each in pauses:
        windows = each.pause.windows or ((at, at),)
        at = min((max(at, w[0]) for w in windows if at <= w[1]), default=LATEST + 1)
        at += each.pause.service
    return at


def _jobs(part: Part, sites: Sites) -> tuple[Job, ...]:
    listed = part.items()
    named = [each.fields(JOB, ID) for each in listed]
    found = tuple(_job(each, fields, sites) for each, fields in zip(listed, named, strict=True))
    unique(named, [each.id for each in found])
    return found


def _job(part: Part, named: dict[str, Part], sites: Sites) -> Job:
    site = sites.site(part, named, "location", "location_index")
    if not named.keys() & {"location", "location_index"}:
        part.refuse("needs a location or a location_index")
    site = site or Site(0, ())
    return Job(
        id=_whole(named, "id", HIGHEST_ID),
        site=site,
        visit=Visit(
            place=site.index,
            service=_whole(named, "service", LONGEST_S),
            windows=_windows(named),
            setup=_whole(named, "setup", LONGEST_S),
            priority=_whole(named, "priority", HIGHEST_PRIORITY),
        ),
        skills=_skills(named),
        description=_description(named),
    )


def _whole(named: dict[str, Part], name: str, most: int) -> int:
    return named[name].whole(most) if name in named else 0


def _limit(named: dict[str, Part], name: str) -> int | None:
    return named[name].whole(LATEST) if name in named else None


def _description(named: dict[str, Part]) -> str | None:
    return named["description"].text() if "description" in named else None


def _skills(named: dict[str, Part]) -> frozenset[int]:
    listed = named["skills"].items() if "skills" in named else []
    return frozenset(each.whole(HIGHEST_SKILL) for each in listed)


def _windows(named: dict[str, Part]) -> tuple[Window, ...]:
    if "time_windows" not in named:
        return ()
    part = named["time_windows"]
    listed = part.items()
    if not listed and isinstance(part.value, list):
        part.refuse("is empty: leave it out where any time will do")
    found = sorted(_window(each) for each in listed)
    for one, other in _overlapping(found):
        part.refuse(f"{list(one)} and {list(other)} overlap")
    return tuple(found)


def _overlapping(windows: list[Window]) -> Iterator[tuple[Window, Window]]:
    for one, other in pairwise(windows):
        if other[0] <= one[1]:
            yield one, other


def _window(part: Part) -> Window:
    begin, end = [each.whole(LATEST) for each in part.items(2)] or (0, LATEST)
    if end < begin:
        part.refuse("ends before it begins")
    return begin, max(begin, end)
