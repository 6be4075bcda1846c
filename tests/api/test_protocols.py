"""What is offered, and whether it says that it is approved: one judgement for both."""

from datetime import timedelta

from dispatch.models import Market, Protocol
from tests.api.story import told
from tests.builders import KETAMINE, NOW


def test_what_nobody_has_approved_says_so_and_is_offered_in_a_demo_only(town, patient) -> None:
    offered = told(patient.get_("protocols"))["results"]
    assert len(offered) == 6
    assert not any(one["approved"] for one in offered)
    assert offered_for_real(town, patient) == {}


def test_the_version_and_each_of_its_rules_need_an_approval(town, patient) -> None:
    approve_version()
    assert offered_for_real(town, patient) == {}
    approve_rules()
    assert offered_for_real(town, patient) == {KETAMINE: True}


def test_approved_rules_do_not_approve_the_version(town, patient) -> None:
    approve_rules()
    assert offered_for_real(town, patient) == {}


def approve_version() -> None:
    Protocol.objects.filter(code=KETAMINE).update(approved_at=NOW)


def approve_rules() -> None:
    """As a version of its own, for a version never changes."""
    row = Protocol.objects.get(code=KETAMINE, is_current=True)
    Protocol.objects.filter(id=row.id).update(is_current=False)
    row.pk, row.version, row._state.adding = Protocol().pk, row.version + 1, True
    row.data = row.data | {
        "extra_rules": {
            code: rule | {"approved": True} for code, rule in row.data["extra_rules"].items()
        }
    }
    row.save()


def offered_for_real(town, patient) -> dict[str, bool]:
    """What is offered, and said to be approved, in the market once it is no demo."""
    Market.objects.filter(id=town.market.id).update(is_demo=False, clock_offset=timedelta(0))
    return {one["code"]: one["approved"] for one in told(patient.get_("protocols"))["results"]}
