"""Numbers that pass the checks which real ones pass: carriers' tracking numbers, SSCCs, and a vendor's opaque ids."""

import hashlib
from collections.abc import Callable, Mapping
from itertools import cycle


def gs1_check_digit(digits: str) -> int:
    """Check digit of a GS1 key, and of a USPS parcel number: weights 3, 1, 3 from the right (GS1 standard, 7.9)."""
    total = sum(int(digit) * weight for digit, weight in zip(reversed(digits), cycle((3, 1)), strict=False))
    return -total % 10


def sscc(serial: int) -> str:
    """A Serial Shipping Container Code under GS1's prefix for examples (952)."""
    digits = f"09521234{serial:09d}"
    return f"{digits}{gs1_check_digit(digits)}"


def _usps(serial: int) -> str:
    digits = f"94055999999{serial:010d}"
    return f"{digits}{gs1_check_digit(digits)}"


def _ups(serial: int) -> str:
    """Letters count as their place after '?'; every second character counts twice."""
    body = f"999AA101{serial:07d}"
    values = (int(char) if char.isdigit() else (ord(char) - 63) % 10 for char in body)
    total = sum(value * weight for value, weight in zip(values, cycle((1, 2)), strict=False))
    return f"1Z{body}{-total % 10}"


def _fedex(serial: int) -> str:
    digits = f"9865{serial:07d}"
    total = sum(int(digit) * weight for digit, weight in zip(digits, cycle((3, 1, 7)), strict=False))
    return f"{digits}{total % 11 % 10}"


def _dhl(serial: int) -> str:
    digits = f"33{serial:07d}"
    return f"{digits}{int(digits) % 7}"


_FORMATS: Mapping[str, Callable[[int], str]] = {"USPS": _usps, "UPS": _ups, "FedEx": _fedex, "DHLExpress": _dhl}


def tracking_code(carrier: str, serial: int) -> str:
    """A tracking number as the carrier writes it.

    Args:
        carrier: as EasyPost names it.
        serial: up to seven digits; the same serial gives the same number.
    """
    return _FORMATS[carrier](serial)


def opaque_id(prefix: str, name: str) -> str:
    """An id like EasyPost's, e.g. `trk_` and 32 hexadecimal digits; the same for the same name."""
    return f"{prefix}_{hashlib.sha256(f'{prefix}/{name}'.encode()).hexdigest()[:32]}"
