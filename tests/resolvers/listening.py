"""One who listens: takes what comes, in a task of its own."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Any, Self

from domain.caller import Caller
from resolvers.context import Context
from resolvers.operation import Answer, Operations, Request
from tests.callers import EVERYTHING
from tests.waiting import wait_until

ORDERS = "orders { freshness { state } problem { code } nodes { number status } }"


class Listener:
    """Hears one subscription; `answers` are the results, `ended` is set when there are no more."""

    def __init__(self, gateway: Any, document: str, caller: Caller = EVERYTHING, **variables: Any) -> None:
        self._gateway, self._document, self._caller, self._variables = gateway, document, caller, variables
        self.answers: list[Any] = []
        self.ended = False

    async def __aenter__(self) -> Self:
        self._task = asyncio.create_task(self._listen())
        return self

    async def __aexit__(self, *_: object) -> None:
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)

    async def _listen(self) -> None:
        async with aclosing(listened(self._gateway, self._document, self._caller, **self._variables)) as answers:
            async for each in answers:
                self.answers.append(each.body)
            self.ended = True

    @property
    def told(self) -> list[Any]:
        """The data of what was heard; fails on any error."""
        assert all("errors" not in each for each in self.answers), self.answers
        return [next(iter(each["data"].values())) for each in self.answers]

    @property
    def error(self) -> tuple[str, Any]:
        """Code and message of the error that it ended with."""
        [error] = self.answers[-1]["errors"]
        return error["extensions"]["code"], error

    async def hears(self, count: int) -> list[Any]:
        await wait_until(lambda: len(self.answers) >= count)
        return self.told

    async def ends(self) -> tuple[str, Any]:
        await wait_until(lambda: self.ended)
        return self.error


OPERATIONS = Operations()


def listened(gateway: Any, document: str, caller: Caller = EVERYTHING, **variables: Any) -> AsyncGenerator[Answer]:
    """Every answer to a subscription."""
    return OPERATIONS.stream(Request(document, variables), Context(gateway, caller, "c-1", None, None))


def watching(gateway: Any, fields: str = ORDERS, freshness: str = "", **key: str) -> Listener:
    key = key or {"orderNumber": "SO-1"}
    document = f"""subscription($key: CaseKey!) {{
      caseViewChanged(key: $key{", freshness: {" + freshness + "}" if freshness else ""}) {{ {fields} }} }}"""
    return Listener(gateway, document, key=key)


def shown(view: Any) -> tuple[str, list[str]]:
    """State and statuses of the orders of a view."""
    return view["orders"]["freshness"]["state"], [node["status"] for node in view["orders"]["nodes"]]
