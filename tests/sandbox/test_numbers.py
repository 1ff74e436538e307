import pytest

from sandbox.catalog import CARRIERS
from sandbox.numbers import gs1_check_digit, opaque_id, sscc, tracking_code
from tests.sandbox.payloads import recorded


def test_the_check_digit_is_that_of_real_usps_numbers():
    codes = [tracker["tracking_code"] for tracker in recorded("tracker.list.page1")["trackers"]]
    assert [code[-1] for code in codes] == [str(gs1_check_digit(code[:-1])) for code in codes]


@pytest.mark.parametrize(
    ("carrier", "serial", "code"),
    [
        pytest.param("UPS", 2345678, "1Z999AA10123456784", id="UPS"),
        pytest.param("FedEx", 7878885, "986578788855", id="FedEx Express"),
        pytest.param("DHLExpress", 1881002, "3318810025", id="DHL Express"),
    ],
)
def test_numbers_that_are_widely_used_as_examples_come_out_right(carrier: str, serial: int, code: str):
    assert tracking_code(carrier, serial) == code


def test_a_usps_number_ends_in_its_check_digit():
    code = tracking_code("USPS", 100101)
    assert (len(code), code[-1]) == (22, str(gs1_check_digit(code[:-1])))


def test_every_carrier_of_the_catalog_has_a_format():
    assert all(tracking_code(name, 1) for name in CARRIERS)


def test_an_sscc_has_18_digits_and_a_right_check_digit():
    code = sscc(100101)
    assert (len(code), code[-1]) == (18, str(gs1_check_digit(code[:-1])))


def test_an_opaque_id_is_the_same_for_the_same_name_only():
    assert opaque_id("trk", "UPS:1Z") == opaque_id("trk", "UPS:1Z") != opaque_id("trk", "UPS:2Z")
