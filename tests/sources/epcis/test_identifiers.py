import pytest
from hypothesis import given
from hypothesis import strategies as st

from sources.epcis.identifiers import check_digit, gln, gtin, sscc

DIGITS = st.text(alphabet="0123456789", min_size=7, max_size=17)


@pytest.mark.parametrize(
    ("read", "identifier", "expected"),
    [
        (gtin, "urn:epc:id:sgtin:0614141.107346.2017", "10614141073464"),
        (gtin, "urn:epc:idpat:sgtin:4012345.098765.*", "04012345987652"),
        (gtin, "urn:epc:class:lgtin:4012345.012345.998877", "04012345123456"),
        (gtin, "https://id.gs1.org/01/70614141123451/10/998877", "70614141123451"),
        (gtin, "https://shop.example.com/a/01/09521141012345/21/2017?linkType=x", "09521141012345"),
        (sscc, "urn:epc:id:sscc:0614141.1234567890", "106141412345678908"),
        (sscc, "https://id.example.com/00/106141412345678908", "106141412345678908"),
        (gln, "urn:epc:id:sgln:0614141.00777.0", "0614141007776"),
        (gln, "urn:epc:id:sgln:0614141.07346.1234", "0614141073467"),
        (gln, "urn:epc:id:sgln:952005385.011.ts4711", "9520053850113"),
        (gln, "https://id.example.com/414/4012345000054/254/dock-7", "4012345000054"),
    ],
)
def test_the_key_inside_an_identifier(read, identifier, expected):
    assert read(identifier) == expected


@pytest.mark.parametrize("read", [gtin, sscc, gln])
@pytest.mark.parametrize(
    "identifier",
    [
        "",
        "urn:epc:id:giai:4000001.12345",
        "urn:epc:id:sgtin:0614141.1073461.2017",  # 14 digits without their check digit
        "urn:epc:id:sscc:0614141.12345678901",
        "urn:epc:id:sgln:0614141.0077.0",
        "urn:epc:id:sgtin:0614141.107346",  # no serial number
        "urn:epc:id:sgtin:٠٦١٤١٤١.١٠٧٣٤٦.2017",  # digits, but not these
        "https://id.example.com/8003/030013450007718765",
        "https://id.gs1.org/01/7061414112345",
    ],
)
def test_what_names_nothing_of_the_kind(read, identifier):
    assert read(identifier) is None


@pytest.mark.parametrize(
    ("digits", "expected"),
    [
        ("629104150021", "3"),  # the example on GS1's page about check digits
        ("061414107346", "7"),  # the GLN of the published despatch advice
        ("952114101234", "5"),  # as in the published Digital Links
        ("401234500005", "4"),
        ("0000000", "0"),
    ],
)
def test_the_check_digit(digits, expected):
    assert check_digit(digits) == expected


@given(DIGITS, st.integers(0, 16), st.integers(1, 9))
def test_one_wrong_digit_has_another_check_digit(digits, place, change):
    place %= len(digits)
    wrong = digits[:place] + str((int(digits[place]) + change) % 10) + digits[place + 1 :]
    assert check_digit(wrong) != check_digit(digits)


@given(st.text())
def test_no_text_breaks_it(identifier):
    assert {gtin(identifier), sscc(identifier), gln(identifier)} == {None}
