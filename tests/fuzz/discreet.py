"""A check for schemathesis: no refusal repeats a number that could be a national identity number."""

import json
import re
from typing import Any

import schemathesis

_ELEVEN_DIGITS = re.compile(r"(?<![0-9])[0-9]{11}(?![0-9])")


@schemathesis.check
def discreet(context: Any, response: Any, case: Any) -> None:
    """Fails where a 4xx or 5xx answer holds eleven digits of the request."""
    if response.status_code < 400:
        return
    asked = json.dumps([case.body, case.path_parameters, case.query], default=str)
    repeated = set(_ELEVEN_DIGITS.findall(asked)) & set(_ELEVEN_DIGITS.findall(response.text))
    assert not repeated, "the refusal repeats eleven digits of the request"
