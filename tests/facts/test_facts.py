"""Every clinical fact is proven by what the service does."""

import inspect

import pytest

from tests.builders import World
from tests.facts import (  # noqa: F401 – their functions are proofs
    around,
    custody,
    medication,
    screening,
    series,
    terms,
    visit,
    who,
)
from tests.facts.facts import FACTS
from tests.facts.proof import PROOFS

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("fact", FACTS, ids=lambda fact: fact.id)
def test_the_service_does_what_the_fact_asks(fact):
    proofs = PROOFS[fact.id]
    assert proofs, f"nothing proves: {fact.says}"
    for proof in proofs:
        takes_world = "world" in inspect.signature(proof).parameters
        proof(World()) if takes_world else proof()


def test_there_is_no_proof_of_a_fact_that_is_not_in_the_table():
    assert set(PROOFS) <= {fact.id for fact in FACTS}
