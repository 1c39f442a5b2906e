"""The recurring pieces of the OpenAPI document: parameters, headers, bodies, answers."""

from collections.abc import Iterator
from typing import Any, Final

from app.api import openapi_texts as texts
from app.api.schemas import STRING, Schema, array, ref
from app.fhir.resources import Kind, ResourceType, pairs_leading_to
from app.fhir.search import sorts_of
from app.fhir.sorts import sort_keys

Json = dict[str, Any]

FHIR: Final = "application/fhir+json"
_NO_NUMBER: Final = "No URL may hold a national identity number; search for a patient by POST."
_ERRORS: Final = {
    "400": "Cannot be read",
    "401": "No valid access token",
    "403": "Not for this role or these scopes",
    "404": "Does not exist, or is not yours to see",
    "405": "Not offered here",
    "406": "Only application/fhir+json is offered",
    "409": "The case does not allow this now",
    "412": "There is a newer version",
    "413": "The body is too large",
    "415": "This content type is not read here",
    "422": "The content is not valid",
    "428": "State the version that you read",
    "408": "The body did not arrive in time",
    "429": "Too many requests: wait as long as Retry-After says",
    "500": "Something failed on our side",
    "503": "Temporarily unavailable",
}


def errors() -> dict[str, Json]:
    """Each error status as a component."""
    return {
        f"Error{status}": {
            "description": text,
            "headers": _headers(*_OF_ERRORS.get(status, ())),
            "content": {FHIR: {"schema": ref("OperationOutcome")}},
        }
        for status, text in _ERRORS.items()
    }


_OF_ERRORS: Final = {
    "401": ("WWW-Authenticate",),
    "403": ("WWW-Authenticate",),
    "405": ("Allow",),
    "412": ("ETag",),
    "429": ("Retry-After",),
    "503": ("Retry-After",),
}


def _headers(*names: str) -> Json:
    """Those named, and those of every answer."""
    return {name: {"$ref": f"#/components/headers/{name}"} for name in (*names, *_ALWAYS)}


def parameters() -> dict[str, Json]:
    """Path parameters and request headers."""
    version = 'The version that you read: W/"3".'
    return {
        "Id": {"name": "id", "in": "path", "required": True, "schema": STRING},
        "Version": {
            "name": "version",
            "in": "path",
            "required": True,
            "schema": {"type": "integer", "minimum": 1},
        },
        "Count": {"name": "_count", "in": "query", "schema": {"type": "integer", "minimum": 1}},
        "Types": _in_query("_type", "Types, with commas between; required unless there is a _cursor."),
        "LastUpdated": _in_query("_lastUpdated", "A date with a prefix: ge2026-11-21."),
        "Sort": _in_query(
            "_sort",
            "What the answer is sorted by; with a minus before it, descending.",
            sort_keys(sorts_of("")),
        ),
        "Since": _in_query("_since", "Written at this instant or later; without a zone it is Europe/Oslo."),
        "Cursor": _in_query("_cursor", "From a next link."),
        "Summary": _in_query("_summary", "How much of each resource.", ("true", "text", "data", "count", "false")),
        "Elements": _in_query("_elements", "Top-level elements, with commas between."),
        "Mode": _in_query("mode", "What the resource is meant for.", ("create", "update", "delete", "profile")),
        "Profile": _in_query("profile", "The canonical URL of a profile to check against."),
        "Condition": _in_query("identifier", "Or any other search parameters of the type.") | {"required": True},
        "ConditionalIdentifier": _in_query("identifier", "The same as If-None-Exist: identifier=…"),
        "Prefer": {
            "name": "Prefer",
            "in": "header",
            "description": "return=minimal, return=representation (the default) or return=OperationOutcome.",
            "schema": STRING | {"examples": ["return=representation", "return=OperationOutcome"]},
        },
        "PreferHandling": {
            "name": "Prefer",
            "in": "header",
            "description": "handling=strict (the default), or handling=lenient: unknown parameters are reported, "
            "not refused.",
            "schema": STRING,
        },
        "IfMatch": {"name": "If-Match", "in": "header", "description": version, "schema": STRING},
        "IfNoneMatch": {"name": "If-None-Match", "in": "header", "description": version, "schema": STRING},
        "IfNoneExist": {
            "name": "If-None-Exist",
            "in": "header",
            "description": "A search; its one match among what you may see is the answer (200). Several: 412.",
            "schema": STRING,
        },
        "AcceptLanguage": _in_header("Accept-Language", "en (the default) or nb: the language of texts to people."),
        "RequestId": _in_header("X-Request-Id", "Letters, digits and hyphens, at most 64: comes back, and is logged."),
    }


def _in_header(name: str, description: str) -> Json:
    return {"name": name, "in": "header", "description": description, "schema": STRING}


def _in_query(name: str, description: str, values: tuple[str, ...] = ()) -> Json:
    schema = STRING | ({"enum": list(values)} if values else {})
    return {"name": name, "in": "query", "description": description, "schema": schema}


def headers() -> dict[str, Json]:
    """Response headers."""
    texts = {
        "ETag": 'The version, W/"3".',
        "Last-Modified": "When this version was written.",
        "Location": "The absolute address of this version.",
        "Preference-Applied": "What of Prefer was followed.",
        "X-Request-Id": "Yours if you sent one, else ours; name it when you ask for help.",
        "Cache-Control": "no-store: nobody on the way keeps it.",
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "no-referrer",
        "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
        "WWW-Authenticate": "Bearer, and what is wrong with the token (RFC 6750).",
        "Allow": "The methods that are offered at this path.",
        "Retry-After": "Seconds.",
        "Pragma": "no-cache",
    }
    return {name: {"description": text, "schema": STRING} for name, text in texts.items()}


def operation(  # noqa: PLR0913  # one keyword for each member
    tag: str,
    name: str,
    summary: str,
    description: str,
    *,
    answers: Json,
    errors: tuple[str, ...],
    parameters: tuple[str, ...] = (),
    body: Json | None = None,
    scopes: tuple[str, ...] = (),
) -> Json:
    """One operation object; names of parameters and errors are those of the components."""
    found: Json = {"tags": [tag], "operationId": name, "summary": summary, "description": description}
    if scopes:
        found["security"] = [{"token": list(scopes)}]
    found["parameters"] = [{"$ref": f"#/components/parameters/{one}"} for one in (*parameters, *_ASKED)]
    if body:
        found["requestBody"] = body
    problems = {one: {"$ref": f"#/components/responses/Error{one}"} for one in (*errors, *_slow(errors), *_ANY_TIME)}
    return found | {"responses": answers | problems}


def body(media_type: str, schema: Schema) -> Json:
    """A required request body."""
    return {"required": True, "content": {media_type: {"schema": schema}}}


def json_body(schema: str) -> Json:
    """A FHIR request body by the name of its component."""
    return body(FHIR, ref(schema))


def _slow(errors: tuple[str, ...]) -> tuple[str, ...]:
    """Whoever sends a body may send it too slowly."""
    return ("408",) if "413" in errors else ()


_ANY_TIME: Final = ("429", "500", "503")
_ASKED: Final = ("AcceptLanguage", "RequestId")
"""Headers that every request may have."""
_ALWAYS: Final = (
    "X-Request-Id",
    "Cache-Control",
    "X-Content-Type-Options",
    "Referrer-Policy",
    "Content-Security-Policy",
)
"""Headers that every answer has."""


def plain(description: str, schema: Schema, media_type: str = FHIR, headers: tuple[str, ...] = ()) -> Json:
    """An answer that is not a stored version."""
    return {"description": description, "headers": _headers(*headers), "content": {media_type: {"schema": schema}}}


def stored(type_name: str, description: str) -> Json:
    """An answer that is a stored version, with its headers."""
    return plain(description, ref(type_name), headers=("ETag", "Last-Modified"))


def not_modified() -> Json:
    """304 has no body."""
    return {"description": "Not modified; no body", "headers": _headers("ETag", "Last-Modified")}


def written(type_name: str, description: str, *, located: bool = True) -> Json:
    """An answer to a write: what Prefer asked for of the stored version."""
    answer = stored(type_name, f"{description}; no body and no Content-Type with Prefer: return=minimal")
    shown = answer["content"][FHIR]["schema"]
    where = ("Location",) if located else ()
    return answer | {
        "headers": _headers("ETag", "Last-Modified", *where, "Preference-Applied"),
        "content": {FHIR: {"schema": {"anyOf": [shown, ref("OperationOutcome")]}}},
    }


def bundle() -> Json:
    """A Bundle."""
    return plain("A Bundle", ref("Bundle"), headers=("Preference-Applied",))


def search_by_get(resource: ResourceType) -> Json:
    """``GET [type]``."""
    found = operation(
        resource.name,
        f"search{resource.name}",
        f"Search for {resource.name}",
        f"Only what you may see. {_NO_NUMBER} The next link carries a cursor.",
        answers={"200": bundle()},
        errors=("400", "401", "403", "406"),
        scopes=(texts.scope(resource.name, "s"),),
    )
    listed = [
        {
            "name": name,
            "in": "query",
            "schema": array(STRING),
            "style": "form",
            "explode": True,
            "description": text,
        }
        for name, text in _search_names(resource)
        if not (name.startswith("patient:"))
    ]
    shared = ({"$ref": f"#/components/parameters/{one}"} for one in ("PreferHandling", *_ASKED))
    return found | {"parameters": [*listed, *shared]}


def search_by_post(resource: ResourceType) -> Json:
    """``POST [type]/_search``."""
    properties = {name: STRING | {"description": text} for name, text in _search_names(resource)}
    form = {"type": "object", "properties": properties}
    return operation(
        resource.name,
        f"search{resource.name}ByPost",
        f"Search for {resource.name}, parameters in the body",
        _BY_POST if _by_patient(resource) else "The same as GET, for long searches.",
        body=body("application/x-www-form-urlencoded", form),
        answers={"200": bundle()},
        errors=("400", "401", "403", "406", "413", "415"),
        parameters=("PreferHandling",),
        scopes=(texts.scope(resource.name, "s"),),
    )


_BY_POST: Final = "The way to search by a national identity number: `patient:identifier=system|value`."


def _by_patient(resource: ResourceType) -> bool:
    return any(parameter.kind is Kind.PATIENT for parameter in resource.search)


def _search_names(resource: ResourceType) -> Iterator[tuple[str, str]]:
    for parameter in resource.search:
        if not parameter.only_by_identifier:
            yield parameter.name, parameter.path
        for modifier in parameter.modifiers:
            yield f"{parameter.name}:{modifier}", f"{parameter.path}, {_MODIFIERS[modifier]}"
    yield "_count", "Rows of a page."
    yield "_sort", f"One of {', '.join(sort_keys(resource.sorts))}."
    yield "_total", "none, estimate or accurate."
    yield "_summary", "true, text, data, count or false."
    yield "_elements", "Top-level elements, with commas between."
    yield "_cursor", "From a next link; the search is in it."
    if resource.includes:
        yield "_include", ", ".join(f"{resource.name}:{name}" for name in resource.includes)
    if pairs := pairs_leading_to(resource.name):
        yield "_revinclude", ", ".join(map(":".join, pairs))


_MODIFIERS: Final = {
    "identifier": "as system|value",
    "missing": "true or false",
    "not": "another value, or none",
    "exact": "the whole of it, with case and accents",
    "contains": "a part of it, without case and accents",
}
