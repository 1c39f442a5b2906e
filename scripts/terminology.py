"""The value sets of R4's required bindings, as far as HL7's files list them: for ``compile_definitions``."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

FORMATS = {"http://hl7.org/fhir/ValueSet/mimetypes": "mimeType"}
"""Required value sets that are open: their grammar is checked (BCP 13)."""
ISO_4217 = """
    AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BHD BIF BMD BND BOB BOV BRL BSD BTN BWP BYN BZD CAD CDF CHE
    CHF CHW CLF CLP CNY COP COU CRC CUC CUP CVE CZK DJF DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GNF GTQ
    GYD HKD HNL HRK HTG HUF IDR ILS INR IQD IRR ISK JMD JOD JPY KES KGS KHR KMF KPW KRW KWD KYD KZT LAK LBP LKR LRD LSL
    LYD MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MXV MYR MZN NAD NGN NIO NOK NPR NZD OMR PAB PEN PGK PHP PKR PLN
    PYG QAR RON RSD RUB RWF SAR SBD SCR SDG SEK SGD SHP SLE SLL SOS SRD SSP STN SVC SYP SZL THB TJS TMT TND TOP TRY TTD
    TWD TZS UAH UGX USD USN UYI UYU UYW UZS VED VES VND VUV WST XAF XAG XAU XBA XBB XBC XBD XCD XCG XDR XOF XPD XPF XPT
    XSU XTS XUA XXX YER ZAR ZMW ZWG ZWL
"""
"""The currencies of today and those given up since R4 was published; the source names the list but has it not."""

Json = dict[str, Any]


class SourceMissing(Exception):
    """The definitions could not be read or fetched."""


def entries(path: Path) -> Iterator[Json]:
    """The resources of one of the source's bundles."""
    try:
        bundle = json.loads(path.read_text(encoding="utf-8"))
    except OSError as failed:
        raise SourceMissing(f"{path.name} is not in the source folder") from failed
    for entry in bundle["entry"]:
        yield entry["resource"]


class Terminology:
    """Value sets and code systems of the source; ``used`` collects the expansions that the tables refer to."""

    def __init__(self, source: Path) -> None:
        self.used: dict[str, list[str]] = {}
        self._sets: dict[str, Json] = {}
        self._systems: dict[str, Json] = {}
        for name in ("valuesets.json", "v3-codesystems.json", "v2-tables.json"):
            for resource in entries(source / name):
                known = self._sets if resource["resourceType"] == "ValueSet" else self._systems
                known.setdefault(resource["url"], resource)

    def binding(self, canonical: str, path: str, types: list[str]) -> Json:
        """``codes``, ``concepts`` or ``format`` of a required binding."""
        url = canonical.partition("|")[0]
        if url in FORMATS:
            return {"format": FORMATS[url]}
        is_code = types == ["code"]
        if not is_code and set(types) - {"CodeableConcept", "Coding"}:
            raise ValueError(f"{path}: a required binding on {types}")
        found = self._expand(url)
        if found is None:
            raise ValueError(f"{path}: {url} has no list")
        listed = [code if is_code else f"{system}|{code}" for system, code in found]
        name = url.rpartition("/")[2]
        if self.used.setdefault(name, listed) != listed:
            raise ValueError(f"two value sets are called {name}")
        return {"codes" if is_code else "concepts": name}

    def _expand(self, url: str) -> list[tuple[str, str]] | None:
        """System and code of each; None where the source has no list."""
        compose = self._sets.get(url, {}).get("compose", {})
        if "exclude" in compose or "include" not in compose:
            return None
        codes: list[tuple[str, str]] = []
        for include in compose["include"]:
            found = self._include(include)
            if found is None:
                return None
            codes += [code for code in found if code not in codes]
        return codes

    def _include(self, include: Json) -> list[tuple[str, str]] | None:
        if "concept" in include:
            return [(include["system"], concept["code"]) for concept in include["concept"]]
        if "valueSet" in include:
            parts = [self._expand(url.partition("|")[0]) for url in include["valueSet"]]
            return None if None in parts else [code for part in parts if part for code in part]
        if include["system"] == "urn:iso:std:iso:4217":
            return [(include["system"], code) for code in ISO_4217.split()]
        system = self._systems.get(include["system"], {})
        if system.get("content") != "complete":
            return None
        found = self._filtered(system["concept"], include.get("filter", []))
        return None if found is None else [(include["system"], code) for code in found]

    def _filtered(self, concepts: list[Json], filters: list[Json]) -> list[str] | None:
        for wanted in filters:
            if wanted["property"] != "concept" or wanted["op"] not in ("is-a", "descendent-of"):
                return None
            concept = next(_find(concepts, wanted["value"]), None)
            if concept is None:
                return None
            concepts = [concept] if wanted["op"] == "is-a" else concept.get("concept", [])
        return list(_codes(concepts))


def _find(concepts: list[Json], code: str) -> Iterator[Json]:
    for concept in concepts:
        if concept["code"] == code:
            yield concept
        yield from _find(concept.get("concept", []), code)


def _codes(concepts: list[Json]) -> Iterator[str]:
    for concept in concepts:
        yield concept["code"]
        yield from _codes(concept.get("concept", []))
