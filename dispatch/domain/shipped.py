"""Loads the protocols, questionnaires and message texts that are shipped as JSON files."""

import json
from pathlib import Path
from typing import Any

from dispatch.domain.channels import Language
from dispatch.domain.contact import Agreement, ContactTerms
from dispatch.domain.sharing import SharingTerms
from dispatch.domain.waiting import WaitingTerms

FOLDER = Path(__file__).parent.parent / "protocols"


def load_shipped() -> tuple[dict[str, Any], ...]:
    """Return every shipped protocol as plain data, with what it extends filled in."""
    return tuple(_resolved(path) for path in sorted(FOLDER.glob("protocols/*.json")))


def load_questionnaires() -> tuple[dict[str, Any], ...]:
    """Return every shipped questionnaire as plain data."""
    return tuple(_resolved(path) for path in sorted(FOLDER.glob("questionnaires/*.json")))


def load_templates(language: str) -> dict[str, str]:
    """Return the message texts of a language by template code."""
    return _resolved(FOLDER / "templates" / f"{language}.json")


def load_subjects(language: str) -> dict[str, str]:
    """Return the subject lines of a language by the kind of message."""
    return _resolved(FOLDER / "subjects" / f"{language}.json")


def load_replies(language: str) -> dict[str, str]:
    """Return our answers to texts, in a language, by template code."""
    return _resolved(FOLDER / "replies" / f"{language}.json")


def load_sharing_terms(language: str) -> SharingTerms:
    """Return what patients agree to who share the summaries of their visits."""
    return SharingTerms(**_resolved(FOLDER / "sharing" / f"{language}.json"))


def load_contact_terms(language: Language) -> ContactTerms:
    """Return what people agree to who are sent messages."""
    data = _resolved(FOLDER / "contact" / f"{language.value}.json")
    texts = {Agreement(code): text for code, text in data["texts"].items()}
    return ContactTerms(language=language, version=data["version"], texts=texts)


def load_waiting_terms(language: Language) -> WaitingTerms:
    """Return what people agree to who wait for a treatment at a place."""
    return WaitingTerms(**_resolved(FOLDER / "waiting" / f"{language.value}.json"))


def load_translations(language: Language) -> dict[str, str]:
    """Return in a language what protocols and questionnaires say, by the English sentence."""
    return _resolved(FOLDER / "translations" / f"{language.value}.json")


def load_sentences(language: Language) -> dict[str, str]:
    """Return in a language what refusals and gates say, by the English sentence or its pattern."""
    return _resolved(FOLDER / "sentences" / f"{language.value}.json")


def _resolved(path: Path) -> dict[str, Any]:
    data: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    parent = data.pop("extends", None)
    return _merged(_resolved(FOLDER / "shared" / parent), data) if parent else data


def _merged(below: dict[str, Any], above: dict[str, Any]) -> dict[str, Any]:
    """Lay one object over another: objects are merged, all else is replaced."""
    merged = below | above
    for name in below.keys() & above.keys():
        if isinstance(below[name], dict) and isinstance(above[name], dict):
            merged[name] = _merged(below[name], above[name])
    return merged
