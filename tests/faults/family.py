"""Processes as Linux tells of them: who was begun by whom, who listens, who has the other end of a connection."""

from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

PROC = Path("/proc")
LISTEN, ESTABLISHED = "0A", "01"


def descendants(pid: int) -> list[int]:
    """All that a process has begun, and what those have."""
    with suppress(OSError):
        children = [int(each) for each in (PROC / f"{pid}/task/{pid}/children").read_text().split()]
        return [each for child in children for each in (child, *descendants(child))]
    return []


def is_alive(pid: int) -> bool:
    """Whether it runs; one that has ended and that nobody has asked for does not."""
    with suppress(OSError):
        return (PROC / f"{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    return False


def listeners(parent: int, port: int) -> set[int]:
    """Who listens on a port, of those that a process has begun."""
    sockets = {inode for _, state, inode in _sockets(port) if state == LISTEN}
    return {pid for pid in descendants(parent) if sockets & _held(pid)}


def served_by(parent: int, port: int, client_port: int) -> int:
    """Who has the connection of a client, of those that a process has begun."""
    sockets = {inode for other, state, inode in _sockets(port) if (other, state) == (client_port, ESTABLISHED)}
    [pid] = [pid for pid in descendants(parent) if sockets & _held(pid)]
    return pid


def has_loaded(pid: int, library: str) -> bool:
    """Whether it uses a compiled library."""
    return library in (PROC / f"{pid}/maps").read_text()


def _sockets(port: int) -> Iterator[tuple[int, str, str]]:
    """Of all sockets of a port: the port at the other end, state, inode."""
    for line in (PROC / "net/tcp").read_text().splitlines()[1:]:
        fields = line.split()
        if int(fields[1].split(":")[1], 16) == port:
            yield int(fields[2].split(":")[1], 16), fields[3], fields[9]


def _held(pid: int) -> set[str]:
    held = set()
    with suppress(OSError):
        for each in (PROC / f"{pid}/fd").iterdir():
            with suppress(OSError):
                held.add(str(each.readlink()).removeprefix("socket:[").removesuffix("]"))
    return held
