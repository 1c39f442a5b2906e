"""What the OpenAPI document says to people: the way through the main job, and who may do what, from the tables."""

from collections.abc import Iterable
from typing import Final

from app.coordination.arguments import REQUIRED
from app.coordination.conditions import GATES
from app.coordination.states import TRANSITIONS, Actor, Condition, Move
from app.fhir.resources import Operation, ResourceType, Sight

_ABOUT: Final = """The FHIR channel for care coordinators between municipalities and hospitals (FHIR R4 4.0.1).

A municipality posts one Task: this patient needs a coordinator. The hospital decides, a coordinator is appointed,
and the answer comes by itself.
"""
_IN_THE_SANDBOX: Final = """
1. **Become the municipality.** Click *Municipality: Fjordvik* at the top of this page: that fetches an access token,
   and sends it from then on. Without the page: [POST /sandbox/token](#/Sandbox/sandboxToken).
"""
_IN_PRODUCTION: Final = """
1. **Become the municipality.** Get an access token from your issuer and put it under *Authorize*.
"""
_STEPS: Final = """\
2. **Post the need.** [POST Task](#/Task/createTask), *Execute*. The answer is 201 with the case as it was received:
   `id`, a case number, the unit that has it in `owner`, the stage `in-queue` in `businessStatus`. Each need has a
   number of its own in `identifier`: the same one again is the same case (200). Change it for a new case.
3. **See it.** [GET Task/{id}](#/Task/readTask). Later: [search by your own number](#/Task/searchTask).
4. **Become the unit.** *Neurology outpatient* has the example's case.
   [What may it do now?](#/Task/taskAvailableActions) [$accept](#/Task/taskAccept), then
   [$assess](#/Task/taskAssess): the criteria A–D.
5. **Answer.** [$appoint](#/Task/taskAppoint) appoints a coordinator. Other answers:
   [$conclude](#/Task/taskConclude), [$decline](#/Task/taskDecline). Not yours? [$transfer](#/Task/taskTransfer), or
   [$escalate](#/Task/taskEscalate) to the *Coordinating unit*, which may [$place](#/Task/taskPlace) it.
6. **Read the answer.** As the municipality again: [GET Task/{id}](#/Task/readTask). `status` is `completed`, and
   `output` names the coordinator, the unit, the telephone and the CareTeam.
7. **Register a coordinator without a case.** As *Habilitation*:
   [$register-coordinator](#/CareTeam/careteamRegisterCoordinator). The answer is the patient's CareTeam.
8. **Deregister.** As the unit whose coordinator it is:
   [$deregister-coordinator](#/CareTeam/careteamDeregisterCoordinator) on that CareTeam. After step 5 that is
   *Neurology outpatient* with the CareTeam of the Task's `output`.
"""
_ID_IS_FILLED_IN: Final = """
On this page `id` is filled in with the newest of its type that you made or read; paste another where you want one.
"""
_COMMON: Final = """
### In every request and answer

* `Authorization: Bearer …` everywhere except where the lock is missing. `Content-Type` and `Accept` are
  `application/fhir+json` (`_format=json` in the URL does too); a form for `_search`, JSON Patch for PATCH.
* `Accept-Language: nb` gives Norwegian texts. `X-Request-Id` (letters, digits, hyphens, at most 64) comes back, and is
  in our log; name it when you ask for help.
* Every answer has `X-Request-Id`, `Cache-Control: no-store`, `X-Content-Type-Options: nosniff`,
  `Referrer-Policy: no-referrer` and a `Content-Security-Policy` that allows nothing.
* What is stored has a version: `ETag: W/"3"`, `Last-Modified`. Send it back in `If-Match` when you change something, in
  `If-None-Match` when you poll: 304, without a body, means nothing new. `If-Modified-Since` is not read.
* `Prefer: return=minimal` answers a write without a body; the headers say it all.
* `HEAD` works wherever `GET` does.
* Every error is an OperationOutcome: `details.coding.code` is stable, `expression` names the element, `diagnostics`
  the allowed values. Nothing that you sent comes back in it.
* No URL may hold a national identity number; search for a patient by [POST _search](#/Task/searchTaskByPost).
* All examples were recorded: they were sent to the sandbox, and answered so.
"""
_ROLES: Final = {
    "sender": "municipality",
    "unit": "clinical unit",
    "coordinating-unit": "coordinating unit",
    "decision-group": "decision group",
    "ehr": "EHR",
}
_ACTORS: Final = {
    Actor.SENDER: "the sender",
    Actor.OWNER: "the owning unit",
    Actor.COORDINATING_UNIT: "the coordinating unit",
    Actor.DECISION_GROUP: "the decision group",
}


def introduction(*, sandbox: bool) -> str:
    """``info.description``: Markdown."""
    first = _IN_THE_SANDBOX if sandbox else _IN_PRODUCTION
    return f"{_ABOUT}\n### The main job, step by step\n{first}{_STEPS}{_ID_IS_FILLED_IN}{_COMMON}"


def scope(type_name: str, letters: str) -> str:
    """The SMART scope that an interaction needs."""
    return f"system/{type_name}.{letters}"


def of_readers(resource: ResourceType, text: str) -> str:
    """A description: what, who sees it."""
    return f"{text}\n\n**Who:** {_SIGHT[resource.sight]}"


def of_writers(resource: ResourceType, text: str) -> str:
    """A description: what, who writes it."""
    return f"{text}\n\n**Who:** {_listed(_ROLES[role] for role in _ROLES if role in resource.writers)}; others get 403."


_SIGHT: Final = {
    Sight.PARTIES: "those who are party to it; for others it does not exist (404).",
    Sight.EVERYBODY: "every caller.",
    Sight.SHIPPED: "every caller; it is part of the release.",
    Sight.DERIVED: "those who see what it is about. The service makes it; nobody writes it.",
}
_BESIDE_THE_TABLE: Final = {
    "assess": "**Who:** the unit that owns the open case. The sender is not told of it.",
    "available-actions": "**Who:** all who see the case; the answer is about the one who asks.\n\n"
    "**Refused:** 409 where the Task is no need for a coordinator.",
    "patient-log": "**Who:** an auditor; it sees what it would see of AuditEvent. Newest first: when, which "
    "organisation and unit, who and in which role, and whether it was looked at, written or refused. Of a patient "
    "who is not known the log is empty. Where more follows, `next` is the `cursor` of the next request. "
    "To ask is in the log too.",
    "status": "**Who:** the organisation, or unit, whose subscription it is.",
    "events": "**Who:** the organisation, or unit, whose subscription it is. What it has lost sight of has a number "
    "and no focus. `full-resource` needs `system/Task.r`, and is in the audit.",
    "resend": "**Who:** the organisation, or unit, whose subscription it is; after an error too.\n\n"
    "**Refused:** 409 `subscription-off`. From the guide's continuous build: not in its releases yet.",
    "register-coordinator": "**Who:** a clinical unit or the coordinating unit, for itself.\n\n"
    "**Refused:** 409 without consent, where the person is no health personnel, or the role is taken.",
    "deregister-coordinator": "**Who:** the unit whose coordinator it is, the coordinating unit, the EHR. "
    "`practitioner` or `participant` says whose stint.\n\n**Refused:** 409 where it has ended otherwise already.",
}


_REFUSED: Final = {
    Condition.NEW_UNIT: "`unit-had-the-case`: The case can only go to a unit that has not had it.",
    Condition.CONSENT_GIVEN: "`consent-missing` or `consent-refused`, unless the patient consents.",
    Condition.OUTCOME_PLACED: "`outcome-not-placed`, where another outcome is obliged.",
    Condition.REASON_UNDER_PLACEMENT: "`reason-not-allowed-when-placed`: only the patient's own no declines then.",
    Condition.REASON_CONSENT: "`reason-not-allowed-here`, where only a refused consent declines.",
}


def of_operation(operation: Operation) -> str:
    """A description from the state table: who, in which stages, what it needs, what refuses it."""
    if operation.name in _BESIDE_THE_TABLE:
        return f"{operation.summary}\n\n{_BESIDE_THE_TABLE[operation.name]}"
    move = Move(operation.name)
    rows = [row for row in TRANSITIONS if row.move is move and row.actor in _ACTORS]
    stages = [
        f"{name} in {_listed(dict.fromkeys(f'`{row.source}`' for row in rows if row.actor is actor))}"
        for actor, name in _ACTORS.items()
        if any(row.actor is actor for row in rows)
    ]
    needs = ", ".join(f"`{name}`" for name in REQUIRED.get(move, ()))
    gates = dict.fromkeys(GATES[one] for row in rows for one in row.conditions if one in GATES)
    refused = [f"`{gate.code}`: {gate.diagnostics}" for gate in gates]
    refused += dict.fromkeys(_REFUSED[one] for row in rows for one in row.conditions if one in _REFUSED)
    lines = [
        operation.summary,
        f"**Who, and when:** {'; '.join(stages)}.",
        f"**Leads to:** {_listed(dict.fromkeys(f'`{target}`' for row in rows for target in row.targets))}.",
        f"**Needs:** {needs}." if needs else "Needs no body.",
        f"**Refused:** 409 `move-not-allowed`, with the moves that are open. {' '.join(refused)}",
    ]
    return "\n\n".join(line.strip() for line in lines)


def _listed(words: Iterable[str]) -> str:
    *most, last = words
    return f"{', '.join(most)} or {last}" if most else last
