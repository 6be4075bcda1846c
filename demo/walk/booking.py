"""The patient: screened, papers signed, a companion named, a slot held and booked."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from demo.answers import KETAMINE
from demo.walk.client import Client
from demo.walk.stage import Stage
from demo.walk.trail import StepFailed, done, expect, wait_until

PROTOCOL = "ketamine_six_induction"
INFUSIONS = 6
UG_PER_KG = 500
SIGNATURE = "The patient of the walk"
COMPANION = {"name": "Robin Castellan", "phone": "+1 202 555 0188"}
SOONEST_DAYS = 2
"""Far enough ahead for the reminder of the evening before to lie in the future."""
RANGE_DAYS = 2

Visit = dict[str, Any]
Protocol = dict[str, Any]


def sign_papers(stage: Stage) -> Protocol:
    """Screening, consent, order: on record before anything is booked; return what is ordered."""
    account = stage.patient.get("me")
    protocol = _protocol(stage.patient)
    screening = stage.patient.post("screenings", {"protocol": PROTOCOL, "answers": KETAMINE})
    expect("the screening's outcome", "cleared", screening["outcome"])
    done("the patient is screened", f"cleared until {screening['cleared_until'][:10]}")
    consent = {"protocol": PROTOCOL, "text_version": protocol["consent_version"]}
    stage.patient.post("consents", consent | {"name": SIGNATURE})
    done("the patient signs the consent", f"version {protocol['consent_version']}")
    order = {"patient": account["patient"], "protocol": PROTOCOL, "infusions": INFUSIONS}
    stage.prescriber.post("orders", order | {"dose_ug_per_kg": UG_PER_KG})
    done("the prescriber signs the order", f"{INFUSIONS} infusions, {UG_PER_KG} µg/kg")
    return protocol


def book(stage: Stage, protocol: Protocol) -> Visit:
    """Name a companion, take the slot that costs least driving, see the price, and book."""
    companion = stage.patient.post("companions", COMPANION)
    slot = _slot(stage, _home(stage.patient))
    hold = stage.patient.post("holds", {"slot": slot["id"]})
    expect("the hold's start", slot["start"], hold["start"])
    done("a slot is held", f"{slot['start']}, until {hold['expires_at'][11:16]}")
    booking = {"hold": hold["id"], "companion": companion["id"]}
    price = {"price_cents": protocol["price_cents"]}
    visit: Visit = stage.patient.post("visits", booking | price)
    expect("the new visit's status", "requested", visit["status"])
    expect("the new visit's start", slot["start"], _same_zone(visit["window"]["start"], slot))
    done("the visit is booked", visit["id"])
    paid = f"${visit['price_cents'] / 100:.2f}, coverage {visit['coverage']}"
    done("the price was shown", paid)
    return visit


def wait_for_nurse(stage: Stage, visit: Visit) -> Visit:
    """A worker gives the visit to a nurse."""

    def ask() -> Visit:
        found: Visit = stage.patient.get(f"visits/{visit['id']}")
        return found

    assigned = wait_until(
        "a worker assigns a nurse", ask, lambda found: found["status"] == "assigned"
    )
    expect("the promised start", visit["window"]["start"], assigned["window"]["start"])
    done("a worker has assigned a nurse", assigned["nurse"]["name"])
    return assigned


def _protocol(patient: Client) -> Protocol:
    offered: dict[str, Any] = {one["code"]: one for one in patient.get("protocols")["results"]}
    if PROTOCOL not in offered:
        raise StepFailed("the protocols on offer", PROTOCOL, sorted(offered))
    done("the protocols are on offer", len(offered))
    return dict(offered[PROTOCOL])


def _home(patient: Client) -> dict[str, Any]:
    places = {place["kind"]: place for place in patient.pages("locations")}
    expect("a place at home and one at a hotel", {"residence", "hotel"}, set(places))
    return dict(places["residence"])


def _slot(stage: Stage, place: dict[str, Any]) -> dict[str, Any]:
    first = stage.today() + timedelta(days=SOONEST_DAYS)
    last = first + timedelta(days=RANGE_DAYS)
    asked = {"protocol": PROTOCOL, "location": place["id"]}
    days = {"from": first.isoformat(), "to": last.isoformat()}
    slots = stage.patient.get("slots", **asked, **days)["results"]
    if not slots:
        raise StepFailed("slots", f"some from {first} to {last}", "none")
    done("slots are offered", f"{len(slots)} from {first} to {last}")
    return dict(min(slots, key=lambda slot: (slot["detour_s"], slot["start"])))


def _same_zone(text: str, slot: dict[str, Any]) -> str:
    zone = datetime.fromisoformat(slot["start"]).tzinfo
    return datetime.fromisoformat(text).astimezone(zone).isoformat()
