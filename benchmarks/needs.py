"""Made-up needs in any number: the example of ``examples/task-need.json`` with other senders, units and patients.

National identity numbers are synthetic as Tenor's are (80 added to the month) with valid control digits.
"""

import json
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from app.fhir import codes
from app.routing.directory import Municipality, Unit

EXAMPLE: Final = Path(__file__).resolve().parents[1] / "examples" / "task-need.json"
_FIRST: Final = (3, 7, 6, 1, 8, 9, 4, 5, 2)
_SECOND: Final = (5, 4, 3, 2, 7, 6, 5, 4, 3, 2)


def need(number: str, patient: str, sender: Municipality, unit: Unit | None) -> bytes:
    """A coordinator-need Task as compact JSON; with ``unit`` the hospital unit that treats the patient."""
    task: dict[str, Any] = json.loads(EXAMPLE.read_bytes())
    task["identifier"][0] |= {"system": f"https://{sender.key}.example/fhir/saksnummer", "value": number}
    task["for"]["identifier"]["value"] = patient
    task["requester"]["identifier"]["value"] = sender.organisation_number
    task["requester"]["display"] = sender.name
    involved = [entry for entry in task["input"] if "valueReference" in entry]
    for entry in involved:
        if unit is None:
            task["input"].remove(entry)
        else:
            entry["valueReference"]["identifier"] = {"system": codes.RESH, "value": unit.resh}
            entry["valueReference"]["display"] = unit.name
    return json.dumps(task, ensure_ascii=False, separators=(",", ":")).encode()


def patients(seed: int) -> Iterator[str]:
    """Valid synthetic national identity numbers without end, each once; the same ones for the same seed."""
    chance = random.Random(seed)
    seen: set[str] = set()
    while True:
        day, month, year = chance.randint(1, 28), 80 + chance.randint(1, 12), chance.randint(0, 99)
        digits = [int(digit) for digit in f"{day:02}{month:02}{year:02}{chance.randint(0, 999):03}"]
        for weights in (_FIRST, _SECOND):
            digits.append(-sum(w * d for w, d in zip(weights, digits, strict=True)) % 11)
        number = "".join(map(str, digits))
        if len(number) == 11 and number not in seen:
            seen.add(number)
            yield number
