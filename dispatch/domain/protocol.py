"""What a treatment asks for – time, people, papers, places, messages – read from versioned data."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from dispatch.domain.care import (
    Drug,
    Item,
    MedicationRule,
    Recovery,
    Skill,
    Vitals,
    read_drug,
    read_items,
    read_medication_rule,
    read_recovery,
    read_skill,
    read_vitals,
)
from dispatch.domain.channels import Language
from dispatch.domain.charges import (
    AbortReason,
    BillingCode,
    CancelFee,
    read_abort_reason,
    read_billing_code,
    read_cancel_fee,
)
from dispatch.domain.fields import FieldError, Fields
from dispatch.domain.messages import MessageRule, parse_rule
from dispatch.domain.places import LocationKind
from dispatch.domain.questionnaire import (
    Condition,
    Outcome,
    VerdictRule,
    parse_verdict_rule,
)
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
_INDICATION_OF_OTHER = (
    "This treatment is not meant for what you named; another one of ours may be open to you."
)


class CompanionRule(StrEnum):
    """What the companion does: a responsible adult stays, or somebody drives the patient home."""

    STAYS = "stays"
    DRIVES = "drives"


@dataclass(frozen=True)
class Translation:
    """What is read to patients in a language other than English: ``extra_rules`` by their codes."""

    instructions: Mapping[LocationKind, str]
    extra_rules: Mapping[str, str]


@dataclass(frozen=True)
class Protocol:
    """One version of a treatment; nothing about a treatment is known outside of it.

    ``visit_questions_s`` is how long before the window opens the questions of each visit (those
    valid for 0 days) may be answered. ``readiness`` is what the place must have.
    """

    code: str
    version: int
    name: str
    indications: tuple[str, ...]
    questionnaire: QuestionnaireRef
    screening_rules: tuple[VerdictRule, ...]
    visit_questions_s: int
    medication: tuple[MedicationRule, ...]
    phases: Phases
    recovery: Recovery
    booking: Booking
    certificates: tuple[str, ...]
    skills: tuple[Skill, ...]
    drug: Drug | None
    kit: tuple[Item, ...]
    readiness: tuple[Item, ...]
    vitals: Vitals
    side_effects: tuple[Item, ...]
    discharge: tuple[Item, ...]
    series: tuple[SeriesPhase, ...]
    companion: Mapping[LocationKind, CompanionRule]
    valid_days: ValidDays
    consent: Consent
    instructions: Mapping[LocationKind, str]
    messages: tuple[MessageRule, ...]
    price_cents: int
    cancel_fees: tuple[CancelFee, ...]
    abort_reasons: tuple[AbortReason, ...]
    billing: tuple[BillingCode, ...]
    extra_rules: tuple[ExtraRule, ...]
    translated: Mapping[Language, Translation]

    @property
    def service_s(self) -> int:
        """Seconds on site as planned, from arrival to departure."""
        return self.infusion_until_s + self.recovery.planned + self.phases.wrap_up_s

    @property
    def infusion_from_s(self) -> int:
        """Seconds from arrival to the infusion's start."""
        return self.phases.setup_s

    @property
    def infusion_until_s(self) -> int:
        """Seconds from arrival to the infusion's end."""
        return self.phases.setup_s + self.phases.infusion_s

    @property
    def verdict_rules(self) -> tuple[VerdictRule, ...]:
        """The protocol's own rules of screening; one follows from its indications."""
        if not self.indications:
            return self.screening_rules
        meant = Condition("indication", "none_of", (*self.indications, "none_of_these"))
        elsewhere = VerdictRule(
            (meant,), Outcome.REFUSED, "indication_of_other_protocol", _INDICATION_OF_OTHER
        )
        return (*self.screening_rules, elsewhere)

    @property
    def unapproved_rules(self) -> tuple[str, ...]:
        """Codes of the extra rules that nobody has approved."""
        return tuple(rule.code for rule in self.extra_rules if not rule.approved)

    def certificates_for(self, answers: Mapping[str, object]) -> frozenset[str]:
        """Return every certificate that a patient who answered so needs in the nurse."""
        asked = {one.certificate for one in self.skills if answers.get(one.question) is True}
        return frozenset(self.certificates) | asked

    def instructions_in(self, language: Language, kind: LocationKind) -> str:
        """Return what to prepare at such a place; in English where it is not translated."""
        if language in self.translated:
            return self.translated[language].instructions[kind]
        return self.instructions[kind]

    def extra_rule_in(self, language: Language, code: str) -> str | None:
        """Return the words of an extra rule, likewise; None where there is no such rule."""
        words = {rule.code: rule.text for rule in self.extra_rules}
        if code in words and language in self.translated:
            return self.translated[language].extra_rules.get(code, words[code])
        return words.get(code)

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
        indications=fields.texts("indications"),
        questionnaire=read_questionnaire_ref(fields),
        screening_rules=tuple(map(parse_verdict_rule, fields.children("screening_rules"))),
        visit_questions_s=fields.whole("visit_questions_s", 1),
        medication=tuple(
            read_medication_rule(code, rule) for code, rule in fields.named("medication")
        ),
        phases=read_phases(fields.child("phases_s")),
        recovery=read_recovery(fields.child("recovery_s")),
        booking=read_booking(fields.child("booking")),
        certificates=fields.texts("certificates"),
        skills=_skills(fields),
        drug=read_drug(fields.child("drug")) if fields.has("drug") else None,
        kit=read_items(fields, "kit"),
        readiness=read_items(fields, "readiness"),
        vitals=read_vitals(fields.child("vitals")),
        side_effects=read_items(fields, "side_effects"),
        discharge=read_items(fields, "discharge"),
        series=tuple(read_series_phase(phase) for phase in fields.children("series")),
        companion=_companion(fields.child("companion")),
        valid_days=read_valid_days(fields.child("valid_days")),
        consent=read_consent(fields.child("consent")),
        instructions=_instructions(fields.child("instructions")),
        messages=tuple(parse_rule(code, rule) for code, rule in fields.named("messages")),
        price_cents=fields.whole("price_cents"),
        cancel_fees=tuple(map(read_cancel_fee, fields.children("cancel_fees"))),
        abort_reasons=tuple(
            read_abort_reason(code, reason) for code, reason in fields.named("abort_reasons")
        ),
        billing=tuple(map(read_billing_code, fields.children("billing"))),
        extra_rules=tuple(
            read_extra_rule(code, rule) for code, rule in fields.named("extra_rules")
        ),
        translated=_translated(fields),
    )
    if not protocol.series:
        raise FieldError("series", "must have a phase")
    fields.reject_unknown()
    return protocol


def _companion(fields: Fields) -> dict[LocationKind, CompanionRule]:
    rules = {kind: fields.one_of(kind, CompanionRule) for kind in LocationKind if fields.has(kind)}
    fields.reject_unknown()
    return rules


def _skills(fields: Fields) -> tuple[Skill, ...]:
    """None in versions from before there were any."""
    named = fields.named("skills") if fields.has("skills") else ()
    return tuple(read_skill(code, skill) for code, skill in named)


def _instructions(fields: Fields) -> dict[LocationKind, str]:
    texts = {kind: fields.text(kind, LONGEST_INSTRUCTIONS) for kind in LocationKind}
    fields.reject_unknown()
    return texts


def _translated(fields: Fields) -> dict[Language, Translation]:
    """English alone in versions from before there was another language."""
    if not fields.has("translated"):
        return {}
    languages = fields.child("translated")
    found = {one: languages.child(one) for one in Language if languages.has(one)}
    languages.reject_unknown()
    return {one: _translation(each) for one, each in found.items()}


def _translation(fields: Fields) -> Translation:
    rules = fields.child("extra_rules")
    words = {code: rules.text(code, LONGEST_INSTRUCTIONS) for code in rules.keys()}  # noqa: SIM118
    translation = Translation(_instructions(fields.child("instructions")), words)
    fields.reject_unknown()
    return translation
