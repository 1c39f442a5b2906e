"""Who is health personnel: the categories of Volven 9060 that a coordinator can have."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

HEALTH_PERSONNEL: Final[Mapping[str, str]] = MappingProxyType(
    {
        "AA": "Ambulansearbeider",
        "AT": "Apotektekniker",
        "AU": "Audiograf",
        "BI": "Bioingeniør",
        "ET": "Ergoterapeut",
        "FA1": "Provisorfarmasøyt",
        "FA2": "Reseptarfarmasøyt",
        "FO": "Fotterapeut",
        "FT": "Fysioterapeut",
        "HE": "Helsesekretær",
        "HF": "Helsefagarbeider",
        "HP": "Hjelpepleier",
        "JO": "Jordmor",
        "KE": "Klinisk ernæringsfysiolog",
        "KI": "Kiropraktor",
        "LE": "Lege",
        "MT": "Manuellterapeut",
        "NP": "Naprapat",
        "OA": "Omsorgsarbeider",
        "OI": "Ortopediingeniør",
        "OP": "Optiker",
        "OR": "Ortoptist",
        "OS": "Osteopat",
        "PE": "Perfusjonist",
        "PM": "Paramedisiner",
        "PS": "Psykolog",
        "RA": "Radiograf",
        "SP": "Sykepleier",
        "TH": "Tannhelsesekretær",
        "TL": "Tannlege",
        "TP": "Tannpleier",
        "TT": "Tanntekniker",
        "VP": "Vernepleier",
    }
)
"""Code to name. Not here: VE and FB, who care for animals, and XX, unknown."""
