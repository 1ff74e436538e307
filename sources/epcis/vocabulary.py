"""Terms of the Core Business Vocabulary in each of their spellings."""

import re
from enum import Enum


class Vocabulary(Enum):
    """A vocabulary, by its name in URNs and in web addresses (CBV 2.0)."""

    STEP = ("bizstep", "BizStep")
    DISPOSITION = ("disp", "Disp")
    TRANSACTION_TYPE = ("btt", "BTT")


_SPELLINGS = {
    each: re.compile(
        rf"(?:urn:epcglobal:cbv:{each.value[0]}:|(?:https?://(?:ref|ns)\.gs1\.org/cbv/|cbv:){each.value[1]}-)"
        "(?P<word>[a-z_]+)"
    )
    for each in Vocabulary
}


def word(term: str, vocabulary: Vocabulary) -> str:
    """The bare word of a term that is spelled as URN, as web address or as its short form; others as they are."""
    match = _SPELLINGS[vocabulary].fullmatch(term)
    return match["word"] if match else term
