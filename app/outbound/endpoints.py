"""Which addresses we send to: https, on an operator's list, compared by parsed scheme, host and port."""

from urllib.parse import urlsplit

from app.config import Settings, is_loopback


def check_endpoint(url: str, settings: Settings) -> str | None:
    """The rule that an address breaks, or None. The sandbox talks to loopback only, over http."""
    try:
        parts = urlsplit(url)
        port = parts.port or {"https": 443, "http": 80}.get(parts.scheme, 0)
    except ValueError:
        return "The endpoint is not a URL."
    plain = url.isascii() and url.isprintable() and " " not in url
    if not plain or parts.username or parts.password or parts.fragment:
        return "The endpoint must be plain characters, without credentials or a fragment."
    if settings.sandbox:
        local = parts.scheme == "http" and is_loopback(parts.hostname or "")
        return None if local else "The sandbox sends to http on a loopback address only."
    if parts.scheme != "https":
        return "The endpoint must be https."
    if f"{parts.scheme}://{parts.hostname}:{port}" not in settings.endpoint_origins:
        return "The endpoint's origin is not on the operator's list (SAMBAND_ENDPOINT_ORIGINS)."
    return None
