"""The ids by which a caller finds its request again: in our answer, in our log, in its own.

Each is taken only in its right form, and only when it cannot pass for a national identity number.
"""

import os
import re
from collections.abc import Mapping
from typing import Final

from app.fhir.identifiers import holds_national_number

REQUEST: Final = b"x-request-id"
_FORMS: Final = {
    b"x-correlation-id": re.compile(rb"[A-Za-z0-9-]{1,64}"),
    # Norsk Helsenett's APIs: a GUID.
    b"nhn-event-id": re.compile(rb"[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}"),
    # W3C Trace Context, version 00; ids of zeros only are not valid.
    b"traceparent": re.compile(rb"00-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}"),
}
_REQUEST_FORM = re.compile(rb"[A-Za-z0-9-]{1,64}")

Ids = list[tuple[bytes, bytes]]
"""Header name and value; the request's own id comes first."""


def ids_of(headers: Mapping[bytes, bytes]) -> Ids:
    """The ids of a request, as headers of its answer. ``X-Request-Id`` is made when none can be taken."""
    given = headers.get(REQUEST, b"")
    found = [(REQUEST, given if _fits(_REQUEST_FORM, given) else os.urandom(16).hex().encode())]
    for name, form in _FORMS.items():
        if name in headers and _fits(form, headers[name]):
            found.append((name, headers[name]))
    return found


def _fits(form: re.Pattern[bytes], given: bytes) -> bool:
    return bool(form.fullmatch(given)) and not holds_national_number(given.decode(), in_uuids=True)
