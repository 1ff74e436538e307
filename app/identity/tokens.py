"""Tokens (JWT) of issuers that settings name: RFC 7519 as RFC 8725 wants it used.

The header of a token decides nothing but which of the issuer's own keys to try: algorithms are those of the settings,
keys those of the issuer, and what a header brings along or points to is refused.
"""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Annotated, Any
from urllib.parse import urlsplit

import msgspec
from joserfc import jws, jwt
from joserfc.errors import BadSignatureError, ClaimError, ExpiredTokenError, InvalidKeyIdError, JoseError
from joserfc.jwk import KeySet
from joserfc.registry import HeaderParameter

from app.identity.key_sets import Keys
from app.identity.settings import IssuerSettings
from domain.caller import Caller, Role
from domain.clock import Clock
from domain.errors import Unauthenticated

REFUSED_HEADERS = ("crit", "b64", "jwk", "jku", "x5u", "x5c")
"""What would have us understand more than we do, or trust a key because the token says so."""

PREFIX = "casefold:"
"""How a role is written where other programs' scopes are, too."""

CLIENT_CLAIMS = ("client_id", "azp", "sub")
"""Which claim names the program: RFC 9068, OpenID Connect, and a token that a program got for itself."""

Told = Annotated[str, msgspec.Meta(min_length=1, max_length=200, pattern=r"^[^\x00-\x1f\x7f-\x9f\u2028\u2029]+\Z")]
"""Text of a token that gets into log lines and counters."""

Label = Annotated[str, msgspec.Meta(pattern=r"^[a-z][a-z0-9-]{0,62}\Z")]

_READING = (JoseError, msgspec.MsgspecError, ValueError, TypeError, RecursionError)
"""What reading a token raises that is none."""

_ROLES: Mapping[str, Role] = {role.value: role for role in Role}


class _Head(msgspec.Struct):
    alg: str
    kid: str | None = None


class _Claimed(msgspec.Struct):
    iss: str


class Tokens:
    """What is believed because an issuer signed it."""

    def __init__(self, issuers: Iterable["Issuer"]) -> None:
        self._issuers = {issuer.name: issuer for issuer in issuers}

    @property
    def issuers(self) -> tuple["Issuer", ...]:
        """Who is believed."""
        return tuple(self._issuers.values())

    async def caller(self, token: str) -> Caller:
        """Who a token says that asks.

        Raises:
            Unauthenticated: it proves nothing here.
        """
        try:
            read = jws.extract_compact(token.encode())
            head = msgspec.convert(read.protected, _Head)
            claimed = msgspec.json.decode(read.payload, type=_Claimed)
        except _READING as error:
            raise Unauthenticated("the token cannot be read; allowed: a signed JWT with alg and iss") from error
        issuer = self._issuers.get(claimed.iss)
        if issuer is None:
            raise Unauthenticated("the token is of an issuer that is not believed here")
        return await issuer.caller(token, head.alg, head.kid)


class Issuer:
    """Somebody who issues tokens."""

    def __init__(self, settings: IssuerSettings, keys: Keys, clock: Clock) -> None:
        self.name = settings.issuer
        self.keys = keys
        self._settings, self._clock = settings, clock
        self._headers = jws.JWSRegistry(
            {name: HeaderParameter(name, "none") for name in REFUSED_HEADERS},
            algorithms=settings.algorithms,
            strict_check_header=False,  # RFC 7515, section 4: what is not understood is ignored, unless it is in crit
        )

    async def caller(self, token: str, alg: str, kid: str | None) -> Caller:
        """Who a token of this issuer says that asks.

        Args:
            token: the whole.
            alg: its algorithm, as its header has it.
            kid: the id of its key, as its header has it.

        Raises:
            Unauthenticated: it proves nothing here.
        """
        if alg not in self._settings.algorithms:
            raise Unauthenticated(f"the token's alg is not one of {', '.join(self._settings.algorithms)}")
        claims = self._verified(token, await self.keys.holding(kid))
        try:
            return self._caller(claims)
        except (msgspec.ValidationError, OverflowError) as error:
            raise Unauthenticated("a claim of the token is not of the kind that is wanted") from error

    def _verified(self, token: str, keys: KeySet) -> dict[str, Any]:
        """The claims, once signature, issuer, audience and times are found right."""
        try:
            claims = jwt.decode(token, keys, registry=self._headers).claims
            self._wanted().validate(claims)
        except _READING as error:
            raise Unauthenticated(_reason(error)) from error
        return claims

    def _wanted(self) -> jwt.JWTClaimsRegistry:
        return jwt.JWTClaimsRegistry(
            now=int(self._clock.now().timestamp()),
            leeway=int(self._settings.leeway.total_seconds()),
            iss={"essential": True, "value": self._settings.issuer},
            aud={"essential": True, "value": self._settings.audience},
            exp={"essential": True},
        )

    def _caller(self, claims: Mapping[str, Any]) -> Caller:
        told, tenant_claim, customer_claim = self._settings, self._settings.tenant_claim, self._settings.customer_claim
        client = next((claims[name] for name in CLIENT_CLAIMS if claims.get(name)), None)
        customer = _claim(claims, customer_claim) if customer_claim else None
        return Caller(
            client=f"{msgspec.convert(client, Told)}@{urlsplit(told.issuer).hostname or told.issuer}",
            subject=msgspec.convert(claims.get("sub"), Told | None),
            roles=self._roles(claims),
            tenant=msgspec.convert(_claim(claims, tenant_claim), Label) if tenant_claim else told.tenant,
            customer=msgspec.convert(customer, Told | None),
            expires_at=datetime.fromtimestamp(int(claims["exp"]), UTC) + told.leeway,
        )

    def _roles(self, claims: Mapping[str, Any]) -> frozenset[Role]:
        """Those that we know; a token may name others, for others."""
        named = [name.removeprefix(PREFIX) for name in _texts(_claim(claims, self._settings.roles_claim))]
        scopes = [name.removeprefix(PREFIX) for name in _texts(claims.get("scope")) if name.startswith(PREFIX)]
        return frozenset(_ROLES[name] for name in named + scopes if name in _ROLES)


def _reason(error: Exception) -> str:
    """What is wrong with a token, in words that repeat none of it."""
    match error:
        case InvalidKeyIdError():
            return "the token is signed with a key that its issuer does not publish"
        case BadSignatureError():
            return "the token's signature is not that of its issuer"
        case ExpiredTokenError():
            return "the token is expired"
        case ClaimError():
            return f"the token's {error.claim} is missing, or not what is wanted here"
        case _:
            return f"the token cannot be used; its header may not have {', '.join(REFUSED_HEADERS)}"


def _claim(claims: Mapping[str, Any], path: str) -> object:
    """A claim by its name, or by the names of those it is in, with dots between."""
    if path in claims:
        return claims[path]
    outer, dot, inner = path.partition(".")
    within = claims.get(outer) if dot else None
    return _claim(within, inner) if isinstance(within, Mapping) else None


def _texts(claim: object) -> list[str]:
    """A list of texts, or a text with blanks (RFC 8693, section 4.2), as a list."""
    listed = claim.split() if isinstance(claim, str) else claim
    return [each for each in listed if isinstance(each, str)] if isinstance(listed, list) else []
