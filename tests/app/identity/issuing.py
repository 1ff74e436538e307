"""An issuer of tokens, and a server that publishes its keys, on this machine."""

import json
from datetime import UTC, datetime

from joserfc import jwt
from joserfc.jwk import ECKey, KeySet, RSAKey
from joserfc.jws import JWSRegistry

from app.identity.authentication import open_authentication
from app.settings import configure
from domain.clock import ManualClock
from tests.wire.raw_server import answer

ISSUER = "https://login.example.com/acme"
AUDIENCE = "casefold"
NOW = datetime(2026, 11, 27, 12, tzinfo=UTC)
SECONDS = int(NOW.timestamp())


def rsa(kid="rsa-1"):
    return RSAKey.generate_key(2048, {"kid": kid, "use": "sig"})


def ec(kid="ec-1"):
    return ECKey.generate_key("P-256", {"kid": kid})


RSA, EC = rsa(), ec()


def public(*keys):
    return KeySet(list(keys)).as_dict(private=False)


def claims(**changes):
    told = {"iss": ISSUER, "aud": AUDIENCE, "sub": "ann", "client_id": "desk", "roles": ["agent"], "iat": SECONDS}
    told |= {"exp": SECONDS + 600, **changes}
    return {name: value for name, value in told.items() if value is not None}


def token(key=RSA, *, alg="RS256", header=None, **changes):
    head = {"alg": alg, "kid": key.kid, **(header or {})}
    head = {name: value for name, value in head.items() if value is not None}
    return jwt.encode(head, claims(**changes), key, registry=JWSRegistry(algorithms=[alg], strict_check_header=False))


def published(*keys):
    return answer(body=json.dumps(public(*keys)).encode())


def opened(clock=None, issuer=None, **table):
    """What settings say of who may ask, at `NOW`; by default of one issuer whose keys are stated."""
    told = {"issuer": ISSUER, "audience": AUDIENCE, **({"jwks": public(RSA, EC)} if issuer is None else issuer)}
    told |= {} if "jwks_url" in told or "jwks" in told else {"jwks": public(RSA, EC)}
    gateway = configure({"issuers": [told], **table}, {}).gateway
    return open_authentication(gateway, clock or ManualClock(NOW))


async def ask(authentication, proof, **headers):
    return await authentication.caller({"authorization": f"Bearer {proof}", **headers})
