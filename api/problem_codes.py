"""Every code that a problem document may carry: its status, and what to do about it.

Programs go by the code, never by the sentence. docs/problems.md is made from this table, and a code
that is raised anywhere and does not stand here fails a test.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Code:
    status: int
    remedy: str


def _each(status: int, **remedies: str) -> dict[str, Code]:
    return {name: Code(status, remedy) for name, remedy in remedies.items()}


CODES: dict[str, Code] = {
    **_each(
        400,
        answers_invalid="Put the answers named in errors right, and send them again.",
        bad_request="Send an address, a host and headers that can be read.",
        invalid="Put the fields named in errors right, and send the request again.",
        parse_error="Send JSON, nested no deeper than 20.",
    ),
    **_each(
        401,
        authentication_failed="Check name and password, or sign in again.",
        not_authenticated="Sign in, and send the access token as a bearer token.",
        second_factor_needed="Send the code of the second factor with name and password.",
        signed_out="Sign in again: the token was spent, or the sign-in has ended.",
        token_not_valid="Spend the refresh token for a new access token.",  # noqa: S106
    ),
    **_each(
        403,
        forged="Sign the call with the secret that was agreed on, over the public address.",
        permission_denied="Ask somebody whose role may do this.",
        second_factor_missing="Set up a second factor first, at the screens.",
        second_person="Have another person confirm it.",
    ),
    **_each(404, not_found="Look the id up again; it may never have been yours to see."),
    **_each(405, method_not_allowed="Use one of the methods in the Allow header."),
    **_each(406, not_acceptable="Accept application/json."),
    **_each(
        409,
        already_booked="Read the series: it is booked.",
        already_shared="Take the earlier consent back first.",
        already_signed="Nothing; somebody has signed.",
        already_withdrawn="Nothing; it was taken back before.",
        answers_changed="Read the screening again: the patient has answered anew.",
        answers_too_old="Have the old questions answered again.",
        busy="Send it again: somebody else has this just now.",
        clinician_taken="Choose another time or another clinician.",
        conflict="Read what is stored again, and decide anew.",
        consult_over="Nothing; the consult was held or called off.",
        custody_open="Account for every vial of the visit first.",
        day_changed="Have the day planned anew.",
        ends_by_its_deed="Do what the task asks; that ends it.",
        event_differs="Give the new event an id of its own.",
        gap_not_kept="Choose a day that keeps the gap the protocol asks for.",
        gate_closed="Open the gates that are named, or have a soft one overridden.",
        gate_is_hard="Open the gate; nobody may override it.",
        gate_not_closed="Nothing; the gate is open.",
        hold_expired="Ask for slots again, and hold one.",
        in_flight="Wait for the first request with this key, then send it again.",
        medication_open="Record the last dose that was agreed on first.",
        no_series="Post one of the alternatives, or ask for another pattern.",
        no_witness_needed="Nothing; this entry asks for no signature.",
        not_a_demo="Leave the clock alone: only demo markets have one to move.",
        not_booked="Book the series first, or give its holds back.",
        not_cleared="Have the patient screened, and cleared where it is to be reviewed.",
        not_completed="Wait until the visit is completed.",
        not_dead="Nothing; the message was not given up.",
        not_discharged="Discharge the patient first.",
        not_for_review="Nothing; this screening is not up for review.",
        not_paused="Nothing; the series goes on.",
        not_ready="Wait until the planner is ready.",
        not_running="Nothing; the planner has stopped.",
        not_to_confirm="Nothing; this order asks for no confirmation.",
        nothing_given="Record the response once an infusion was given.",
        other_treatment="Hold a slot for the treatment of this visit.",
        own_entry="Have another person sign it.",
        own_glass="Have another administrator review it.",
        patient_taken="Choose a time at which the patient is free.",
        phase_changed="Hold the series again: the patient is in another phase.",
        phase_full="Record the response to this phase; the next may then open.",
        phase_not_open="Book the phase that is open, or record the response that opens this one.",
        reviewed="Nothing; it was reviewed before.",
        rules_broken="Choose another nurse; the facts name the rules and the nearest fix.",
        series_open="Give the held series back, or book it.",
        series_paused="Have a prescriber look; the series then goes on.",
        slot_taken="Ask for slots again, and hold another.",
        step_missing="Do the step that comes before.",
        still_under_way="Wait until it has ended.",
        stopped="Have the person lift the stop: they wrote that nothing is to be sent.",
        task_done="Nothing; the task is done.",
        too_early="Wait until its time has come.",
        too_many_accounts="Revoke an account that is no longer needed.",
        too_many_webhooks="Remove a webhook that is no longer needed.",
        version_changed="Read the versions again: this one has changed meanwhile.",
        version_too_old="Draft from the current version.",
        vial_expired="Use another vial.",
        vial_known="Check the label: the market has a vial of this number.",
        vial_not_in_stock="Check the label: this vial is not in stock.",
        vial_opened="Use another vial: this one was opened at another visit.",
        webhook_off="Add the webhook anew: this one is switched off.",
        withdrawn="Nothing; it was taken back before.",
        wrong_drug="Check the label: the order asks for another drug.",
        wrong_status="Read the visit again: its status does not allow this.",
    ),
    **_each(411, length_required="Send a body with its length, not in chunks."),
    **_each(412, stale="Read it again, and send the change with the new ETag, if it still fits."),
    **_each(413, too_large="Send at most 1 MiB."),
    **_each(415, unsupported_media_type="Send application/json in UTF-8."),
    **_each(422, key_reused="Take a new key: this one was used for another request."),
    **_each(429, too_many_requests="Wait for as many seconds as Retry-After says."),
    **_each(500, internal_error="Tell us; sending it again may not help."),
    **_each(503, unavailable="Send it again after as many seconds as Retry-After says."),
}  # fmt: skip
