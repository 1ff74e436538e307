import pytest

from domain.errors import InvalidRequest
from domain.identity import CASE_KEY_SCHEMES, CaseKey, Reference, Scheme


def tracking(value, issuer=None):
    return Reference(scheme=Scheme.TRACKING, value=value, issuer=issuer)


@pytest.mark.parametrize(
    ("one", "other", "is_same"),
    [
        pytest.param(tracking("1Z9", "UPS"), tracking("1Z9", "UPS"), True, id="same issuer"),
        pytest.param(tracking("1Z9", "UPS"), tracking("1Z9", "DHL"), False, id="two carriers that reuse a number"),
        pytest.param(tracking("1Z9", "UPS"), tracking("1Z9"), True, id="somebody who does not say whose number it is"),
        pytest.param(tracking("1Z9"), tracking("1Z8"), False, id="two numbers"),
        pytest.param(tracking("7"), Reference(scheme=Scheme.INVOICE, value="7"), False, id="two schemes"),
    ],
)
def test_a_number_is_unique_only_within_its_scheme_and_issuer(one, other, is_same):
    assert one.may_be(other) is is_same
    assert other.may_be(one) is is_same


@pytest.mark.parametrize("field", CASE_KEY_SCHEMES)
def test_each_field_of_the_key_has_its_scheme(field):
    key = CaseKey.quoted(field, "  7 A ")
    assert (key.scheme, key.value) == (CASE_KEY_SCHEMES[field], "7 A")
    assert key.reference == Reference(scheme=key.scheme, value="7 A")


@pytest.mark.parametrize(
    "value",
    [
        pytest.param("", id="nothing"),
        pytest.param("  ", id="blanks"),
        pytest.param("x" * 101, id="too long"),
        pytest.param("a\x00b", id="a NUL"),
        pytest.param("a\nb", id="a line break"),
        pytest.param("a\u202eb", id="an override of the reading direction"),
        pytest.param("a\ud800b", id="half a character"),
    ],
)
def test_a_key_that_no_person_could_quote_is_refused_by_name(value):
    with pytest.raises(InvalidRequest, match=r"key\.orderNumber: found .* allowed: 1 to 100 visible characters"):
        CaseKey.quoted("orderNumber", value)


def test_a_long_value_is_not_echoed_whole():
    with pytest.raises(InvalidRequest) as caught:
        CaseKey.quoted("orderNumber", "x" * 5_000)
    assert len(str(caught.value)) < 400
