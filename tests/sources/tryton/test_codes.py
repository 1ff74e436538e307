import pytest

from sources.tryton.codes import IGNORED, KNOWN
from tests.sources.tryton.recorded import payload

VOCABULARIES = payload("vocabularies")


@pytest.mark.parametrize("selection", VOCABULARIES)
def test_every_value_is_mapped_or_ignored_by_name(selection):
    assert set(KNOWN[selection]) == set(VOCABULARIES[selection])


def test_nothing_is_both_mapped_and_ignored():
    assert not any(isinstance(KNOWN[selection], dict) for selection in IGNORED)
