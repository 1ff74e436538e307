"""What signs sessions."""

import os
import secrets
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from joserfc.jwk import KeySet, OctKey
from pydantic import SecretStr

from domain.errors import StoreUnavailable, Unauthenticated

FILE = "session-secret"


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
