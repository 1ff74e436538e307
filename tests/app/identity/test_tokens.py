"""Tokens of issuers: row 9 of what an attacker tries, and what the good ones say."""

import base64
import hashlib
import hmac
import json
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from joserfc import jwt
from joserfc.jwk import OctKey

from domain.caller import Caller, Role
from domain.clock import ManualClock
from domain.errors import Unauthenticated
from tests.app.identity.issuing import EC, ISSUER, NOW, RSA, SECONDS, ask, claims, ec, opened, public, rsa, token

PEM = RSA.as_pem(private=False)


def segment(value):
    text = value if isinstance(value, bytes) else json.dumps(value).encode()
    return base64.urlsafe_b64encode(text).rstrip(b"=").decode()


def signed_with_the_public_key(secret):
    """What a library would accept that takes the RSA key for the secret of an HMAC."""
    text = f"{segment({'alg': 'HS256', 'kid': RSA.kid})}.{segment(claims())}"
    return f"{text}.{segment(hmac.new(secret, text.encode(), hashlib.sha256).digest())}"


def unsigned(alg):
    return f"{segment({'alg': alg, 'kid': RSA.kid})}.{segment(claims())}."


STRANGE = rsa("rsa-1")
STRANGE_EC = ec("ec-1")
JWK = STRANGE_EC.as_dict(private=False)


@pytest.mark.parametrize(
    ("proof", "reason"),
    [
        pytest.param(unsigned("none"), "alg is not one of RS256, ES256", id="alg none"),
        pytest.param(unsigned("None"), "alg is not one of", id="alg None"),
        pytest.param(unsigned("RS256"), "cannot be used|signature", id="no signature"),
        pytest.param(signed_with_the_public_key(PEM), "alg is not one of", id="the public key as HMAC secret, PEM"),
        pytest.param(signed_with_the_public_key(RSA.as_der(private=False)), "alg is not one of", id="the same, as DER"),
        pytest.param(token(alg="RS384"), "alg is not one of", id="an algorithm that is not pinned"),
        pytest.param(token(STRANGE), "signature is not that of its issuer", id="the key of somebody else under its id"),
        pytest.param(token(rsa("rsa-9")), "a key that its issuer does not publish", id="an unknown key"),
        pytest.param(token(header={"kid": None}), "does not publish", id="two keys, and none is named"),
        pytest.param(token(EC, alg="ES256", header={"kid": "rsa-1"}), "cannot be used", id="EC under the id of RSA"),
        pytest.param(token(exp=SECONDS - 31), "expired", id="expired"),
        pytest.param(token(exp=None), "exp is missing", id="no end"),
        pytest.param(token(exp="never"), "exp is missing, or not", id="an end that is no number"),
        pytest.param(token(exp=True), "exp is missing, or not", id="an end that is true"),
        pytest.param(token(exp=10**30), "not of the kind", id="an end after all time"),
        pytest.param(token(nbf=SECONDS + 31), "nbf is missing, or not", id="not yet"),
        pytest.param(token(iat=SECONDS + 31), "iat is missing, or not", id="issued in the future"),
        pytest.param(token(aud="elsewhere"), "aud is missing, or not", id="for somebody else"),
        pytest.param(token(aud=["a", "b"]), "aud is missing, or not", id="for several, not us"),
        pytest.param(token(aud=None), "aud is missing", id="for nobody"),
        pytest.param(token(aud=[["casefold"]]), "aud is missing, or not", id="an audience within a list"),
        pytest.param(token(iss="https://evil.example"), "issuer that is not believed", id="another issuer"),
        pytest.param(token(iss=ISSUER + "/"), "issuer that is not believed", id="nearly the issuer"),
        pytest.param(token(iss=None), "cannot be read", id="no issuer"),
        pytest.param(token(iss=[ISSUER]), "cannot be read", id="a list of issuers"),
        pytest.param(token(header={"crit": ["b64"], "b64": True}), "cannot be (used|read)", id="crit that is known"),
        pytest.param(token(header={"crit": ["typ"], "typ": "JWT"}), "may not have crit", id="crit that is there"),
        pytest.param(
            token(STRANGE_EC, alg="ES256", header={"jwk": JWK}), "may not have crit, b64, jwk", id="it brings its key"
        ),
        pytest.param(token(header={"jwk": JWK}), "may not have", id="it brings a key, and needs none"),
        pytest.param(token(header={"jku": "https://evil.example/k"}), "may not have", id="it says where its key is"),
        pytest.param(token(header={"x5u": "https://evil.example/c"}), "may not have", id="or its certificate"),
        pytest.param(token(header={"x5c": ["MIIB"]}), "may not have", id="it brings certificates"),
        pytest.param(token(padding="x" * 100_000), "1 to 8192 ASCII characters", id="100 kB"),
        pytest.param(token(sub=["ann"]), "sub is missing, or not", id="a subject that is a list"),
        pytest.param(token(client_id="desk\nforged line"), "not of the kind", id="a new line in the client"),
        pytest.param(token(client_id="desk\n"), "not of the kind", id="a new line at its end"),
        pytest.param(token(sub="\x1b[31mann"), "not of the kind", id="a terminal's escape in the subject"),
        pytest.param(token(sub="x" * 201), "not of the kind", id="an endless subject"),
        pytest.param(token(sub=None, client_id=None), "not of the kind", id="nobody at all"),
        pytest.param("..", "cannot be read", id="two dots"),
        pytest.param("a.b.c", "cannot be read", id="three letters"),
        pytest.param(f"{segment(b'[' * 4_000)}.{segment(claims())}.AA", "cannot be read", id="endless nesting"),
        pytest.param(f"{segment('alg')}.{segment(claims())}.AA", "cannot be read", id="a header that is text"),
        pytest.param(f"{segment(['alg'])}.{segment(claims())}.AA", "cannot be read", id="a header that is a list"),
        pytest.param(f"{segment({'alg': ['RS256']})}.{segment(claims())}.AA", "cannot be read", id="a list of algs"),
    ],
)
async def test_what_proves_nothing_is_refused_with_a_reason_that_repeats_none_of_it(proof, reason):
    with pytest.raises(Unauthenticated, match=reason) as caught:
        await ask(opened(), proof)
    assert not any(part in str(caught.value) for part in proof.split(".") if len(part) > 3)


@given(st.text(alphabet="abcdefghijkABC019-_.=", max_size=60).map(lambda text: f"{text}.e30.x"))
async def test_anything_else_is_refused_just_the_same(text):
    with pytest.raises(Unauthenticated):
        await ask(opened(), text)


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(),
        lambda each: st.lists(each) | st.dictionaries(st.text(), each),
    ),
    st.sampled_from(["head", "body"]),
)
async def test_so_is_any_json_in_the_place_of_header_or_claims(value, where):
    head, body = (value, claims()) if where == "head" else ({"alg": "RS256", "kid": RSA.kid}, value)
    with pytest.raises(Unauthenticated):
        await ask(opened(), f"{segment(head)}.{segment(body)}.AAAA")


@pytest.mark.parametrize(
    ("proof", "settings", "expected"),
    [
        pytest.param(token(), {}, {}, id="RS256"),
        pytest.param(token(EC, alg="ES256"), {}, {}, id="ES256"),
        pytest.param(token(alg="PS256"), {"algorithms": ["PS256"]}, {}, id="another that is pinned"),
        pytest.param(
            token(header={"x5t": "abc", "typ": "at+jwt", "vendor": 1}), {}, {}, id="headers that mean nothing"
        ),
        pytest.param(token(aud=["other", "casefold"]), {}, {}, id="for several"),
        pytest.param(token(exp=SECONDS - 29), {}, {"expires_at": SECONDS + 1}, id="expired within the leeway"),
        pytest.param(token(nbf=SECONDS + 29, iat=SECONDS + 29), {}, {}, id="not yet, within the leeway"),
        pytest.param(token(client_id=None, azp="portal"), {}, {"client": "portal@login.example.com"}, id="azp"),
        pytest.param(token(client_id=None), {}, {"client": "ann@login.example.com"}, id="the subject is the client"),
        pytest.param(token(roles="finance ops"), {}, {"roles": {Role.FINANCE, Role.OPS}}, id="roles as a text"),
        pytest.param(token(roles=None, scope="openid casefold:bot agent"), {}, {"roles": {Role.BOT}}, id="scopes"),
        pytest.param(token(roles=["boss", 7, None]), {}, {"roles": set()}, id="roles that nobody here knows"),
        pytest.param(token(roles={"agent": True}), {}, {"roles": set()}, id="roles of a shape that nobody knows"),
        pytest.param(
            token(roles=None, realm_access={"roles": ["panel"]}),
            {"roles_claim": "realm_access.roles"},
            {"roles": {Role.PANEL}},
            id="a claim within another",
        ),
        pytest.param(
            token(roles=None, **{"https://acme.example/roles": ["ops"]}),
            {"roles_claim": "https://acme.example/roles"},
            {"roles": {Role.OPS}},
            id="a claim whose name has dots",
        ),
        pytest.param(token(), {"tenant": "north"}, {"tenant": "north"}, id="the issuer's tenant"),
        pytest.param(token(org="south"), {"tenant_claim": "org"}, {"tenant": "south"}, id="the token's tenant"),
        pytest.param(token(no="C-1"), {"customer_claim": "no"}, {"customer": "C-1"}, id="bound to a customer"),
        pytest.param(token(), {"customer_claim": "no"}, {"customer": None}, id="not bound"),
    ],
)
async def test_a_good_token_says_who_asks(proof, settings, expected):
    expires_at = datetime.fromtimestamp(expected.pop("expires_at", SECONDS + 630), UTC)
    plain = {"client": "desk@login.example.com", "subject": "ann", "roles": {Role.AGENT}} | expected
    caller = await ask(opened(issuer=settings), proof)
    assert caller == Caller(**{**plain, "roles": frozenset(plain["roles"])}, expires_at=expires_at)


@pytest.mark.parametrize("org", [None, "", 7, "South", "a:b", "south\n", ["south"]])
async def test_where_tokens_say_the_tenant_every_one_has_to(org):
    with pytest.raises(Unauthenticated, match="not of the kind"):
        await ask(opened(issuer={"tenant_claim": "org"}), token(org=org))


async def test_a_key_for_something_else_checks_nothing():
    for_encryption = rsa("enc-1")
    keys = {"keys": [for_encryption.as_dict(private=False) | {"use": "enc"}, *public(RSA)["keys"]]}
    with pytest.raises(Unauthenticated, match="does not publish"):
        await ask(opened(issuer={"jwks": keys}), token(for_encryption))


async def test_a_secret_among_the_published_keys_checks_nothing():
    secret = OctKey.import_key("s" * 32, {"kid": "oct-1"})
    keys = {"keys": [secret.as_dict(), *public(RSA)["keys"]]}
    forged = jwt.encode({"alg": "HS256", "kid": "oct-1"}, claims(), secret)
    with pytest.raises(Unauthenticated, match="alg"):
        await ask(opened(issuer={"jwks": keys}), forged)


async def test_a_proof_ends_with_the_token_and_not_when_it_was_last_seen():
    clock = ManualClock(NOW)
    authentication, proof = opened(clock), token(exp=SECONDS + 10)
    await ask(authentication, proof)
    clock.advance(timedelta(seconds=39))
    await ask(authentication, proof)
    clock.advance(timedelta(seconds=2))
    with pytest.raises(Unauthenticated, match="expired"):
        await ask(authentication, proof)
