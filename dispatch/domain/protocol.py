"""What a treatment asks for – time, people, papers, places, messages – read from versioned data."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from dispatch.domain.fields import FieldError, Fields
from dispatch.domain.messages import MessageRule, parse_rule
from dispatch.domain.places import LocationKind
from dispatch.domain.questionnaire import VerdictRule, parse_verdict_rule
from dispatch.domain.terms import (
    Booking,
    Consent,
    ExtraRule,
    Phases,
    QuestionnaireRef,
    SeriesPhase,
    ValidDays,
    read_booking,
    read_consent,
    read_extra_rule,
    read_phases,
    read_questionnaire_ref,
    read_series_phase,
    read_valid_days,
)

LONGEST_INSTRUCTIONS = 240


class CompanionRule(StrEnum):
    """What the companion does: a responsible adult stays, or somebody drives the patient home."""

    STAYS = "stays"
    DRIVES = "drives"


@dataclass(frozen=True)
class Protocol:
    """One version of a treatment; nothing about a treatment is known outside of it."""

    code: str
    version: int
    name: str
    questionnaire: QuestionnaireRef
    phases: Phases
    booking: Booking
    certificates: tuple[str, ...]
    series: tuple[SeriesPhase, ...]
    companion: Mapping[LocationKind, CompanionRule]
    valid_days: ValidDays
    consent: Consent
    instructions: Mapping[LocationKind, str]
    screening_rules: tuple[VerdictRule, ...]
    messages: tuple[MessageRule, ...]
    price_cents: int
    extra_rules: tuple[ExtraRule, ...]

    @property
    def service_s(self) -> int:
        """Seconds on site, from arrival to departure."""
        return self.infusion_until_s + self.phases.recovery_s + self.phases.wrap_up_s

    @property
    def infusion_from_s(self) -> int:
        """Seconds from arrival to the infusion's start."""
        return self.phases.setup_s

    @property
    def infusion_until_s(self) -> int:
        """Seconds from arrival to the infusion's end."""
        return self.phases.setup_s + self.phases.infusion_s

    @property
    def unapproved_rules(self) -> tuple[str, ...]:
        """Codes of the extra rules that nobody has approved."""
        return tuple(rule.code for rule in self.extra_rules if not rule.approved)

    def companion_rule(self, kind: LocationKind) -> CompanionRule | None:
        """Return what a companion must do at this kind of place; None where none is needed."""
        return self.companion.get(kind)


def parse_protocol(data: object) -> Protocol:
    """Read a protocol from plain data; raises FieldError naming the faulty field."""
    fields = Fields(data)
    protocol = Protocol(
        code=fields.text("code"),
        version=fields.whole("version", 1),
        name=fields.text("name"),
        questionnaire=read_questionnaire_ref(fields),
        phases=read_phases(fields.child("phases_s")),
        booking=read_booking(fields.child("booking")),
        certificates=fields.texts("certificates"),
        series=tuple(read_series_phase(phase) for phase in fields.children("series")),
        companion=_companion(fields.child("companion")),
        valid_days=read_valid_days(fields.child("valid_days")),
        consent=read_consent(fields.child("consent")),
        instructions=_instructions(fields.child("instructions")),
        screening_rules=tuple(map(parse_verdict_rule, fields.children("screening_rules"))),
        messages=tuple(parse_rule(code, rule) for code, rule in fields.named("messages")),
        price_cents=fields.whole("price_cents"),
        extra_rules=tuple(
            read_extra_rule(code, rule) for code, rule in fields.named("extra_rules")
        ),
    )
    if not protocol.series:
        raise FieldError("series", "must have a phase")
    fields.reject_unknown()
    return protocol


def _companion(fields: Fields) -> dict[LocationKind, CompanionRule]:
    rules = {kind: fields.one_of(kind, CompanionRule) for kind in LocationKind if fields.has(kind)}
    fields.reject_unknown()
    return rules


def _instructions(fields: Fields) -> dict[LocationKind, str]:
    texts = {kind: fields.text(kind, LONGEST_INSTRUCTIONS) for kind in LocationKind}
    fields.reject_unknown()
    return texts
