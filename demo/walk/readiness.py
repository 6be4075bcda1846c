"""Before the day: this visit's questions, the patient's home, the nurse's kit, a vial in stock."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import uuid4

from demo.answers import KETAMINE
from demo.walk.booking import PROTOCOL, Protocol, Visit
from demo.walk.client import Client
from demo.walk.fieldwork import pull_route
from demo.walk.stage import Stage
from demo.walk.trail import done, expect

CONTENT_UG = 50_000
KEEPS = timedelta(days=365)
RECIPIENT = {
    "recipient": "mental_health_provider",
    "name": "Dr. Imani Okafor",
    "phone": "+1 202 555 0143",
}


def agree_to_share(stage: Stage) -> None:
    """The patient has summaries sent to the provider who goes on treating them."""
    given = stage.patient.pages("sharing-consents")
    standing = [one for one in given if one["withdrawn_at"] is None]
    if not standing:
        version = stage.patient.get("sharing-terms")["version"]
        body = RECIPIENT | {"text_version": version}
        standing = [stage.patient.post("sharing-consents", body)]
    done("the patient shares summaries", f"with {standing[0]['name']}")


def get_home_ready(stage: Stage, visit: Visit, protocol: Protocol) -> None:
    """What is asked anew before each visit is answered, and the place is as it should be."""
    path = f"visits/{visit['id']}"
    due = stage.patient.get(f"{path}/questions")
    if due["questions"]:
        stage.move_clock_to(datetime.fromisoformat(due["asked_from"]))
        asked = [one["id"] for one in due["questions"]]
        answers = {question: KETAMINE.get(question) for question in asked}
        stage.patient.post("screenings/answers", {"protocol": PROTOCOL, "answers": answers})
        done("the patient answers for this visit", ", ".join(asked))
    items = [item["code"] for item in protocol["readiness"]]
    stage.patient.post(f"{path}/readiness", {"items": items})
    done("the patient confirms the home", f"{len(items)} points")


def pack_kit(nurse: Client, visit: Visit) -> None:
    """The nurse has with her what the visits of that day ask for."""
    kit = [item["code"] for item in pull_route(nurse, visit)["kit"]]
    nurse.post("nurses/me/kit", {"date": visit["service_date"], "items": kit})
    done("the nurse confirms the kit", f"{len(kit)} things to bring")


def see_gates_open(stage: Stage, visit: Visit) -> None:
    """Nothing stands between the nurse and the visit any more."""
    gates = {gate["name"]: gate for gate in stage.patient.get(f"visits/{visit['id']}")["gates"]}
    shut = {name: gate["reason"] for name, gate in gates.items() if not gate["open"]}
    expect("gates that are shut", {}, shut)
    done("every gate is open", ", ".join(gates))


def receive_vial(stage: Stage) -> str:
    """The administrator takes a vial into stock; return the number on its label."""
    number = f"W-{uuid4().hex[:8]}"
    vial = {"drug": "ketamine", "lot": "WALK", "content_ug": CONTENT_UG, "numbers": [number]}
    until = (stage.today() + KEEPS).isoformat()
    (received,) = stage.administrator.post("vials", vial | {"expires_on": until})["results"]
    expect("where the vial is", "in_stock", received["state"])
    done("the administrator receives a vial", f"{number}, {CONTENT_UG // 1000} mg")
    return number
