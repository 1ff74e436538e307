"""Somebody who wants to be told: checks every signature with the published library, and remembers what came."""

import json

from standardwebhooks.webhooks import Webhook

from tests.posted import Posted

SECRET = "whsec_" + "R" * 32


class Receiver(Posted):
    def __init__(self):
        self.events, self.calls = [], 0
        self.answer = lambda event: 204  # noqa: ARG005  # tests give others

    def take(self, path, headers, body):
        assert path == "/told?by=casefold"
        self.calls += 1
        Webhook(SECRET).verify(body, headers, json_parse=False)
        event = json.loads(body)
        assert headers["webhook-id"] == event["id"]
        assert headers["content-type"] == "application/cloudevents+json"
        status = self.answer(event)
        if status < 300:
            self.events.append(event)
        return status
