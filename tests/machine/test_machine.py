"""People do with a visit whatever they can, in any order; the service and a small model agree.

``MACHINE_EXAMPLES`` is how many examples of fifty steps are run.
"""

import os

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from dispatch.services.protocols import publish_shipped
from tests.machine.acting import SEEN
from tests.machine.machine import VisitMachine

pytestmark = pytest.mark.django_db

EXAMPLES = int(os.environ.get("MACHINE_EXAMPLES", "15"))
STEPS = 50
"""Of a failing example all steps are printed; to make it smaller takes minutes."""


def test_the_service_and_the_model_agree_after_every_step() -> None:
    publish_shipped()
    SEEN.clear()
    run_state_machine_as_test(
        VisitMachine,
        settings=settings(
            max_examples=EXAMPLES, stateful_step_count=STEPS, deadline=None,
            phases=[Phase.explicit, Phase.reuse, Phase.generate], report_multiple_bugs=False,
            suppress_health_check=list(HealthCheck),
        ),
    )  # fmt: skip
    print(dict(sorted(SEEN.items())))  # noqa: T201 - what the examples came to
    assert SEEN["cheats refused"] > 0
