"""The consent that a need states: yes or no with a date, or a Consent that its sender can show."""

from typing import Any

from app.casework.context import Context, viewer_of
from app.clock import oslo_day
from app.coordination.consent import Consent
from app.fhir.need import Need
from app.fhir.references import literal
from app.fhir.rendering import parsed
from app.security.caller import Caller


async def consent_in(context: Context, caller: Caller, facts: Need) -> Consent | None:
    """What is recorded with a case; None where the need says nothing, or refers to what cannot be read."""
    today = oslo_day(context.clock()).isoformat()
    if facts.consent_given is not None:
        return Consent(given=facts.consent_given, date=facts.consent_date or today, source="notice")
    target = literal(facts.consent_reference)
    if target is None or target.type != "Consent":
        return None
    stored = await context.store.read("Consent", target.id, viewer_of(caller))
    if stored is None:
        return None
    shown = parsed(stored.body)
    date = str(shown.get("dateTime", ""))[:10] or facts.consent_date or today
    return Consent(given=_permits(shown), date=date, source=f"Consent/{target.id}")


def _permits(consent: dict[str, Any]) -> bool:
    """An active Consent whose provision, if it has one, does not deny (R4 6.2)."""
    return consent.get("status") == "active" and consent.get("provision", {}).get("type") != "deny"
