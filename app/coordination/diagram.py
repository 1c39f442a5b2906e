"""The state table as a Mermaid ``stateDiagram-v2``; the picture in the documentation is made by this."""

from app.coordination.states import OTHER_OUTCOMES, TERMINAL, TRANSITIONS, Move, Stage, Transition

_OTHER = "other_outcome"
_SHARED = frozenset({Stage.AT_COORDINATING_UNIT, Stage.AT_DECISION_GROUP, Stage.PLACED}) | TERMINAL
"""Stages that are drawn once: they are either always or never under binding placement."""

_NOTE = """    note right of received
        (b): under binding placement.
        awaiting-information returns to the stage that asked.
        Where the sender cannot withdraw it asks, by an abort Task: sender request-abort. The yes is owner abort.
        From every stage, ends too, the coordinating unit can move a case to entered-in-error; a draft its sender.
    end note
"""


def _node(stage: Stage, *, bound: bool) -> str:
    if stage in OTHER_OUTCOMES:
        return _OTHER
    return stage.replace("-", "_") + ("_b" if bound and stage not in _SHARED else "")


def _label(node: str) -> str:
    if node == _OTHER:
        return " / ".join(OTHER_OUTCOMES)
    return node.removesuffix("_b").replace("_", "-") + (" (b)" if node.endswith("_b") else "")


def _what(row: Transition) -> str:
    """Who does what, and with which outcomes where these are not all that there are."""
    outcomes = set(row.targets) & set(OTHER_OUTCOMES)
    narrowed = outcomes and outcomes != set(OTHER_OUTCOMES)
    named = f" ({' / '.join(target for target in row.targets)})" if narrowed else ""
    return f"{row.actor} {row.move}{named}"


def _edges() -> dict[tuple[str, str], list[str]]:
    """What leads from one node to another, in the order of the table."""
    edges: dict[tuple[str, str], list[str]] = {}
    for row in TRANSITIONS:
        if row.move is Move.REQUEST_ABORT:
            continue
        for target in row.targets:
            if target is Stage.ENTERED_IN_ERROR:
                continue
            bound = bool(row.binding)
            texts = edges.setdefault((_node(row.source, bound=bound), _node(target, bound=bound)), [])
            if _what(row) not in texts:
                texts.append(_what(row))
    return edges


def mermaid() -> str:
    """The diagram, ending with a line break."""
    edges = _edges()
    nodes = list(dict.fromkeys(node for pair in edges for node in pair))
    sources = {source for source, _ in edges}
    return "\n".join(
        [
            "stateDiagram-v2",
            *(f'    state "{_label(node)}" as {node}' for node in nodes),
            *(f"    [*] --> {stage}" for stage in (Stage.DRAFT, Stage.RECEIVED)),
            *(f"    {source} --> {target}: {', '.join(texts)}" for (source, target), texts in edges.items()),
            *(f"    {node} --> [*]" for node in nodes if node not in sources),
            _NOTE,
        ]
    )
