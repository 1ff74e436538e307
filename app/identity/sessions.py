"""Sessions of a panel in somebody else's application: a token that is short, and for a few cases on one page only.

Their server asks for it with its own key or token, and gives it to the page. It is signed with a secret of ours, so no
store has to be asked, and it cannot be withdrawn: that is why it lives for an hour at most.
"""

import os
import secrets
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated

import msgspec
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet, OctKey
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, SecretStr, ValidationError

from app.identity.origins import web_origin
from domain.caller import Caller, Role
from domain.clock import Clock
from domain.errors import Forbidden, InvalidRequest, StoreUnavailable, Unauthenticated
from domain.identity import CASE_KEY_SCHEMES, CaseKey, Scheme

PREFIX = "cfs_"
"""How the token of a session begins."""

ALGORITHM = "HS256"
"""We make it and we check it: nobody else needs a key, and it is ten times as fast as a public one."""

KIND = "casefold-session+jwt"
"""RFC 8725, section 3.11: so that no other token of ours could ever pass for one."""

LONGEST = timedelta(hours=1)
LARGEST = 6 * 1024
"""Characters of a token: proxies allow 8 KiB for all headers."""
MOST_KEYS = 50
FILE = "session-secret"

MAY_OPEN: Mapping[Role, frozenset[Role]] = {
    Role.AGENT: frozenset({Role.AGENT, Role.PANEL}),
    Role.FINANCE: frozenset({Role.FINANCE}),
    Role.PANEL: frozenset({Role.PANEL}),
}
"""For which roles each may open a session: its own, or one that sees nothing that it does not see itself."""

KeyFields = Annotated[dict[str, str], Field(min_length=1, max_length=1)]


class SessionRequest(BaseModel):
    """What is asked for."""

    model_config = ConfigDict(extra="forbid", frozen=True, use_attribute_docstrings=True)

    keys: Annotated[tuple[KeyFields, ...], Field(min_length=1, max_length=MOST_KEYS)]
    """The cases, each by one number, as in `CaseKey` of the GraphQL contract."""
    origin: Annotated[str, AfterValidator(web_origin)]
    """The web origin that the token may be used from."""
    roles: Annotated[frozenset[Role], Field(min_length=1)] = frozenset({Role.PANEL})
    """What it is for."""
    ttl: Annotated[timedelta, Field(gt=timedelta(0), le=LONGEST)] = timedelta(minutes=10)
    """How long it holds; not longer than the proof of who asks for it."""

    @classmethod
    def read(cls, body: bytes) -> "SessionRequest":
        """A request as it came.

        Raises:
            InvalidRequest: the first thing that is wrong.
        """
        try:
            return cls.model_validate_json(body)
        except ValidationError as error:
            raise _mistake(error, len(body)) from error

    @property
    def case_keys(self) -> frozenset[CaseKey]:
        """The cases.

        Raises:
            InvalidRequest: one of them cannot be one.
        """
        return frozenset(_case_key(f"keys.{index}", each) for index, each in enumerate(self.keys))


def _mistake(error: ValidationError, size: int) -> InvalidRequest:
    """The first thing that is wrong with a request of this size."""
    first = error.errors(include_url=False, include_context=False)[0]
    field, allowed = ".".join(str(part) for part in first["loc"]), first["msg"].removeprefix("Value error, ")
    match first["type"], first["input"]:
        case "missing", _:
            return InvalidRequest(field, "nothing", "a value")
        case "extra_forbidden", _:
            return InvalidRequest(field, "an unknown field", f"one of {', '.join(SessionRequest.model_fields)}")
        case _, timedelta() as span:
            return InvalidRequest(field, f"{span.total_seconds():g} seconds", allowed)
        case _, found:
            return InvalidRequest(field or "body", str(found) if field else f"{size} bytes", allowed)


def _case_key(path: str, fields: Mapping[str, str]) -> CaseKey:
    [(field, value)] = fields.items()
    if field not in CASE_KEY_SCHEMES:
        raise InvalidRequest(path, field, f"one of {', '.join(CASE_KEY_SCHEMES)}")
    return CaseKey.quoted(field, value)


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


class SessionSecrets:
    """What signs sessions: the secrets of the settings, else one of our own that is made when it is first needed."""

    def __init__(self, given: Sequence[SecretStr], folder: Path) -> None:
        self._given = tuple(each.get_secret_value().encode() for each in given)
        self._file = folder / FILE
        self._keys: KeySet | None = None

    def signing(self) -> tuple[OctKey, str]:
        """The key that signs, which is the first, and its id.

        Raises:
            StoreUnavailable: there is none, and none can be kept.
        """
        if not self._given:
            self._make()
        [key, *_] = self._all()
        return key, key.thumbprint()

    def checking(self) -> KeySet:
        """The keys that check; all of them, so that one can be changed while sessions are open."""
        if self._keys is None:
            keys = self._all()
            if not keys:  # none was ever opened here
                raise Unauthenticated("this session is not of this gateway")
            self._keys = KeySet(list(keys))
        return self._keys

    def _all(self) -> Sequence[OctKey]:
        return [OctKey.import_key(each) for each in self._given or self._kept()]

    def _kept(self) -> tuple[bytes, ...]:
        with suppress(FileNotFoundError):
            return (self._file.read_bytes(),)
        return ()

    def _make(self) -> None:
        """Keep a new secret, for the owner only; of several gateways with one folder one makes it."""
        if self._file.exists():
            return
        draft = self._file.with_name(f"{FILE}.{secrets.token_hex(8)}")
        try:
            self._file.parent.mkdir(parents=True, exist_ok=True)
            draft.touch(0o600, exist_ok=False)
            draft.write_text(secrets.token_urlsafe(32), encoding="ascii")
            with suppress(FileExistsError):
                os.link(draft, self._file)
            draft.unlink()
        except OSError as error:
            raise StoreUnavailable("no secret for sessions can be kept under data_dir") from error


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
