"""The terms of care on site: the drug, what is measured and when, limits, discharge, the kit."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from dispatch.domain.fields import FieldError, Fields
from dispatch.domain.terms import LONGEST_DAYS, Range, read_range


class Measure(StrEnum):
    """What is charted; the unit stands in the name."""

    SYSTOLIC_MMHG = "systolic_mmhg"
    DIASTOLIC_MMHG = "diastolic_mmhg"
    HEART_RATE_BPM = "heart_rate_bpm"
    SPO2_PERCENT = "spo2_percent"
    RESPIRATORY_RATE_BPM = "respiratory_rate_bpm"
    WEIGHT_G = "weight_g"


@dataclass(frozen=True)
class Recovery:
    """How long people rest after the infusion, in seconds: planned is ``planned``.

    ``extensions`` are the steps by which a nurse may lengthen it, ``most`` the longest in all.
    """

    least: int
    planned: int
    most: int
    extensions: tuple[int, ...]


@dataclass(frozen=True)
class Limit:
    """The infusion does not begin outside of [least, most]; either may be open."""

    measure: Measure
    least: int | None
    most: int | None

    def keeps(self, value: int) -> bool:
        above = self.least is None or value >= self.least
        return above and (self.most is None or value <= self.most)


@dataclass(frozen=True)
class Vitals:
    """What is charted before the infusion, what throughout, how often, and the go/no-go limits."""

    baseline: tuple[Measure, ...]
    throughout: tuple[Measure, ...]
    every_s_infusion: int
    every_s_recovery: int
    limits: tuple[Limit, ...]


@dataclass(frozen=True)
class Drug:
    """What is given; doses and vials in micrograms. A controlled one is accounted for."""

    code: str
    name: str
    controlled: bool
    dose_ug_per_kg: Range


@dataclass(frozen=True)
class Item:
    """One point of a list that is gone through: its code and what people read."""

    code: str
    text: str


@dataclass(frozen=True)
class MedicationRule:
    """A medication named in answer to ``question`` ends ``washout_days`` before an infusion.

    A clinician agrees the last dose with the patient's own provider; nobody else says so.
    """

    code: str
    question: str
    washout_days: int


@dataclass(frozen=True)
class Skill:
    """Who says yes to ``question`` needs a nurse with this certificate beside the others."""

    code: str
    question: str
    certificate: str


def read_recovery(fields: Fields) -> Recovery:
    """Read how long recovery takes."""
    recovery = Recovery(
        fields.whole("least"), fields.whole("planned"), fields.whole("most"),
        fields.wholes("extensions"),
    )  # fmt: skip
    if not recovery.least <= recovery.planned <= recovery.most:
        raise FieldError(fields.path, "must have least, planned and most in ascending order")
    fields.reject_unknown()
    return recovery


def read_vitals(fields: Fields) -> Vitals:
    """Read what is charted, and the limits."""
    vitals = Vitals(
        baseline=fields.several_of("baseline", Measure),
        throughout=fields.several_of("throughout", Measure),
        every_s_infusion=fields.whole("every_s_infusion", 1),
        every_s_recovery=fields.whole("every_s_recovery", 1),
        limits=tuple(map(_limit, fields.children("limits"))),
    )
    fields.reject_unknown()
    return vitals


def _limit(fields: Fields) -> Limit:
    limit = Limit(
        measure=fields.one_of("measure", Measure),
        least=fields.whole("least") if fields.has("least") else None,
        most=fields.whole("most") if fields.has("most") else None,
    )
    if limit.least is None and limit.most is None:
        raise FieldError(fields.path, "must have least or most")
    fields.reject_unknown()
    return limit


def read_drug(fields: Fields) -> Drug:
    """Read what is given."""
    drug = Drug(
        code=fields.text("code"),
        name=fields.text("name"),
        controlled=fields.flag("controlled"),
        dose_ug_per_kg=read_range(fields.child("dose_ug_per_kg")),
    )
    fields.reject_unknown()
    return drug


def read_items(fields: Fields, name: str) -> tuple[Item, ...]:
    """Read a list of points; raises FieldError where two have the same code."""
    items = tuple(map(_item, fields.children(name)))
    if len({item.code for item in items}) != len(items):
        raise FieldError(fields.at(name), "two entries have the same code")
    return items


def _item(fields: Fields) -> Item:
    item = Item(fields.text("code"), fields.text("text"))
    fields.reject_unknown()
    return item


def read_medication_rule(code: str, fields: Fields) -> MedicationRule:
    """Read one medication rule."""
    rule = MedicationRule(
        code, fields.text("question"), fields.whole("washout_days", 0, LONGEST_DAYS)
    )
    fields.reject_unknown()
    return rule


def read_skill(code: str, fields: Fields) -> Skill:
    """Read one skill."""
    skill = Skill(code, fields.text("question"), fields.text("certificate"))
    fields.reject_unknown()
    return skill
