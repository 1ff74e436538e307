"""Sessions of a panel in somebody else's application: a token that is short, and for a few cases on one page only.

Their server asks for it with its own key or token, and gives it to the page. It is signed with a secret of ours, so no
store has to be asked, and it cannot be withdrawn: that is why it lives for an hour at most.
"""

import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

import msgspec
from joserfc import jwt
from joserfc.errors import JoseError

from app.identity.session_request import LONGEST, SessionRequest
from app.identity.session_secrets import SessionSecrets
from domain.caller import Caller, Role
from domain.clock import Clock
from domain.errors import Forbidden, InvalidRequest, Unauthenticated
from domain.identity import CaseKey, Scheme

PREFIX = "cfs_"
"""How the token of a session begins."""

ALGORITHM = "HS256"
"""We make it and we check it: nobody else needs a key, and it takes a third of the time of RSA."""

KIND = "casefold-session+jwt"
"""RFC 8725, section 3.11: so that no other token of ours could ever pass for one."""

LARGEST = 6 * 1024
"""Characters of a token: proxies allow 8 KiB for all headers."""

MAY_OPEN: Mapping[Role, frozenset[Role]] = {
    Role.AGENT: frozenset({Role.AGENT, Role.PANEL}),
    Role.FINANCE: frozenset({Role.FINANCE}),
    Role.PANEL: frozenset({Role.PANEL}),
}
"""For which roles each may open a session: its own, or one that sees nothing that it does not see itself."""


@dataclass(frozen=True, slots=True)
class Session:
    """A session that was opened."""

    token: str
    expires_at: datetime


class _Claims(msgspec.Struct, forbid_unknown_fields=True, omit_defaults=True):
    """What the token of a session says: `Caller`, shortened."""

    client: str
    roles: frozenset[Role]
    tenant: str
    keys: list[tuple[Scheme, str]]
    origin: str
    iat: int
    exp: int
    jti: str
    subject: str | None = None
    customer: str | None = None


class Sessions:
    """Opens sessions, and knows those that it opened."""

    def __init__(self, secrets_: SessionSecrets, clock: Clock) -> None:
        self._secrets, self._clock = secrets_, clock

    def open(self, caller: Caller, wanted: SessionRequest) -> Session:
        """Open a session for a caller, never for more than it may do itself.

        Raises:
            Forbidden: it may not.
            InvalidRequest: the keys cannot be, or are too many.
            StoreUnavailable: there is no secret to sign with.
        """
        _check_reach(caller, wanted)
        now = self._clock.now().replace(microsecond=0)
        expires_at = min(now + wanted.ttl, caller.expires_at or now + LONGEST).replace(microsecond=0)
        key, kid = self._secrets.signing()
        claims = msgspec.to_builtins(_claims(caller, wanted, now, expires_at))
        token = PREFIX + jwt.encode({"alg": ALGORITHM, "kid": kid, "typ": KIND}, claims, key)
        if len(token) > LARGEST:
            raise InvalidRequest("keys", f"a token of {len(token)} characters", f"keys for one of {LARGEST}")
        return Session(token, expires_at)

    def caller(self, token: str) -> Caller:
        """Who asks with the token of a session.

        Raises:
            Unauthenticated: it is expired, or not of this gateway.
        """
        try:
            read = jwt.decode(token.removeprefix(PREFIX), self._secrets.checking(), algorithms=[ALGORITHM])
            claims = msgspec.convert(read.claims, _Claims)
        except (JoseError, msgspec.MsgspecError, ValueError, TypeError, RecursionError) as error:
            raise Unauthenticated("this session is not of this gateway") from error
        if read.header.get("typ") != KIND:
            raise Unauthenticated("this session is not of this gateway")
        expires_at = datetime.fromtimestamp(claims.exp, UTC)
        if self._clock.now() >= expires_at:
            raise Unauthenticated("this session is expired")
        return _caller(claims, expires_at)


def _check_reach(caller: Caller, wanted: SessionRequest) -> None:
    """Nobody hands on more than it has.

    Raises:
        Forbidden: this would.
    """
    may = frozenset().union(*(MAY_OPEN.get(role, frozenset()) for role in caller.roles))
    if caller.keys is not None:
        raise Forbidden("a session", "an API key or a token; a session opens no other")
    if not may:
        raise Forbidden("a session", f"one of the roles {_named(MAY_OPEN)}")
    if not wanted.roles <= may:
        raise Forbidden(f"a session as {_named(wanted.roles - may)}", f"another role; yours opens {_named(may)}")
    if caller.origin not in {None, wanted.origin}:
        raise Forbidden(f"a session for {wanted.origin}", f"the origin {caller.origin}")


def _named(roles: Iterable[Role]) -> str:
    return ", ".join(sorted(role.value for role in roles))


def _claims(caller: Caller, wanted: SessionRequest, now: datetime, expires_at: datetime) -> _Claims:
    keys = sorted((key.scheme.value, key.value) for key in wanted.case_keys)
    return _Claims(
        client=caller.client,
        subject=caller.subject,
        roles=wanted.roles,
        tenant=caller.tenant,
        customer=caller.customer,
        keys=[(Scheme(scheme), value) for scheme, value in keys],
        origin=wanted.origin,
        iat=int(now.timestamp()),
        exp=int(expires_at.timestamp()),
        jti=secrets.token_hex(8),
    )


def _caller(claims: _Claims, expires_at: datetime) -> Caller:
    return Caller(
        client=claims.client,
        subject=claims.subject,
        roles=claims.roles,
        tenant=claims.tenant,
        customer=claims.customer,
        keys=frozenset(CaseKey(scheme=scheme, value=value) for scheme, value in claims.keys),
        origin=claims.origin,
        expires_at=expires_at,
    )
