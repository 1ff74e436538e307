"""The gateway under test, wired to the systems of the benchmark."""

import gc
import os

from app.main import create_app
from app.settings import configure
from app.wiring import build

UPSTREAM = os.environ["BENCH_UPSTREAM"]
KINDS = {"erp": "ERP", "wms": "WMS", "tms": "TMS", "crm": "CRM"}

app = create_app(
    build(
        configure(
            {
                "log_level": "warning",
                "anonymous": ["agent"],
                "sources": [
                    {
                        "id": name,
                        "adapter": "canonical",
                        "kinds": [kind],
                        "base_url": f"{UPSTREAM}/{name}",
                        "concurrency": 64,
                        "poll_every": "P1D",
                    }
                    for name, kind in KINDS.items()
                ],
            }
        ),
        os.environ["BENCH_REDIS"],
    )
)
gc.collect()
gc.freeze()
