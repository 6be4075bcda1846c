"""What a visit costs, and what is owed where it does not take place or breaks off."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from dispatch.domain.fields import FieldError, Fields


class CoverageState(StrEnum):
    """What is known of the patient's insurance; nothing, unless somebody has asked it."""

    UNKNOWN = "unknown"
    NOT_COVERED = "not_covered"
    MAYBE = "maybe"
    COVERED = "covered"


class Afterwards(StrEnum):
    """What becomes of the rest of a series: planned anew, or stopped until a clinician looks."""

    REPLAN = "replan"
    PAUSE = "pause"


@dataclass(frozen=True)
class AbortReason:
    """A reason from the list for which a visit breaks off, and the share of the price owed."""

    code: str
    text: str
    fee_percent: int
    afterwards: Afterwards


@dataclass(frozen=True)
class CancelFee:
    """Called off at least ``notice_s`` seconds before the window opens, this share is owed."""

    notice_s: int
    percent: int


@dataclass(frozen=True)
class BillingCode:
    """A code of a code system, as a superbill lists it."""

    system: str
    code: str
    text: str


def cancel_fee_cents(price_cents: int, fees: tuple[CancelFee, ...], notice: timedelta) -> int:
    """Return the whole cents owed for calling off so long before the window opens.

    The row with the longest notice that was kept counts; with none kept, the whole price.
    """
    kept = [fee for fee in fees if notice >= timedelta(seconds=fee.notice_s)]
    percent = max(kept, key=lambda fee: fee.notice_s).percent if kept else 100
    return share_of(price_cents, percent)


def share_of(cents: int, percent: int) -> int:
    """Return the share in whole cents, rounded down in the patient's favour."""
    return cents * percent // 100


def dollars(cents: int) -> str:
    """Return an amount as people read it, such as $1,595.00."""
    return f"${cents // 100:,}.{cents % 100:02}"


def read_abort_reason(code: str, fields: Fields) -> AbortReason:
    """Read one reason."""
    reason = AbortReason(
        code, fields.text("text"), _percent(fields), fields.one_of("afterwards", Afterwards)
    )
    fields.reject_unknown()
    return reason


def read_cancel_fee(fields: Fields) -> CancelFee:
    """Read one row of the fees for calling off."""
    fee = CancelFee(fields.whole("notice_s"), _percent(fields))
    fields.reject_unknown()
    return fee


def read_billing_code(fields: Fields) -> BillingCode:
    """Read one code of the superbill."""
    code = BillingCode(fields.text("system"), fields.text("code"), fields.text("text"))
    fields.reject_unknown()
    return code


def _percent(fields: Fields) -> int:
    percent = fields.whole("fee_percent")
    if percent > 100:  # noqa: PLR2004 - the whole
        raise FieldError(fields.at("fee_percent"), "must be a whole number from 0 to 100")
    return percent
