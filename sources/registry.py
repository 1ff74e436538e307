"""The adapters there are: one line each."""

from difflib import get_close_matches

from domain.errors import SettingError
from sources import canonical, dcsa, easypost, epcis, tryton, x12
from sources.base import Source

SOURCES: tuple[Source, ...] = (canonical.SOURCE, dcsa.SOURCE, easypost.SOURCE, epcis.SOURCE, tryton.SOURCE, x12.SOURCE)


def adapter(name: str) -> Source:
    """The adapter of this name.

    Raises:
        SettingError: there is none; names the nearest there is.
    """
    known = {source.adapter: source for source in SOURCES}
    if name in known:
        return known[name]
    near = get_close_matches(name, known, n=1)
    raise SettingError("adapter", repr(name), near[0] if near else "one of " + ", ".join(sorted(known)))
