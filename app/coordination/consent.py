"""Consent: a coordinator needs the patient's consent (pasient- og brukerrettighetsloven § 2-5)."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Consent:
    """The patient's answer as somebody recorded it.

    ``date`` is an ISO day (``2026-11-21``), ``source`` where it is documented: a reference, or who told it.
    """

    given: bool
    date: str
    source: str = ""


def consent_in_force(recorded: Consent | None, brought: Consent | None) -> Consent | None:
    """The consent that counts: what a command brings is newer than what the case holds."""
    return brought or recorded


def consent_refusal(consent: Consent | None) -> tuple[str, str] | None:
    """(error code, diagnostics) when nobody can be appointed on this; None when the patient said yes."""
    if consent is None:
        return "consent-missing", "A coordinator needs the patient's consent, and none is recorded."
    if not consent.given:
        return "consent-refused", "The patient has refused consent to a coordinator."
    return None
