"""Asks a running gateway for one case."""

import json
import os
import urllib.error
import urllib.request
from http import HTTPStatus
from pathlib import Path
from typing import Any

from domain.errors import CasefoldError

DOCUMENT = Path(__file__).with_name("operations") / "case_view.graphql"
DEFAULT_URL = "http://127.0.0.1:8000"
ENGLISH = "en-GB"
"""What is said in if nothing else is asked for: with days and times as the rest of a briefing has them."""

PATIENCE_SECONDS = 35.0
"""Longer than the longest deadline that a gateway allows."""


class NoAnswer(CasefoldError):
    """No gateway answered, or it answered with an error."""


def gateway_address(url: str | None = None) -> str:
    """The gateway to ask: the one that is given, else `CASEFOLD_URL`, else the default address."""
    return (url or os.environ.get("CASEFOLD_URL") or DEFAULT_URL).rstrip("/")


def token_for(address: str, demo: Path) -> str | None:
    """What proves to a gateway who asks: `CASEFOLD_TOKEN`; and to a demo, but to nobody else, the key of its agent.

    Args:
        address: of the gateway.
        demo: folder of a demo that may run there.
    """
    if token := os.environ.get("CASEFOLD_TOKEN"):
        return token
    for known in (os.environ, _read_environment(demo / "demo.env")):
        if known.get("CASEFOLD_URL") == address and "CASEFOLD_TOKEN_AGENT" in known:
            return known["CASEFOLD_TOKEN_AGENT"]
    return None


def ask(
    key: dict[str, str],
    *,
    url: str,
    token: str | None = None,
    deadline: str | None = None,
    max_age: str | None = None,
    locale: str | None = None,
    time_zone: str | None = None,
) -> dict[str, Any]:
    """The answer of a gateway to the whole-case document.

    Args:
        key: one field of `CaseKey`.
        url: the gateway.
        token: what proves who asks; null: nothing.
        deadline: ISO 8601 duration that the view may take; null: the gateway's own.
        max_age: ISO 8601 duration, the oldest acceptable knowledge; null: each section's own.
        locale: language of what can be said; null: English, with a clock of 24 hours like the rest of a briefing.
        time_zone: IANA zone of the times in it; null: that of each place.

    Raises:
        NoAnswer: there is no gateway, or it refused the question.
    """
    freshness = {"deadline": deadline, "maxAge": max_age}
    variables = {"key": key, "freshness": freshness, "locale": locale or ENGLISH, "timeZone": time_zone}
    body = {"query": DOCUMENT.read_text(encoding="utf-8"), "variables": variables}
    answer = _post(f"{url}/graphql", body, token)
    if answer.get("errors"):
        raise NoAnswer("; ".join(str(error.get("message")) for error in answer["errors"]))
    return answer


def _read_environment(file: Path) -> dict[str, str]:
    """The variables in a file of lines `NAME=value`; none if it cannot be read."""
    try:
        lines = file.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError):
        return {}
    return {name: value for name, _, value in (line.partition("=") for line in lines)}


def _post(address: str, body: dict[str, Any], token: str | None) -> dict[str, Any]:
    if not address.startswith(("http://", "https://")):
        raise NoAnswer(f"{address} is not the address of a gateway, such as {DEFAULT_URL}")
    headers = {"Content-Type": "application/json", "Accept": "application/json"}
    headers |= {"Authorization": f"Bearer {token}"} if token else {}
    request = urllib.request.Request(address, json.dumps(body).encode(), headers)  # noqa: S310  # scheme checked above
    try:
        with urllib.request.urlopen(request, timeout=PATIENCE_SECONDS) as response:  # noqa: S310  # as above
            answer: dict[str, Any] = json.load(response)
            return answer
    except urllib.error.HTTPError as error:
        if error.code == HTTPStatus.UNAUTHORIZED:
            raise NoAnswer(f"{address} does not know who asks; set CASEFOLD_TOKEN to a key or a token") from error
        raise NoAnswer(f"{address} answered {error.code}") from error
    except (OSError, ValueError) as error:
        raise NoAnswer(f"no gateway answers at {address}; `make demo` starts one") from error
