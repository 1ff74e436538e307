"""Who asks: a key, a token or a session becomes a `Caller`, or a refusal."""

import asyncio
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass

from app.identity.api_keys import ApiKeys
from app.identity.key_sets import FixedKeys, Keys, PublishedKeys
from app.identity.proven import Proven
from app.identity.session_secrets import SessionSecrets
from app.identity.sessions import PREFIX as SESSION
from app.identity.sessions import Sessions
from app.identity.settings import IssuerSettings
from app.identity.tokens import Issuer, Tokens
from app.settings import Settings
from domain.caller import Caller
from domain.clock import Clock
from domain.errors import Unauthenticated

LARGEST_PROOF = 8 * 1024
"""Characters that are looked at; no proxy passes more on."""

ANONYMOUS = "(anonymous)"
"""The client that all are who prove nothing; no id of a key can be spelt like this."""

DOTS_OF_A_TOKEN = 2


@dataclass(frozen=True, slots=True)
class Authentication:
    """Knows callers by what they bring along.

    Attributes:
        api_keys: keys of programs.
        tokens: tokens of issuers.
        sessions: sessions that were opened here.
        proven: what was proved lately.
        stranger: who is whoever proves nothing; null: nobody.
    """

    api_keys: ApiKeys
    tokens: Tokens
    sessions: Sessions
    proven: Proven
    stranger: Caller | None = None

    async def caller(self, headers: Mapping[str, str]) -> Caller:
        """Who asks; the same proof again costs a digest.

        Args:
            headers: of the request, names in lower case: `authorization`, `x-api-key`, `origin` are looked at.

        Raises:
            Unauthenticated: nothing proves it, or not from this origin.
        """
        known = self.known(headers)
        if known is not None:
            return known
        proof = _proof(headers) or ""
        caller = await self._prove(proof)
        self.proven.put(_digest(proof), caller)
        return _from_its_origin(caller, headers)

    def known(self, headers: Mapping[str, str]) -> Caller | None:
        """Who asks, if that was proved lately, or nothing has to be; null: it has to be proved.

        Args:
            headers: as for `caller`.

        Raises:
            Unauthenticated: nothing could prove it, or not from this origin.
        """
        proof = _proof(headers)
        if proof is None:
            return self._unproven()
        caller = self.proven.get(_digest(proof))
        return None if caller is None else _from_its_origin(caller, headers)

    async def aclose(self) -> None:
        """Close every connection."""
        await asyncio.gather(*(issuer.keys.aclose() for issuer in self.tokens.issuers))

    async def _prove(self, proof: str) -> Caller:
        if proof.startswith(SESSION):
            return self.sessions.caller(proof)
        if proof.count(".") == DOTS_OF_A_TOKEN:
            return await self.tokens.caller(proof)
        return self.api_keys.caller(proof)

    def _unproven(self) -> Caller:
        if self.stranger is None:
            raise Unauthenticated("send Authorization: Bearer with a token or an API key, or X-API-Key")
        return self.stranger


def open_authentication(settings: Settings, clock: Clock) -> Authentication:
    """What settings say of who may ask; nobody is called yet."""
    proven = Proven(clock)
    return Authentication(
        api_keys=ApiKeys(settings.api_keys, clock),
        tokens=Tokens(Issuer(each, _keys(each, clock, proven), clock) for each in settings.issuers),
        sessions=Sessions(SessionSecrets(settings.session_secrets, settings.data_dir), clock),
        proven=proven,
        stranger=Caller(client=ANONYMOUS, roles=frozenset(settings.anonymous)) if settings.anonymous else None,
    )


def _keys(settings: IssuerSettings, clock: Clock, proven: Proven) -> Keys:
    if settings.jwks_url is None:
        return FixedKeys(settings.jwks)
    return PublishedKeys(settings.issuer, settings.jwks_url, clock, proven.forget, allow_private=settings.allow_private)


def _digest(proof: str) -> bytes:
    return hashlib.sha256(proof.encode()).digest()


def _from_its_origin(caller: Caller, headers: Mapping[str, str]) -> Caller:
    """The caller, if it asks from where it may.

    Raises:
        Unauthenticated: it does not.
    """
    if caller.origin is not None and headers.get("origin") != caller.origin:
        raise Unauthenticated("what proves who asks is for pages of another origin")
    return caller


def _proof(headers: Mapping[str, str]) -> str | None:
    """What the headers bring along; null: nothing.

    Raises:
        Unauthenticated: two things, or nothing that could be a proof.
    """
    given, key = headers.get("authorization"), headers.get("x-api-key")
    if given is None:
        proof = key
    elif key is None:
        scheme, _, proof = given.partition(" ")
        if scheme.lower() != "bearer":
            raise Unauthenticated("Authorization: allowed: Bearer")
    else:
        raise Unauthenticated("Authorization and X-API-Key: allowed: one of them")
    if proof is not None and not (proof.isascii() and 0 < len(proof) <= LARGEST_PROOF):
        raise Unauthenticated(f"what should prove who asks: allowed: 1 to {LARGEST_PROOF} ASCII characters")
    return proof
