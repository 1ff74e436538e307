"""Who sent a message, by the vectors that Standard Webhooks publishes."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import SecretStr

from domain.errors import BadSignature
from domain.event import Delivery
from sources.signatures import check_secret, check_sender, check_signature, sign

VECTORS = json.loads(Path(__file__).with_name("standard_webhooks.json").read_text(encoding="utf-8"))
CONSTANTS = VECTORS["test_constants"]
NAME, BODY = CONSTANTS["webhook-id"], CONSTANTS["payload"]
SECRET, OTHER = "whsec_" + CONSTANTS["secret_base64"], "whsec_" + "Q" * 32


def delivery(headers, body=BODY):
    return Delivery(body.encode() if isinstance(body, str) else body, headers, datetime.now(UTC))


def signed(ago=0, secret=SECRET, **changes):
    return sign(secret, NAME, datetime.now(UTC) - timedelta(seconds=ago), BODY) | changes


@pytest.mark.parametrize(
    ("headers", "secrets"),
    [
        pytest.param(signed, SECRET, id="signed"),
        pytest.param(signed, SECRET.removeprefix("whsec_"), id="a secret without its prefix"),
        pytest.param(signed, f"{OTHER} {SECRET}", id="while our keys are changed"),
        pytest.param(
            lambda: signed(
                **{"webhook-signature": f"{CONSTANTS['bad_signature']} {signed()['webhook-signature']} v1a,x"}
            ),
            SECRET,
            id="while theirs are changed, and other kinds of signature",
        ),
        pytest.param(
            lambda: signed(ago=CONSTANTS["tolerance_seconds"] - 5), SECRET, id="four minutes and 55 seconds old"
        ),
    ],
)
def test_what_is_believed(headers, secrets):
    check_signature(delivery(headers()), SecretStr(secrets))
    check_sender(delivery(headers()), SecretStr(secrets))


@pytest.mark.parametrize(
    ("headers", "body", "said"),
    [
        pytest.param(lambda: signed(ago=CONSTANTS["tolerance_seconds"] + 5), BODY, "too old", id="too old"),
        pytest.param(lambda: signed(ago=-CONSTANTS["tolerance_seconds"] - 5), BODY, "too new", id="too new"),
        pytest.param(lambda: signed(secret=OTHER), BODY, "No matching signature", id="another secret"),
        pytest.param(signed, BODY + " ", "No matching signature", id="another body"),
        pytest.param(signed, b"\xff\xfe", "not readable", id="a body that is no text"),
        pytest.param(lambda: signed(**{"webhook-id": "other"}), BODY, "No matching signature", id="another id"),
        pytest.param(
            lambda: signed(**{"webhook-signature": CONSTANTS["bad_signature"]}),
            BODY,
            "No matching signature",
            id="published",
        ),
        pytest.param(
            lambda: signed(**{"webhook-signature": "v1a,AAAA"}), BODY, "No matching signature", id="another kind"
        ),
        pytest.param(lambda: signed(**{"webhook-timestamp": "yesterday"}), BODY, "Invalid", id="no time"),
        pytest.param(lambda: {"webhook-signature": "v1,AAAA"}, BODY, "Missing required headers", id="nothing else"),
        pytest.param(lambda: VECTORS["header_example"], BODY, "too old", id="the published example is of 2023"),
    ],
)
def test_what_is_not_believed(headers, body, said):
    with pytest.raises(BadSignature, match=said):
        check_signature(delivery(headers(), body), SecretStr(SECRET))


def test_a_bearer_token_will_do_where_nothing_is_signed():
    check_sender(delivery({"authorization": "bearer s-1"}), SecretStr("s-1"))
    for wrong in ("Bearer s-2", "Basic s-1", "", "Bearer sé"):
        with pytest.raises(BadSignature, match="token"):
            check_sender(delivery({"authorization": wrong}), SecretStr("s-1"))


@given(st.text(), st.text(), st.text(), st.binary())
def test_whatever_is_sent_is_refused(signature, moment, name, body):
    headers = {"webhook-signature": signature, "webhook-timestamp": moment, "webhook-id": name}
    with pytest.raises(BadSignature):
        check_signature(delivery(headers, body), SecretStr(SECRET))


@pytest.mark.parametrize("secret", ["", "whsec_", "no base64", f"{SECRET} x"])
def test_a_secret_that_cannot_sign_is_refused_by_the_settings(secret):
    with pytest.raises(ValueError, match="whsec_"):
        check_secret(SecretStr(secret))
