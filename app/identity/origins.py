"""Web origins (RFC 6454): where a page comes from, as browsers spell it."""

from urllib.parse import urlsplit

from sources.settings import LOOPBACK

_DEFAULT_PORTS = {"https": 443, "http": 80}


def web_origin(text: str) -> str:
    """An origin as browsers send it: in lower case, without the port that goes without saying.

    Raises:
        ValueError: says what is allowed.
    """
    allowed = "an origin such as https://crm.example.com; without TLS only on this machine"
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError as error:
        raise ValueError(allowed) from error
    host = parts.hostname or ""
    is_safe = parts.scheme == "https" or (parts.scheme == "http" and host in LOOPBACK)
    spelt = f"{parts.scheme}://{parts.netloc}".lower()
    if not (is_safe and host and text.isascii() and "@" not in parts.netloc and text.lower() == spelt):
        raise ValueError(allowed)
    named = f"[{host}]" if ":" in host else host
    return f"{parts.scheme}://{named}" + ("" if port in {None, _DEFAULT_PORTS[parts.scheme]} else f":{port}")
