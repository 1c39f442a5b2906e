"""A resource against our own profiles, by what each adds to R4 (R4 5.3): all problems at once.

Cardinality, types, targets, fixed values and patterns, required bindings, slices told apart by a pattern, and
constraints, at any depth. What is asked stands in ``profile_tables``, the rules of the constraints in ``invariants``.
"""

from collections.abc import Iterator
from typing import Any, Final, NamedTuple

import msgspec

from app.errors import Problems
from app.fhir.element_rules import ElementRule, Profile, profiles
from app.fhir.primitives import Fault
from app.fhir.references import Local, check_reference
from app.fhir.shapes import definitions

R4: Final = "http://hl7.org/fhir/StructureDefinition/"
NEED: Final = "coordinator-need-task"
"""Id of the profile whose rules for new content are in ``app.fhir.need``."""


class _Item(NamedTuple):
    """One value of an element: its FHIRPath, the JSON member that holds it, the value; None for a null."""

    at: str
    member: str
    value: Any


def profiles_of(type_name: str) -> tuple[str, ...]:
    """Canonical URLs of the profiles of a type that ``$validate`` knows: R4's own and ours."""
    return (f"{R4}{type_name}", *(one.url for one in profiles().values() if one.type == type_name))


def profile_of(type_name: str, canonical: str) -> Profile | None:
    """Our profile of a type that a canonical URL names, with ``|version`` or without; None where there is none."""
    url, _, version = canonical.partition("|")
    found = profiles().get(url)
    return found if found and found.type == type_name and version in {"", found.version} else None


def is_r4s_own(type_name: str, canonical: str) -> bool:
    """Whether it names the definition of the type itself, by which everything is checked."""
    return canonical in {f"{R4}{type_name}", f"{R4}{type_name}|4.0.1"}


def check_profile(value: dict[str, Any], profile: Profile, problems: Problems, *, is_r4: bool = True) -> None:
    """Add what a resource of the profile's type breaks.

    :param is_r4: whether the resource is valid R4; constraints are run only then, the rest takes any JSON.
    """
    _Run(problems, value, constraints=is_r4).content(profile.root, _Item(profile.type, "", value))


class _Run:
    """One resource against one profile."""

    def __init__(self, problems: Problems, resource: dict[str, Any], *, constraints: bool) -> None:
        self._problems = problems
        self._resource = resource
        self._constraints = constraints

    def content(self, rule: ElementRule, item: _Item) -> None:
        """A value against what the rule says of it, and of what is in it."""
        self._value(rule, item)
        if not isinstance(item.value, dict):
            return
        for child in rule.children.values():
            self._element(child, item)
        for constraint in rule.constraints if self._constraints else ():
            if not constraint.holds(item.value):
                self._fault(item.at, Fault("invariant", f"breaks {constraint.key}: {constraint.text}"))

    def _element(self, rule: ElementRule, parent: _Item) -> None:
        items = list(_items(rule, parent))
        at = f"{parent.at}.{rule.name}"
        self._count(rule, items, at)
        for item in items:
            self.content(rule, item)
        for one in rule.slices.values():
            members = [item for item in items if all(_is_in(one.below(path), item.value, path) for path in rule.by)]
            self._count(one, members, at, _shown(one, rule))
            for item in members:
                self.content(one, item)

    def _count(self, rule: ElementRule, items: list[_Item], at: str, shown: tuple[str, ...] = ()) -> None:
        which = f" ({rule.slice})" if rule.slice else ""
        if len(items) < rule.least:
            self._fault(at, Fault("missing-element", f"is required by the profile{which}", shown))
        for item in items[rule.most :] if rule.most is not None else ():
            often = f"at most {rule.most} times" if rule.most else "never"
            self._fault(item.at, Fault("too-many", f"occurs {often} by the profile{which}"))

    def _value(self, rule: ElementRule, item: _Item) -> None:
        if rule.pattern is not None and not _fits(rule, item.value):
            self._fault(item.at, Fault("wrong-value", "has a fixed value in the profile", (_json(rule.pattern),)))
        if rule.is_choice and rule.types and item.member not in rule.types:
            self._fault(item.at, Fault("wrong-type", "has another type than the profile allows", tuple(rule.types)))
        if rule.codes and item.value is not None:
            self._codes(rule, item)
        targets = rule.types.get(item.member)
        if targets is not None and isinstance(item.value, dict):
            self._target(targets, item)

    def _codes(self, rule: ElementRule, item: _Item) -> None:
        value = item.value
        is_right = (
            value in {code for _, code in rule.codes}
            if isinstance(value, str)
            else any((one.get("system"), one.get("code")) in rule.codes for one in _codings(value))
        )
        if not is_right:
            allowed = tuple(sorted({code for _, code in rule.codes}))
            self._fault(item.at, Fault("unknown-code", f"needs a code of {rule.value_set}", allowed))

    def _target(self, targets: frozenset[str], item: _Item) -> None:
        found = check_reference(item.value, targets, definitions().resource_types)
        if isinstance(found, Local):
            is_right = self._contained(found.id) in (None, *targets) if found.id else True
            member = "reference"
        else:
            is_right, member = found is None or found[1].code != "wrong-reference-target", found[0] if found else ""
        if not is_right:
            rule = "must point to another type by the profile"
            self._fault(f"{item.at}.{member}", Fault("wrong-reference-target", rule, tuple(sorted(targets))))

    def _contained(self, local: str) -> str | None:
        """The type of a contained resource; None where there is none, which R4's own rules tell."""
        listed = _listed(self._resource.get("contained"))
        return next(
            (str(one.get("resourceType")) for one in listed if isinstance(one, dict) and one.get("id") == local), None
        )

    def _fault(self, at: str, fault: Fault) -> None:
        self._problems.add(fault.code, at, f"{at} {fault.rule}.", fault.allowed)


def _items(rule: ElementRule, parent: _Item) -> Iterator[_Item]:
    """The values of an element; one that has only extensions (``_name``) is there, without a value."""
    for member in dict.fromkeys(name.removeprefix("_") for name in parent.value):
        is_its = member == rule.name or (rule.is_choice and member[: len(rule.name)] == rule.name)
        if not is_its or (rule.is_choice and not member[len(rule.name) :][:1].isupper()):
            continue
        value = parent.value.get(member)
        at = f"{parent.at}.{rule.name}"
        if isinstance(value, list):
            yield from (_Item(f"{at}[{index}]", member, each) for index, each in enumerate(value))
        else:
            yield _Item(at, member, value)


def _is_in(rule: ElementRule, value: Any, path: tuple[str, ...]) -> bool:
    """Whether a value is told to be in a slice, by what the slice has at one discriminator's path."""
    if not path:
        return _fits(rule, value)
    inner = value.get(path[0]) if isinstance(value, dict) else None
    return any(_is_in(rule, each, path[1:]) for each in _listed(inner))


def _fits(rule: ElementRule, value: Any) -> bool:
    return bool(value == rule.pattern) if rule.is_fixed else _has(value, rule.pattern)


def _has(item: Any, pattern: Any) -> bool:
    """Whether a value has all that a pattern has (R4 ElementDefinition.pattern)."""
    if isinstance(pattern, dict):
        return isinstance(item, dict) and all(name in item and _has(item[name], one) for name, one in pattern.items())
    if isinstance(pattern, list):
        return isinstance(item, list) and all(any(_has(each, one) for each in item) for one in pattern)
    return bool(item == pattern)


def _shown(rule: ElementRule, sliced: ElementRule) -> tuple[str, ...]:
    """What puts an element into a slice."""
    return tuple(_json(rule.below(path).pattern) for path in sliced.by)


def _codings(value: Any) -> list[dict[str, Any]]:
    """Of a CodeableConcept, or a Coding itself."""
    listed = _listed(value.get("coding", value)) if isinstance(value, dict) else []
    return [one for one in listed if isinstance(one, dict) and all(type(one.get(x)) is str for x in ("system", "code"))]


def _listed(value: Any) -> list[Any]:
    if value is None:
        return []
    return value if isinstance(value, list) else [value]


def _json(value: Any) -> str:
    return msgspec.json.encode(value).decode()
