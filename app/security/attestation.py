"""What a token attests of a care relationship: the purpose, in the form of the Norwegian trust framework.

``authorization_details`` (RFC 9396 9.1) holds an object of type ``nhn:tillitsrammeverk:parameters`` with
``care_relationship.purpose_of_use`` (``code``, ``system``). Another claim may be the code itself, or that object.
"""

import re
from typing import Any, Final

_ATTESTATION: Final = "nhn:tillitsrammeverk:parameters"
_SYSTEMS: Final = frozenset(
    {
        "urn:oid:2.16.840.1.113883.1.11.20448",
        "http://terminology.hl7.org/ValueSet/v3-PurposeOfUse",
        "http://terminology.hl7.org/CodeSystem/v3-ActReason",
        "urn:oid:2.16.840.1.113883.5.8",
    }
)
_CODE = re.compile("[A-Z]{2,16}").fullmatch


def purpose_of(claim: Any) -> str:
    """A code of v3-PurposeOfUse; empty where the claim states none that we understand. It decides nothing."""
    if isinstance(claim, str):
        return claim if _CODE(claim) else ""
    listed = claim if isinstance(claim, list) else [claim]
    attested = [one for one in listed if isinstance(one, dict) and one.get("type", _ATTESTATION) == _ATTESTATION]
    if len(attested) != 1:
        return ""
    relationship = attested[0].get("care_relationship")
    stated = relationship.get("purpose_of_use") if isinstance(relationship, dict) else None
    if not isinstance(stated, dict) or stated.get("system") not in _SYSTEMS:
        return ""
    code = stated.get("code")
    return code if isinstance(code, str) and _CODE(code) else ""
