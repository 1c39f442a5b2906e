"""How the stand-in municipality asks Samband: its own token, a read, a new token when the old one dies."""

import http.client
import json
import re
from typing import Any, Final
from urllib.parse import urlencode, urlsplit

_BASE: Final = "/fhir/v1"
_REFERENCE: Final = re.compile(r"[A-Z][A-Za-z]+/[A-Za-z0-9.-]{1,64}")
_SECONDS: Final = 10


class Unanswered(Exception):
    """No usable answer now; another attempt may get one."""


class SambandClient:
    """One municipality's way to Samband at ``origin``. For one thread."""

    def __init__(self, origin: str, organisation: str) -> None:
        self._origin = origin.rstrip("/")
        self._organisation = organisation
        self._token = ""

    def read(self, focus: str) -> dict[str, Any]:
        """What the resource says: ``http`` and, when it was given, type, version, states, numbers, outputs.

        ``focus`` is relative or at our own Samband; anything else is not fetched (``http`` 0).
        Raises Unanswered.
        """
        reference = focus.removeprefix(f"{self._origin}{_BASE}/")
        if not _REFERENCE.fullmatch(reference):
            return {"http": 0, "error": "the focus is not a resource of our Samband"}
        status, resource = self._get(reference)
        if status == http.client.UNAUTHORIZED:
            self._token = ""
            status, resource = self._get(reference)
        if status >= 500 or status in {408, 425, 429}:
            raise Unanswered
        return {"http": status, **(_summary(resource) if status == http.client.OK else {})}

    def _get(self, reference: str) -> tuple[int, dict[str, Any]]:
        if not self._token:
            self._token = self._new_token()
        headers = {"Authorization": f"Bearer {self._token}", "Accept": "application/fhir+json"}
        return self._ask("GET", f"{_BASE}/{reference}", None, headers)

    def _new_token(self) -> str:
        form = urlencode({"persona": "municipality", "organisation": self._organisation})
        headers = {"Content-Type": "application/x-www-form-urlencoded"}
        status, answer = self._ask("POST", "/sandbox/token", form, headers)
        if status != http.client.OK or not isinstance(answer.get("access_token"), str):
            raise Unanswered
        return str(answer["access_token"])

    def _ask(self, method: str, path: str, body: str | None, headers: dict[str, str]) -> tuple[int, dict[str, Any]]:
        url = urlsplit(self._origin)
        connection = http.client.HTTPConnection(url.hostname or "", url.port or 80, timeout=_SECONDS)
        try:
            connection.request(method, url.path + path, body, headers)
            response = connection.getresponse()
            content = response.read()
            value = json.loads(content) if content else {}
        except (OSError, http.client.HTTPException, ValueError):
            raise Unanswered from None
        finally:
            connection.close()
        return response.status, value if isinstance(value, dict) else {}


def _summary(resource: dict[str, Any]) -> dict[str, Any]:
    """What a case worker looks at. Never the patient, never free text of the need."""
    found = {
        "resource": resource.get("resourceType", ""),
        "version": resource.get("meta", {}).get("versionId", ""),
        "status": resource.get("status", ""),
        "business_status": _code(resource.get("businessStatus")),
        "reason": resource.get("statusReason", {}).get("text", ""),
        "owner": resource.get("owner", {}).get("display", ""),
        "numbers": [entry.get("value", "") for entry in resource.get("identifier", ())],
        "outputs": [_output(entry) for entry in resource.get("output", ())],
    }
    return {name: value for name, value in found.items() if value}


def _output(output: dict[str, Any]) -> dict[str, Any]:
    value = next((content for name, content in output.items() if name.startswith("value")), None)
    return {"type": _code(output.get("type")), "value": value}


def _code(concept: Any) -> str:
    codings = (concept or {}).get("coding") or [{}]
    return str(codings[0].get("code", "") or (concept or {}).get("text", ""))
