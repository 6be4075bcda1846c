"""What is sent: to the patient, to the companion, who answers through the link, and when."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from typing import Any

from demo.walk.booking import Visit
from demo.walk.stage import Stage
from demo.walk.trail import StepFailed, done, expect, require, wait_until

AFTERCARE_HOUR = 20
TWO_HOURS = timedelta(hours=2)

Message = dict[str, Any]


def confirm_as_companion(stage: Stage, visit: Visit) -> None:
    """The companion follows the link in the message that was sent, and says yes."""
    _come_due(stage, visit, "confirmation")
    request = _come_due(stage, visit, "companion_request")
    link = _link_in(request["tries"][-1]["body"], "companion").removeprefix(stage.url)
    require(
        "a button on the companion's page", holds='value="confirmed"' in stage.anyone.page(link)
    )
    answer = stage.anyone.submit(link, answer="confirmed")
    require("the page's thanks", holds="you have confirmed" in answer)
    done("the companion confirms through the link", link[:20] + "…")


def remind(stage: Stage, visit: Visit) -> None:
    """The clock goes to the evening before, and then to the last reminder, which comes by day;
    the texts name no treatment, the page behind their link tells the details."""
    reminder = _come_due(stage, visit, "day_before")
    link = _link_in(reminder["tries"][-1]["body"], "m").removeprefix(stage.url)
    require("the visit's page", holds="The nurse comes" in stage.anyone.page(link))
    done("the patient opens the page behind the reminder's link", link[:12] + "…")
    _come_due(stage, visit, "two_hours_before")


def look_after(stage: Stage, visit: Visit) -> None:
    """The same evening the patient is asked how they are."""
    start = datetime.fromisoformat(visit["window"]["start"])
    due = [one["due_at"] for one in _messages(stage, visit) if one["kind"] == "aftercare"]
    expect("one message of aftercare is planned", 1, len(due))
    moment = datetime.fromisoformat(due[0])
    evening = stage.at(stage.day_of(start), AFTERCARE_HOUR)
    require("aftercare falls into the evening", holds=evening <= moment < evening + TWO_HOURS)
    stage.move_clock_to(moment)
    _wait_for(stage, visit, "aftercare")


def open_summary(stage: Stage, visit: Visit, treatment: str) -> None:
    """With whom the patient shares is sent a link, and reads the summary behind it."""
    message = _wait_for(stage, visit, "summary")
    link = _link_in(message["tries"][-1]["body"], "summaries").removeprefix(stage.url)
    require("the summary's treatment", holds=treatment in stage.anyone.page(link))
    done("the provider reads the summary", link[:20] + "…")


def sent(stage: Stage, visit: Visit) -> int:
    """Return how many messages of this visit have been sent."""
    return sum(one["state"] == "sent" for one in _messages(stage, visit))


def _come_due(stage: Stage, visit: Visit, kind: str) -> Message:
    """The clock goes to when the message falls due: what is planned by night waits for day."""
    stage.wait_until_all_is_sent()
    stands = ("due", "sent")
    planned = wait_until(
        f"the {kind} is planned",
        lambda: [
            one for one in _messages(stage, visit) if one["kind"] == kind and one["state"] in stands
        ],
        bool,
    )
    stage.move_clock_to(datetime.fromisoformat(planned[0]["due_at"]))
    return _wait_for(stage, visit, kind)


def _wait_for(stage: Stage, visit: Visit, kind: str) -> Message:
    """Wait until all that is due in the market is settled, and the visit's message is sent."""
    stage.wait_until_all_is_sent()
    found = wait_until(
        f"the {kind} is sent",
        lambda: [one for one in _messages(stage, visit) if one["kind"] == kind],
        lambda rows: any(one["state"] == "sent" for one in rows),
    )
    (message,) = [one for one in found if one["state"] == "sent"]
    late = datetime.fromisoformat(message["sent_at"]) - datetime.fromisoformat(message["due_at"])
    done(f"sent: {kind}", f"to the {message['audience']}, {late.total_seconds():.0f} s after due")
    return dict(message)


def _messages(stage: Stage, visit: Visit) -> list[Message]:
    return stage.dispatcher.pages("messages", visit=visit["id"])


def _link_in(body: str, page: str) -> str:
    link = re.search(rf"\S+/{page}/\S+", body)
    if link is None:
        raise StepFailed("the message", f"a link to {page}", body)
    return link[0]
