"""Goes through everything that is inside a resource: references that must lead somewhere, modifiers."""

from collections.abc import Iterator
from typing import Any

from app.fhir.references import Literal, literal


def members(value: object, path: str) -> Iterator[tuple[str, str, Any]]:
    """(FHIRPath of the holder, name, value) of every member at every depth; contained resources are left out."""
    if isinstance(value, list | tuple):
        for index, entry in enumerate(value):
            yield from members(entry, f"{path}[{index}]")
    elif isinstance(value, dict):
        for name, entry in value.items():
            if name != "contained":
                yield path, name, entry
                yield from members(entry, f"{path}.{name}")


def literals(resource: dict[str, Any], path: str, base: str) -> list[tuple[str, Literal]]:
    """References to resources of ours: relative ones, and absolute ones that start with ``base``."""
    return [
        (f"{holder}.reference", found)
        for holder, name, value in members(resource, path)
        if name == "reference" and isinstance(value, str)
        if value.startswith(base) or "://" not in value
        if (found := literal(value))
    ]


def modifiers(resource: dict[str, Any], path: str) -> list[str]:
    """Places of what changes the meaning of content in a way that is not known here (R4 2.4.4, 2.4.1.1)."""
    return [
        f"{holder}.{name}"
        for holder, name, _ in members(resource, path)
        if name in {"modifierExtension", "implicitRules"}
    ]
