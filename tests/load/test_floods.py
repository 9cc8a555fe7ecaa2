"""What clients that mean harm send in masses costs the log a few lines, and nobody else a second."""

import re
import socket
import time
from contextlib import ExitStack, suppress
from http.client import HTTPConnection

import pytest
from hostile import Client
from servers import sample_server
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.WidgetStates_pb2 import WidgetState
from websockets.exceptions import WebSocketException
from websockets.sync.client import connect

from benchmarks.harness.server import LOCAL
from mnist_core.bounds import MAX_SILENT_SECONDS

pytestmark = pytest.mark.load
N_SILENT = 1_100
N_MESSAGES, N_CONNECTIONS, N_RUNS = 5_000, 100, 50
HALVES = {
    "nothing": b"",
    "half a request line": b"GET /_stco",
    "half of the headers": b"GET / HTTP/1.1\r\nHost: a\r\nUser-Ag",
    "a body that never comes": b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1000\r\n\r\n",
    "an upload of nobody": b"PUT /_stcore/upload_file/a/b HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\n",
}


class Running:
    """A server and its log."""

    def __init__(self, server, log):
        self.server, self._log = server, log

    def lines(self):
        """The log's."""
        return self._log.read_text().splitlines()


@pytest.fixture(scope="module")
def running(tmp_path_factory):
    log = tmp_path_factory.mktemp("server") / "log.txt"
    with sample_server(log) as server:
        yield Running(server, log)


def seconds_of_click(client):
    begun = time.monotonic()
    assert client.ask("glossary").is_finished
    return time.monotonic() - begun


def ended(opened):
    """Whether the server has ended a connection, after whatever it had to say."""
    with suppress(BlockingIOError):
        try:
            while opened.recv(65_536):
                pass
        except ConnectionResetError:
            pass
        return True
    return False


def test_connections_that_say_nothing_end_after_ten_seconds_and_hold_nobody_up(running):
    port, times = running.server.port, {}
    with ExitStack() as stack:
        client = Client(running.server.address)
        stack.callback(client.close)
        idle = stack.enter_context(
            connect(f"ws://{LOCAL}:{port}/_stcore/stream", subprotocols=["streamlit"], max_size=None)
        )
        seconds_of_click(client)
        begun = time.monotonic()
        left = []
        for number in range(N_SILENT):
            opened = stack.enter_context(socket.create_connection((LOCAL, port), timeout=10))
            words, content = list(HALVES.items())[number % len(HALVES)]
            opened.sendall(content)
            opened.setblocking(False)
            left.append((words, opened))
        clicks = []
        while left and time.monotonic() - begun < MAX_SILENT_SECONDS + 6:
            clicks.append(seconds_of_click(client))
            closed = {number for number, (_, opened) in enumerate(left) if ended(opened)}
            for number in closed:
                times.setdefault(left[number][0], []).append(time.monotonic() - begun)
            left = [pair for number, pair in enumerate(left) if number not in closed]
            client.wait(0.2)
        assert not {words for words, _ in left}
        assert max(clicks) < 1
        for words in ("nothing", "half a request line", "half of the headers"):
            assert min(times[words]) > MAX_SILENT_SECONDS - 2, words
        idle.ping().wait(5)
        client.wait(max(0, MAX_SILENT_SECONDS + 2 - (time.monotonic() - begun)))
        assert idle.ping().wait(5)  # has not asked for a page yet, and is no connection of HTTP


def test_a_body_of_200_megabytes_is_refused_and_kept_nowhere(running):
    client = Client(running.server.address)
    client.ask("draw")
    connection = HTTPConnection(LOCAL, running.server.port, timeout=30)
    connection.request("GET", "/_stcore/health")
    answer = connection.getresponse()
    answer.read()
    token = re.search(r"_streamlit_xsrf=([^;]+)", answer.headers["Set-Cookie"])[1]
    headers = {
        "X-Xsrftoken": token, "Cookie": f"_streamlit_xsrf={token}",
        "Content-Type": "multipart/form-data; boundary=a",
    }  # fmt: skip
    sizes = [running.server.megabytes()[0]]

    def parts():
        yield b'--a\r\nContent-Disposition: form-data; name="file"; filename="a"\r\n\r\n'
        for _ in range(200):
            yield bytes(1_000_000)
            sizes.append(running.server.megabytes()[0])

    connection.request(
        "PUT", f"/_stcore/upload_file/{client.session}/0", parts(), headers, encode_chunked=True
    )
    assert connection.getresponse().status == 413
    connection.close()
    assert max(sizes) - sizes[0] < 50
    assert seconds_of_click(client) < 1
    client.close()


def debug_messages(address):
    for name in ("debug_disconnect_websocket", "debug_shutdown_runtime"):
        message, client = BackMsg(**{name: True}).SerializeToString(), Client(address)
        for _ in range(N_MESSAGES):
            client.say(message)
        assert client.ask("glossary").is_finished
        client.close()


def numbers_that_are_none(address):
    client = Client(address)
    shown = client.ask("train").widgets
    fields = [name for name, element in shown.items() if element.WhichOneof("type") == "number_input"]
    assert fields
    for _ in range(N_RUNS):
        client.ask("train", [WidgetState(id=fields[0], double_value=float("nan"))])
    client.close()


def broken_messages(address):
    for content in (b"\xff" * 100, "text"):
        for _ in range(N_CONNECTIONS):
            client = Client(address)
            client.say(content)
            client.close()


def foreign_pages(address):
    for number in range(N_CONNECTIONS):
        with pytest.raises(WebSocketException):
            Client(address, origin=f"http://evil{number}.test")


def wrong_hosts(address):
    for number in range(N_CONNECTIONS):
        connection = HTTPConnection(address.removeprefix("http://"), timeout=10)
        connection.request("GET", "/nothing", headers={"Host": f"evil{number}.test; x"})
        connection.getresponse().read()
        connection.close()


FLOODS = (debug_messages, numbers_that_are_none, broken_messages, foreign_pages, wrong_hosts)


@pytest.mark.parametrize("flood", FLOODS)
def test_a_flood_adds_its_words_to_the_log_once(running, flood):
    start = running.lines()
    flood(running.server.address)
    first = running.lines()
    flood(running.server.address)
    second = running.lines()
    assert len(first) - len(start) <= 150  # a traceback of each kind
    assert len(second) - len(first) <= 3  # a minute may be over


def test_at_the_end_the_log_says_what_it_left_out(running):
    running.server.stop()
    summaries = "\n".join(line for line in running.lines() if "The log left out" in line)
    for words in ("Client tried to disconnect websocket", "Client tried to shut down runtime"):
        counts = re.findall(rf"([\d,]+) × “{words}", summaries)
        assert sum(int(count.replace(",", "")) for count in counts) in (
            2 * N_MESSAGES - 1,
            2 * N_MESSAGES - 2,
        )
    assert "WebSocket" not in summaries
