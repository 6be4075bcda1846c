"""After the visit: verified for the payer, billed for the patient, and shared where agreed."""

from __future__ import annotations

from typing import Any

from demo.walk.booking import Visit
from demo.walk.stage import Stage
from demo.walk.trail import done, expect, wait_until


def seen_verified(stage: Stage, visit: Visit) -> None:
    """A worker has written down who was where, when, and for what."""
    day = visit["service_date"]

    def ask() -> list[Any]:
        rows = stage.administrator.pages("verifications", **{"from": day, "to": day})
        return [row for row in rows if row["visit"] == visit["id"]]

    (row,) = wait_until("the visit is verified", ask, bool)
    expect("who was there", visit["nurse"]["name"], row["provider"])
    done("the visit is verified", f"{row['begun_at'][11:16]} to {row['ended_at'][11:16]}")


def read_superbill(stage: Stage, visit: Visit) -> str:
    """The patient reads what to hand to an insurer; return the treatment's name."""
    bill = stage.patient.get(f"visits/{visit['id']}/superbill")
    expect("the price", visit["price_cents"], bill["price_cents"])
    codes = ", ".join(one["code"] for one in bill["codes"])
    done("the patient reads the superbill", f"{codes}, ${bill['price_cents'] / 100:.2f}")
    return str(bill["treatment"])
