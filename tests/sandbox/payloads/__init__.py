"""Recorded answers of EasyPost's API; see README.md."""

import json
from pathlib import Path
from typing import Any


def recorded(name: str) -> Any:
    """The body of a recorded answer."""
    return json.loads((Path(__file__).parent / f"{name}.json").read_bytes())["response"]["body"]
