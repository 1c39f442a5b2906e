"""The directory file: what can be asked of it, and how its faults are told."""

import tomllib
from collections.abc import Callable
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest

from app.routing.directory import Directory, DirectoryFaults, UnitKind, read_directory
from tests.coordination.situations import document_of

SHIPPED: dict[str, Any] = tomllib.loads((Path(__file__).parents[2] / "directory.toml").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def directory() -> Directory:
    return read_directory(SHIPPED)


def test_the_shipped_trust_is_complete(directory: Directory) -> None:
    assert len(directory.clinics) == 3
    assert len(directory.clinical_units("helse-fjordvest")) == 7
    assert directory.coordinating_unit("helse-fjordvest").key == "coordinating-unit"
    assert directory.decision_group("helse-fjordvest").kind is UnitKind.DECISION_GROUP
    assert list(directory.municipalities) == ["fjordvik", "dalheim", "oyvaer", "nordbygd"]
    used = {unit.clinic for unit in directory.clinical_units("helse-fjordvest")}
    assert used == set(directory.clinics)


def test_every_number_finds_its_holder(directory: Directory) -> None:
    for unit in directory.units.values():
        assert directory.unit(unit.key) is unit
        assert directory.unit_by_resh(unit.resh) is unit
        assert directory.unit_by_organisation_number(unit.organisation_number) is unit
    for trust in directory.trusts.values():
        assert directory.trust_by_organisation_number(trust.organisation_number) is trust
    for municipality in directory.municipalities.values():
        number = municipality.organisation_number
        assert directory.municipality_by_organisation_number(number) is municipality
        assert number.startswith("3"), "synthetic"


def test_an_hpr_number_is_the_same_with_leading_zeros(directory: Directory) -> None:
    person = directory.practitioner("009900011")
    assert person is not None
    assert person is directory.practitioner("9900011")
    assert directory.practitioner("1") is None


def test_strangers_are_not_found(directory: Directory) -> None:
    assert directory.unit("x") is None
    assert directory.trust("x") is None
    assert directory.unit_by_resh("1") is None
    assert directory.municipality_by_organisation_number("310470007") is None


def test_the_version_follows_the_content() -> None:
    changed = deepcopy(SHIPPED)
    changed["units"]["oncology"]["open"] = False
    assert read_directory(SHIPPED).version == read_directory(deepcopy(SHIPPED)).version
    assert read_directory(changed).version != read_directory(SHIPPED).version
    assert len(read_directory(changed).clinical_units("helse-fjordvest")) == 6


def test_clients_are_known_by_their_id() -> None:
    document = document_of()
    document["clients"] = [_client(), {"id": "0", "role": "sender", "organisation": "310471437"}]
    document["clients"] += [{"id": "00", "role": "auditor"}]
    read = read_directory(document)
    client = read.client("case-system")
    assert client is not None
    assert (client.role, client.unit, client.organisation) == ("unit", "alpha", "")
    assert read.client("00") is not read.client("0")
    assert read.client("nobody") is None


def _client(**more: str) -> dict[str, str]:
    return {"id": "case-system", "role": "unit", "unit": "alpha"} | more


Damage = Callable[[dict[str, Any]], object]


@pytest.mark.parametrize(
    ("damage", "fault"),
    [
        (lambda d: d.pop("trusts"), "trusts: at least one is needed"),
        (lambda d: d.update(wards={}), "wards: there is no such table"),
        (lambda d: d.update(units="none"), "units: must be a table"),
        (lambda d: d["units"].update(alpha=3), "units.alpha: must be a table"),
        (lambda d: d["units"]["alpha"].pop("resh"), "units.alpha: resh is missing"),
        (lambda d: d["units"]["alpha"].update(beds="4"), "units.alpha: beds is not a field"),
        (lambda d: d["units"]["alpha"].update(resh=4), "units.alpha: resh must be text"),
        (lambda d: d["units"]["alpha"].update(open="yes"), "units.alpha: open must be true or false"),
        (lambda d: d["units"].update(A_b=d["units"].pop("alpha")), "units.A_b: the key must be lower-case"),
        (lambda d: d["units"]["alpha"].update(resh="0x1"), "units.alpha: resh must be a whole number"),
        (lambda d: d["units"]["alpha"].update(name=" "), "units.alpha: name must not be empty"),
        (lambda d: d["units"]["alpha"].update(kind="team"), "units.alpha: kind must be one of"),
        (lambda d: d["units"]["alpha"].update(phone="ring"), "units.alpha: phone must be digits"),
        (lambda d: d["units"]["alpha"].update(organisation_number="310470138"), "with a right check digit"),
        (lambda d: d["units"]["alpha"].update(clinic="none"), "units.alpha: clinic names nothing in clinics"),
        (lambda d: d["units"]["alpha"].update(trust="fjord"), "units.alpha: a ward has clinic and not trust"),
        (lambda d: d["units"]["ke"].update(open=False), "units.ke: a coordinating-unit cannot be closed"),
        (lambda d: d["units"].pop("group"), "trusts.fjord: needs exactly one decision-group, has 0"),
        (lambda d: d["units"]["beta"].update(resh="4900101"), "units.beta: resh is used more than once"),
        (lambda d: d["municipalities"]["vik"].update(number="469"), "number must be four digits"),
        (lambda d: d["municipalities"]["vik"].update(catchment="x"), "catchment names nothing in trusts"),
        (lambda d: d["practitioners"][0].update(hpr="12345678901"), "practitioners[0]: hpr must be"),
        (
            lambda d: d["practitioners"][1].update(hpr="09900011"),
            "practitioners[1]: hpr is used more",
        ),
        (lambda d: d["practitioners"][0].update(category="nurse"), "practitioners[0]: category must be"),
        (lambda d: d["practitioners"][0].update(unit="x"), "practitioners[0]: unit names nothing in units"),
        (lambda d: d.update(clients=[{"id": "a"}]), "clients[0]: role is missing"),
        (lambda d: d.update(clients=[{"id": "a", "role": "king"}]), "clients[0]: role must be one of sender, unit"),
        (lambda d: d.update(clients=[{"id": "a b", "role": "ehr"}]), "clients[0]: id must be visible ASCII"),
        (lambda d: d.update(clients=[_client(), _client()]), "clients[1]: id is used more than once"),
        (lambda d: d.update(clients=[_client(unit="x")]), "clients[0]: unit names nothing in units"),
        (lambda d: d.update(clients=[_client(unit="ke")]), "clients[0]: only role unit has a unit, a clinical one"),
        (lambda d: d.update(clients=[_client(role="ehr")]), "clients[0]: only role unit has a unit"),
        (lambda d: d.update(clients=[_client(organisation="1")]), "clients[0]: organisation must be nine digits"),
        (
            lambda d: d.update(clients=[_client(organisation="310471437")]),
            "clients[0]: organisation must be that of a trust",
        ),
    ],
)
def test_a_fault_is_told_with_its_place(damage: Damage, fault: str) -> None:
    document = document_of()
    damage(document)
    with pytest.raises(DirectoryFaults) as caught:
        read_directory(document)
    assert any(fault in told for told in caught.value.faults), caught.value.faults


def test_all_faults_are_told_at_once() -> None:
    document = document_of()
    document["units"]["alpha"]["clinic"] = "none"
    document["municipalities"]["vik"]["number"] = "1"
    document["practitioners"][0]["hpr"] = "x"
    with pytest.raises(DirectoryFaults) as caught:
        read_directory(document)
    assert len(caught.value.faults) == 3
    assert len(str(caught.value).splitlines()) == 3


def test_a_trust_that_does_not_exist_has_no_coordinating_unit(directory: Directory) -> None:
    with pytest.raises(KeyError):
        directory.coordinating_unit("x")
