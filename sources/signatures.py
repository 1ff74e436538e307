"""How senders prove who they are, where a vendor has no way of its own."""

import hmac
import re
from base64 import b64decode
from datetime import datetime

from pydantic import SecretStr
from standardwebhooks.webhooks import Webhook, WebhookVerificationError

from domain.errors import BadSignature
from domain.event import Delivery

SIGNATURE = "webhook-signature"

KEY_BYTES = range(24, 65)
"""Standard Webhooks, section Signature scheme."""

_SIGNATURE = re.compile(r"(?<!\S)v1,(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?(?!\S)")
"""The version that is a shared secret, and padded base64."""


def check_sender(delivery: Delivery, secret: SecretStr) -> None:
    """Make sure that a message is of somebody who has the secret: signed by it, or sent with it as bearer token.

    Raises:
        BadSignature: what is missing or wrong.
    """
    if SIGNATURE in delivery.headers:
        check_signature(delivery, secret)
    else:
        check_bearer(delivery, secret)


def check_signature(delivery: Delivery, secrets: SecretStr) -> None:
    """Verify a signature of Standard Webhooks 1.0 over id, time and raw body; 5 minutes of difference are allowed.

    Args:
        delivery: as it came.
        secrets: one, `whsec_` and base64; while keys are changed two, with a space between.

    Raises:
        BadSignature: what is missing or wrong.
    """
    problems = [problem for each in secrets.get_secret_value().split() if (problem := _problem(delivery, each))]
    if len(problems) == len(secrets.get_secret_value().split()):
        raise BadSignature(f"{SIGNATURE}: {problems[0] if problems else 'there is no secret to check it with'}")


def _problem(delivery: Delivery, secret: str) -> str | None:
    """What is wrong with the signature, as to one secret."""
    try:
        Webhook(secret).verify(delivery.body, {**delivery.headers, SIGNATURE: _readable(delivery)}, json_parse=False)
    except WebhookVerificationError as error:
        return str(error)
    except ValueError:  # neither text nor a moment
        return "not readable"
    return None


def _readable(delivery: Delivery) -> str:
    """The signatures that can be compared: one that is not readable must not spoil its neighbours."""
    return " ".join(_SIGNATURE.findall(delivery.headers[SIGNATURE])) or "v1,"


def check_bearer(delivery: Delivery, secret: SecretStr) -> None:
    """Compare the bearer token with the secret, in constant time.

    Raises:
        BadSignature: what is missing or wrong.
    """
    scheme, _, token = delivery.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer":
        raise BadSignature("no bearer token")
    if not hmac.compare_digest(token.strip().encode(), secret.get_secret_value().encode()):
        raise BadSignature("no source has this token")


def check_secret(secrets: SecretStr) -> None:
    """Make sure that Standard Webhooks can sign with a secret, or two.

    Raises:
        ValueError: says what is allowed.
    """
    for each in secrets.get_secret_value().split() or [""]:
        try:
            key = b64decode(each.removeprefix("whsec_"), validate=True)
        except ValueError:
            key = b""
        if len(key) not in KEY_BYTES:
            raise ValueError("`whsec_` and base64 of 24 to 64 bytes; two of them with a space between")


def sign(secret: str, name: str, moment: datetime, body: str) -> dict[str, str]:
    """The headers that sign an outgoing message, by the first of the secrets."""
    signature = Webhook(secret.split(maxsplit=1)[0]).sign(name, moment, body)
    return {"webhook-id": name, "webhook-timestamp": str(int(moment.timestamp())), SIGNATURE: signature}
