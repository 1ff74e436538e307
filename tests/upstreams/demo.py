"""`make demo-real`: the gateway before a real Tryton as ERP and WMS; carriers and service desk stay simulated."""

import argparse
import json
from pathlib import Path
from tempfile import TemporaryDirectory

from app.demo import Demo, DemoError, run_demo
from tests.upstreams.tryton.server import Tryton, TrytonError, running_tryton

ORDER = "SO00010"

CARRIER_STATES = {"packed": "pre_transit", "shipped": "in_transit", "done": "delivered"}
"""How far the carrier is with the parcels of a Tryton shipment in each state."""


def trackers(tryton: Tryton) -> list[dict[str, str]]:
    """The parcels that left the real warehouse, as the simulated carriers know them."""
    fields = ["state", "carrier.party.name", "packages.shipping_reference"]
    shipments = tryton.read("stock.shipment.out", [["state", "in", list(CARRIER_STATES)]], fields)
    return [
        {
            "tracking_code": package["shipping_reference"],
            "carrier": shipment["carrier"]["party"]["name"],
            "state": CARRIER_STATES[shipment["state"]],
        }
        for shipment in shipments
        for package in shipment["packages"]
    ]


def main() -> None:
    """Run until interrupted."""
    parser = argparse.ArgumentParser(prog="make demo-real", description=__doc__)
    parser.add_argument("--port", type=int, default=8000)
    parser.add_argument("--data", type=Path, default=Path("var/demo-real"))
    arguments = parser.parse_args()
    with TemporaryDirectory(prefix="casefold-demo-") as folder, running_tryton() as tryton:
        parcels = Path(folder) / "trackers.json"
        parcels.write_text(json.dumps(trackers(tryton)), encoding="utf-8")
        erp = {
            "id": "erp-tryton",
            "adapter": "tryton",
            "kinds": ["ERP", "WMS"],
            "base_url": tryton.base_url,
            "token": tryton.rest_key,
        }
        run_demo(Demo(port=arguments.port, data=arguments.data, rate=0, order=ORDER, trackers=parcels, real=[erp]))


if __name__ == "__main__":
    try:
        main()
    except (DemoError, TrytonError) as error:
        raise SystemExit(f"casefold: {error}") from error
