"""What takes many clients or minutes: a thousand sessions, clients that never read, a laptop that sleeps."""

import os
import signal
import socket
import sys
import time
from contextlib import ExitStack

import psutil
import pytest
from hostile import Client
from servers import sample_server
from streamlit.proto.BackMsg_pb2 import BackMsg
from websockets.client import ClientProtocol
from websockets.frames import Frame, Opcode
from websockets.uri import parse_uri

from benchmarks.harness.server import LOCAL

pytestmark = [
    pytest.mark.soak,
    pytest.mark.skipif(sys.platform == "win32", reason="these are signals of Unix"),
]
N_SESSIONS, N_BEFORE = 1_000, 200
"""Sessions, and those of them after which as many are kept as ever are."""
N_DEAF, N_LOOKS = 200, 60
MAX_GROWTH = 40
"""Megabytes."""
SLEEP_SECONDS = 90
N_KILLS = 10
TRAINED = "Trained: "
"""How the line above a network that is trained begins."""


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    log = tmp_path_factory.mktemp("server") / "log.txt"
    with sample_server(log) as started:
        client = Client(started.address)
        client.wait_until_trained()
        client.close()
        yield started


def own_megabytes(server):
    """Of the server's own process."""
    return psutil.Process(server.process.pid).memory_info().rss / 1e6


def test_a_thousand_sessions_leave_the_memory_as_it_was(server):
    sizes = []
    for number in range(N_SESSIONS):
        client = Client(server.address, name=f"{number:032x}")
        assert client.ask("join").is_finished
        client.close()
        if number + 1 in (N_BEFORE, N_SESSIONS):
            sizes.append(own_megabytes(server))
    assert sizes[1] - sizes[0] < MAX_GROWTH


def deaf(port):
    """A client that asks for pages and reads none of them."""
    opened = socket.create_connection((LOCAL, port), timeout=10)
    opened.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    address = parse_uri(f"ws://{LOCAL}:{port}/_stcore/stream")
    protocol = ClientProtocol(address, subprotocols=["streamlit"])
    protocol.send_request(protocol.connect())
    opened.sendall(b"".join(protocol.data_to_send()))
    opened.recv(4096)
    message = BackMsg()
    message.rerun_script.page_name = "glossary"
    frame = Frame(Opcode.BINARY, message.SerializeToString()).serialize(mask=True)
    return opened, frame


def test_clients_that_never_read_hold_nobody_up_and_take_little_memory(server):
    with ExitStack() as stack:
        client = Client(server.address)
        stack.callback(client.close)
        client.ask("glossary")
        before, clicks = own_megabytes(server), []
        clients = [deaf(server.port) for _ in range(N_DEAF)]
        for opened, _ in clients:
            stack.callback(opened.close)
            opened.setblocking(False)
        for number in range(N_LOOKS):
            for opened, frame in clients[number % 10 :: 10]:
                try:
                    opened.send(frame)
                except OSError:
                    continue  # the server has given this one up, or its own buffer is full
            begun = time.monotonic()
            assert client.ask("glossary").is_finished
            clicks.append(time.monotonic() - begun)
        assert sorted(clicks)[len(clicks) // 2] < 1
        assert own_megabytes(server) - before < 5 * MAX_GROWTH


def wait_for_the_end(visitor):
    """Of the training that a visitor has begun; the page that shows it."""
    ends = time.monotonic() + 90
    while True:
        page = visitor.ask("train")
        assert page.is_finished
        assert not page.exceptions
        if "Pause" not in page.buttons:
            return page
        assert time.monotonic() < ends
        visitor.wait(0.2)


def training_process(server):
    """The child in which trainings run, of Dask's own; None while there is none."""
    for child in psutil.Process(server.process.pid).children(recursive=True):
        try:
            if any("spawn_main" in word for word in child.cmdline()):
                return child
        except psutil.Error:
            continue
    return None


def test_a_training_process_killed_ten_times_at_any_stage_is_replaced_and_trains(server):
    visitor, killed = Client(server.address, name="c" * 32), set()
    visitor.train("units=64&epochs=30&batch=4&seed=3")
    ends = time.monotonic() + 120
    while len(killed) < N_KILLS:
        assert time.monotonic() < ends
        process = training_process(server)
        if process is None or process.pid in killed:
            visitor.wait(0.02)
            continue
        visitor.wait(0.35 * len(killed))  # from its first moment until it trains
        assert visitor.ask("train").is_finished
        killed.add(process.pid)
        process.kill()
    wait_for_the_end(visitor)
    visitor.train("units=16&epochs=1&images=1000&seed=4")
    assert any(text.startswith(TRAINED) for text in wait_for_the_end(visitor).texts)
    visitor.close()


def send(server, number):
    """A signal to the server and all of its processes."""
    process = psutil.Process(server.process.pid)
    for each in [process, *process.children(recursive=True)]:
        os.kill(each.pid, number)


def test_a_laptop_that_was_asleep_trains_on_and_shows_pages(server):
    lecturer = Client(server.address, name="b" * 32)
    lecturer.train("units=32&epochs=30&batch=4&seed=7")
    send(server, signal.SIGSTOP)
    lecturer.wait(SLEEP_SECONDS)
    send(server, signal.SIGCONT)
    lecturer.close()
    again = Client(server.address, name="b" * 32)
    assert any(text.startswith(TRAINED) for text in wait_for_the_end(again).texts)
    again.close()
