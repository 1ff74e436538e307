import json
from copy import deepcopy
from pathlib import Path

PAYLOADS = Path(__file__).with_name("payloads")


def body(name):
    return json.loads((PAYLOADS / f"{name}.json").read_text(encoding="utf-8"))["response"]["body"]


def tracker(*scans, **changes):
    """The recorded tracker with these scans instead: (status, detail, "2026-11-20T10:00:00Z")."""
    record = deepcopy(body("tracker.retrieve"))
    if scans:
        pattern = record["tracking_details"][-1]
        record["tracking_details"] = [
            pattern | {"status": status, "status_detail": detail, "datetime": moment, "message": f"{status} {detail}"}
            for status, detail, moment in scans
        ]
        record["status"] = scans[-1][0]
    return record | changes


def claim(**changes):
    return deepcopy(body("claim.retrieve")) | changes


def event(description="tracker.updated", **changes):
    """The composed event: a recorded tracker in the envelope of the recorded events."""
    text = (PAYLOADS / "webhook.tracker.updated.COMPOSED.json").read_text(encoding="utf-8")
    return json.loads(text)["body"] | {"description": description} | changes
