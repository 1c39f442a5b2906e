"""Why a need is declined, or lapses. No reason says "wrong unit": that is a transfer or an escalation."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

CONSENT_REFUSED: Final = "consent-refused"
PATIENT_DOES_NOT_WANT: Final = "patient-does-not-want"

DECLINE_REASONS: Final[Mapping[str, tuple[str, str]]] = MappingProxyType(
    {
        "not-entitled": (
            "Pasienten har ikke rett til koordinator, vurdert etter kriteriene",
            "The patient is not entitled to a coordinator by the criteria",
        ),
        "no-need": (
            "Det er ikke behov for koordinator i sykehuset nå",
            "There is no need for a coordinator in the hospital now",
        ),
        CONSENT_REFUSED: (
            "Pasienten samtykker ikke til at koordinator oppnevnes",
            "The patient does not consent to the appointment of a coordinator",
        ),
        PATIENT_DOES_NOT_WANT: (
            "Pasienten ønsker ikke koordinator eller vil koordinere selv",
            "The patient does not want a coordinator, or will coordinate for themselves",
        ),
        "coordinator-in-municipality-suffices": (
            "Koordinator i kommunen dekker behovet",
            "A coordinator in the municipality meets the need",
        ),
        "insufficient-information": (
            "Opplysningene er ikke nok til å vurdere behovet, heller ikke etter spørsmål til avsender",
            "The information does not suffice to assess the need, even after asking the sender",
        ),
    }
)
"""Code to (bokmål, English)."""

UNDER_PLACEMENT: Final = (CONSENT_REFUSED, PATIENT_DOES_NOT_WANT)
"""The only reasons that end a case under binding placement: those that are the patient's own."""

LAPSE_REASONS: Final[Mapping[str, tuple[str, str]]] = MappingProxyType(
    {
        "patient-dead": ("Pasienten er død", "The patient has died"),
        "patient-moved": (
            "Pasienten har flyttet ut av sykehusets opptaksområde",
            "The patient has moved out of the hospital's catchment area",
        ),
        "duplicate": ("Behovet er allerede meldt i en annen sak", "The need is in another case already"),
    }
)
"""Code to (bokmål, English)."""
