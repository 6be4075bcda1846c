"""Proofs by the id of the fact that they prove."""

from collections import defaultdict
from collections.abc import Callable

Proof = Callable[..., None]
PROOFS: dict[str, list[Proof]] = defaultdict(list)


def proves(*facts: str) -> Callable[[Proof], Proof]:
    """Mark a function as the proof of facts; it takes an empty ``World`` where it needs one."""

    def marked(proof: Proof) -> Proof:
        for fact in facts:
            PROOFS[fact].append(proof)
        return proof

    return marked
