"""Working out plans; apart from the other work, as only who plans has the planner to load."""

import logging
import time

from celery.exceptions import SoftTimeLimitExceeded

from dispatch.domain.jobs import JobState
from dispatch.models import PlanJob
from dispatch.selectors.clock import market_now
from dispatch.services.solving import claim_job, give_up, work_out

log = logging.getLogger(__name__)

LONGEST_S = 20.0
"""A round ends before its task's time limit; what is left is due a second later."""


def work_out_plans() -> int:
    """Work out what the planner was asked until nothing is left; return how many."""
    count, stop_at = 0, time.monotonic() + LONGEST_S
    while time.monotonic() < stop_at and (job := claim_job()):
        count += 1
        if job.state == JobState.RUNNING.value:
            _work_out(job)
    return count


def _work_out(job: PlanJob) -> None:
    try:
        work_out(job, now=market_now(job.market_id))
    except SoftTimeLimitExceeded:
        raise
    except Exception as fault:
        log.exception("the planner failed", extra={"job_id": str(job.id)})
        give_up(job, fault)
