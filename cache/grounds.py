"""What an answer rests on, noted while it is made, so that it can be given again for as long as it rests there.

Whatever was looked at is noted by name, as it was; announcements say when it has changed. A feed is noted by how long
it has been without a gap: its watermark may move on, which `domain.validity` follows.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from cache.memory import Memory
from domain.clock import Clock
from domain.feed import Coverage, Feed
from domain.validity import NOW, Moment, Validity


@dataclass(slots=True, eq=False)
class Grounds:
    """What one answer rests on.

    Attributes:
        validity: until when nothing of it changes but what is written anew.
        values: what was looked at, by name; null: that there was nothing.
        feeds: the feeds whose watermarks are in it, by name, each with the beginning of its gapless stretch.
        is_settled: whether all of it was at hand: nobody was asked, and nobody is being asked.
    """

    validity: Validity = field(default_factory=Validity)
    values: dict[str, object] = field(default_factory=dict)
    feeds: dict[str, datetime] = field(default_factory=dict)
    is_settled: bool = True
    _present: Moment | None = None
    _followed: dict[str, tuple[Coverage, Coverage]] = field(default_factory=dict)

    def now(self, clock: Clock) -> Moment:
        """The present, which moves; one for all of an answer for which nobody is waited for."""
        if self._present is None or not self.is_settled:
            self._present = self.validity.moment(clock.now())
        return self._present

    def look_at(self, values: Mapping[str, object]) -> None:
        """Note what was looked at."""
        self.values.update(values)

    def follow(self, name: str, heard: Coverage) -> Coverage:
        """What a feed covers, its watermark moving on."""
        stood, moving = self._followed.get(name, (None, heard))
        if stood != heard:
            self.feeds[name] = heard.continuous_since
            moving = Coverage(self.validity.moment(heard.watermark, name), heard.continuous_since)
            self._followed[name] = (heard, moving)
        return moving

    def last_until(self, moment: datetime) -> None:
        """Rest on something that is looked at anew at that moment."""
        self.validity.end(NOW, moment)

    def hold(self, memory: Memory) -> bool:
        """Whether everything still is as it was noted, and every change will be heard of."""
        return self.is_settled and memory.is_current and all(map(memory.has, self.values, self.values.values()))


def moves_on(feed: Feed, since: datetime) -> bool:
    """Whether a feed has gone on without a gap."""
    return feed.watermark is not None and feed.continuous_since == since
