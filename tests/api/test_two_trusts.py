"""Two hospitals in one directory: neither sees or does what is the other's."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from uuid import uuid4

import pytest

from app.sandbox import personas
from tests.api.running import FHIR, PROJECT, Running, codes, need, running, sandbox_settings

Header = dict[str, str]
OTHER_TRUST = """
[trusts.other]
name = "Annet HF"
organisation_number = "319900012"

[clinics.other-clinic]
name = "Annen klinikk"
trust = "other"

[units.other-ward]
name = "Annen sengepost"
kind = "ward"
clinic = "other-clinic"
resh = "4910101"
organisation_number = "319900020"

[units.other-office]
name = "Annen koordinerende enhet"
kind = "coordinating-unit"
trust = "other"
resh = "4910901"
organisation_number = "319900039"

[units.other-group]
name = "Annen beslutningsgruppe"
kind = "decision-group"
trust = "other"
resh = "4910902"
organisation_number = "319900047"
"""


@pytest.fixture(scope="module")
def two_trusts(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """A service with a second trust in its directory.

    Its personas: ``other-unit`` at its ward, ``mispaired-unit`` whose token names a unit of the first trust.
    """
    folder: Path = tmp_path_factory.mktemp("trusts")
    directory = folder / "directory.toml"
    directory.write_text((PROJECT / "directory.toml").read_text(encoding="utf-8") + OTHER_TRUST, encoding="utf-8")
    ward = replace(
        personas.PERSONAS["clinical-unit"],
        organisations=(personas.Organisation("other", "319900012"),),
        units=(personas.Unit("other-ward", "4910101", "9900011"),),
    )
    with pytest.MonkeyPatch.context() as patched:
        patched.setitem(personas.PERSONAS, "other-unit", ward)
        patched.setitem(personas.PERSONAS, "mispaired-unit", replace(ward, units=(personas.CLINICAL_UNITS[0],)))
        with running(sandbox_settings(folder).model_copy(update={"directory": directory})) as service:
            yield service


def _wished(service: Running, headers: Header, resh: str) -> str:
    """The id of a need that is sent to a unit."""
    owner = {"identifier": {"system": "urn:oid:2.16.578.1.12.4.1.4.102", "value": resh}}
    answer = service.post_need(headers, need(owner=owner, requester=None))
    assert answer.status_code == 201, answer.text
    return str(answer.json()["id"])


def test_a_hospital_reads_its_own_units_figures_only(two_trusts: Running) -> None:
    sender = two_trusts.token("municipality", organisation="fjordvik")
    for resh in ("4900101", "4910101"):
        _wished(two_trusts, sender, resh)
    seen = {}
    for persona in ("coordinating-unit", "operator"):
        answer = two_trusts.client.get("/reports/units", headers=two_trusts.token(persona))
        seen[persona] = {one["unit"] for one in answer.json()["units"]} & {"neurology-outpatient", "other-ward"}
    assert seen == {"coordinating-unit": {"neurology-outpatient"}, "operator": {"neurology-outpatient", "other-ward"}}


def test_a_unit_that_sends_to_another_hospital_reads_no_reasons_of_it(two_trusts: Running) -> None:
    sender = two_trusts.token("other-unit")
    case = _wished(two_trusts, sender, "4900101")
    owner = two_trusts.token("clinical-unit", unit="neurology-outpatient")
    assert two_trusts.client.get(f"/reports/cases/{case}/events", headers=owner).status_code == 200
    answer = two_trusts.client.get(f"/reports/cases/{case}/events", headers=sender)
    unknown = two_trusts.client.get(f"/reports/cases/{uuid4()}/events", headers=sender)
    assert (answer.status_code, answer.content) == (404, unknown.content)
    assert two_trusts.client.get(f"/fhir/v1/Task/{case}", headers=sender).status_code == 200


def test_a_token_that_names_another_trusts_unit_registers_nobody(two_trusts: Running) -> None:
    parameters = {"resourceType": "Parameters"}
    told = {}
    for persona in ("mispaired-unit", "clinical-unit"):
        answer = two_trusts.client.post(
            "/fhir/v1/CareTeam/$register-coordinator", json=parameters, headers=two_trusts.token(persona) | FHIR
        )
        told[persona] = (answer.status_code, codes(answer))
    assert told == {"mispaired-unit": (403, ["caller-unit-unknown"]), "clinical-unit": (422, ["parameter-missing"])}
