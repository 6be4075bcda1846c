"""Judges plans in VROOM's JSON by their files alone; shares no code with the planner."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import strategies as st

ALWAYS = [[0, 2**32 - 1]]


def seconds(problem, a, b):
    """The drive between two rows of the matrix; none from or to a place that is not given."""
    return 0 if a is None or b is None else problem["matrices"]["car"]["durations"][a][b]


def in_order(vehicle):
    """Breaks are had by the beginning, then the end, of their windows."""

    def when(pause):
        windows = sorted(pause.get("time_windows", ALWAYS))
        return windows[0][0], windows[-1][1]

    return sorted(vehicle.get("breaks", []), key=when)


def fits(windows, at):
    """The earliest start from ``at`` on, or None."""
    return min((max(at, low) for low, high in windows if high >= at), default=None)


def arrival_home(problem, vehicle, jobs):
    """When the vehicle is back from these jobs in this order, or None where a rule is broken."""
    pauses = in_order(vehicle)
    path = [vehicle.get("start_index"), *(job["location_index"] for job in jobs)]
    path.append(vehicle.get("end_index"))
    driven = sum(seconds(problem, a, b) for a, b in pairwise(path))
    opens, closes = vehicle.get("time_window", ALWAYS[0])
    if len(jobs) > vehicle.get("max_tasks", len(jobs)):
        return None
    if driven > vehicle.get("max_travel_time", driven):
        return None
    if any(set(job.get("skills", [])) - set(vehicle.get("skills", [])) for job in jobs):
        return None

    def on(index, at, had):
        """Go on from the place ``index`` of the path, at a time, with so many breaks had."""
        homes = []
        for taken in range(had, len(pauses) + 1):
            there = _driven(seconds(problem, *path[index : index + 2]), at, pauses[had:taken])
            if there is None:
                break
            if index == len(jobs):
                homes += [there] if taken == len(pauses) else []
                continue
            job = jobs[index]
            start = fits(job.get("time_windows", ALWAYS), there)
            if start is not None:
                setup = job.get("setup", 0) if path[index] != path[index + 1] else 0
                homes.append(on(index + 1, start + setup + job.get("service", 0), taken))
        return min((home for home in homes if home is not None), default=None)

    home = on(0, opens, 0)
    return home if home is not None and home <= closes else None


def _driven(drive, at, pauses):
    """Arrival after a drive with breaks on it: whoever waits for a break drives meanwhile."""
    end = at
    for pause in pauses:
        start = fits(pause.get("time_windows", ALWAYS), end)
        if start is None:
            return None
        drive = max(0, drive - (start - end))
        end = start + pause.get("service", 0)
    return end + drive


def violations(problem, plan):
    """Everything about a plan that is not so; a sentence each."""
    jobs = {job["id"]: job for job in problem["jobs"]}
    vehicles = {vehicle["id"]: vehicle for vehicle in problem["vehicles"]}
    used = [route["vehicle"] for route in plan["routes"]]
    served = [s["id"] for route in plan["routes"] for s in route["steps"] if s["type"] == "job"]
    left = [each["id"] for each in plan["unassigned"]]
    if len(set(used)) < len(used):
        yield "a vehicle drives twice"
    if sorted(served + left) != sorted(jobs):
        yield "a job is lost or served twice"
    summary = plan["summary"]
    for name in ("cost", "duration", "service", "setup", "waiting_time", "priority"):
        if summary[name] != sum(route[name] for route in plan["routes"]):
            yield f"the summary's {name} is no sum"
    if summary["unassigned"] != len(left) or summary["routes"] != len(used):
        yield "the summary does not count"
    if summary["priority"] != sum(jobs[each].get("priority", 0) for each in served):
        yield "the summary's priority is not that of the jobs served"
    bound = summary["lower_bound"]
    if bound is not None and not bound <= summary["cost"]:
        yield "the bound is above the cost"
    for route in plan["routes"]:
        yield from _broken(problem, vehicles[route["vehicle"]], jobs, route)


def _broken(problem, vehicle, jobs, route):
    """A route held against the rules, by its order alone and then by the times it tells."""
    name, steps = f"vehicle {vehicle['id']}", route["steps"]
    order = [jobs[step["id"]] for step in steps if step["type"] == "job"]
    if arrival_home(problem, vehicle, order) is None:
        yield f"{name}: this order cannot be kept"
    if order:
        ends = (
            vehicle.get("start_index", order[0]["location_index"]),
            vehicle.get("end_index", order[-1]["location_index"]),
        )
        if ends != (steps[0]["location_index"], steps[-1]["location_index"]):
            yield f"{name}: begins or ends elsewhere"
    had = [step["id"] for step in steps if step["type"] == "break"]
    if had != [pause["id"] for pause in in_order(vehicle)]:
        yield f"{name}: breaks {had}"
    opens, closes = vehicle.get("time_window", ALWAYS[0])
    if steps[0]["arrival"] < opens or over(steps[-1]) > closes:
        yield f"{name}: outside its hours"
    if any(after["arrival"] < over(before) for before, after in pairwise(steps)):
        yield f"{name}: two steps at once"
    things = {"break": {each["id"]: each for each in vehicle.get("breaks", [])}, "job": jobs}
    for fault in (*_begun_wrongly(things, steps), *_driven_wrongly(problem, vehicle, jobs, route)):
        yield f"{name}: {fault}"


def _begun_wrongly(things, steps):
    """Jobs and breaks begin in their windows and take as long as they do."""
    for step in steps:
        if step["type"] in things:
            thing = things[step["type"]][step["id"]]
            start = step["arrival"] + step["waiting_time"]
            if fits(thing.get("time_windows", ALWAYS), start) != start:
                yield f"{step['type']} {step['id']} at {start}"
            if step["service"] != thing.get("service", 0):
                yield f"{step['type']} {step['id']} takes {step['service']}"


def _driven_wrongly(problem, vehicle, jobs, route):
    """From place to place: nobody is faster than the drive and the breaks on it."""
    here, free, travelled, rested = vehicle.get("start_index"), None, 0, 0
    for step in route["steps"]:
        if step["type"] == "break":
            rested += step["service"]
            free = step["arrival"] + step["waiting_time"] if free is None else free
            continue
        there, to = step["location_index"], vehicle.get("end_index")
        leg = seconds(problem, here, to if step["type"] == "end" else there)
        if step["type"] != "start":
            travelled += leg
            setup = jobs[step["id"]].get("setup", 0) if step["type"] == "job" else 0
            if step["setup"] != (setup if here != there else 0):
                yield f"set up for {step['setup']} s at {there}"
        if free is not None and step["arrival"] - free < leg + rested:
            yield f"too fast to {there}"
        if step["duration"] != travelled:
            yield f"{step['duration']} s driven at {there}, should be {travelled}"
        if step["type"] != "start":
            here = there
        free, rested = over(step), 0
    if route["duration"] != travelled or route["cost"] != travelled:
        yield f"{route['duration']} s driven in all, should be {travelled}"
    spent = sum(route[name] for name in ("duration", "setup", "service", "waiting_time"))
    if route["steps"][-1]["arrival"] - route["steps"][0]["arrival"] != spent:
        yield f"{spent} s are accounted for"


def over(step):
    return step["arrival"] + step["waiting_time"] + step["setup"] + step["service"]


PLACES = 5
rows = st.integers(0, PLACES - 1)


@st.composite
def windows(draw):
    ends = sorted(draw(st.lists(st.integers(0, 80), min_size=2, max_size=4, unique=True)))
    return [ends[i : i + 2] for i in range(0, len(ends) - 1, 2)]


def optional(**fields):
    """Objects with any of the fields, or none."""
    return st.fixed_dictionaries({}, optional=fields)


breaks = optional(service=st.integers(0, 12), time_windows=windows())


@st.composite
def vehicles(draw, number):
    ends = draw(st.sampled_from([("start_index", "end_index"), ("start_index",), ("end_index",)]))
    opens = draw(st.integers(0, 40))
    vehicle = {
        "id": number,
        **{name: draw(rows) for name in ends},
        **draw(
            optional(
                skills=st.just([draw(st.integers(0, 1)), 2]),
                time_window=st.just([opens, opens + draw(st.integers(20, 160))]),
                max_tasks=st.integers(1, 9),
                max_travel_time=st.integers(10, 150),
                breaks=st.lists(breaks, max_size=2).map(
                    lambda all_: [{"id": k, **one} for k, one in enumerate(all_)]
                ),
            )
        ),
    }
    begin, end = vehicle.get("time_window", ALWAYS[0])
    over_at = _driven(0, begin, in_order(vehicle))
    if over_at is None or over_at > end:
        del vehicle["breaks"]
    return vehicle


def jobs(number):
    return optional(
        service=st.integers(0, 20),
        setup=st.integers(0, 6),
        skills=st.sampled_from([[], [], [], [0], [2]]),
        priority=st.integers(0, 2),
        time_windows=windows(),
        description=st.just(f"job {number}"),
    ).flatmap(lambda job: rows.map(lambda row: {"id": number, "location_index": row, **job}))


@st.composite
def problems(draw):
    table = st.lists(st.integers(0, 15), min_size=PLACES, max_size=PLACES)
    durations = draw(st.lists(table, min_size=PLACES, max_size=PLACES))
    if draw(st.booleans()):
        for place in range(PLACES):
            durations[place][place] = 0
    return {
        "vehicles": [draw(vehicles(n)) for n in range(1, draw(st.integers(1, 3)) + 1)],
        "jobs": [draw(jobs(n)) for n in range(1, draw(st.integers(0, 6)) + 1)],
        "matrices": {"car": {"durations": durations}},
    }
