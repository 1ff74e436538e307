"""Kafka has no server here that a test could start: FastStream's own stand-in shows that messages reach us as they are."""

import json

from faststream.kafka import TestKafkaBroker

from events.brokers import _CONNECT, Broker, BrokerKind

BROKER = Broker("bus", BrokerKind.KAFKA, "127.0.0.1:9092", "events", None, ("erp",))


async def test_a_message_reaches_us_with_its_bytes_and_headers():
    taken = []

    async def take(body, headers):
        taken.append((body, headers))

    connection = _CONNECT[BrokerKind.KAFKA](BROKER, take)
    body = json.dumps({"number": "SO-1"}).encode()
    async with TestKafkaBroker(connection) as broker:
        headers = {"ce_specversion": "1.0", "ce_id": "e-1", "content-type": "application/json"}
        await broker.publish(body, "events", headers=headers)
    [(found, told)] = taken
    assert found == body
    assert {"ce-specversion": "1.0", "ce-id": "e-1", "content-type": "application/json"}.items() <= told.items()
