"""What the network may do to a download, played by a server of our own."""

import http.server
import threading
import time

import pytest

from mnist_core import data


class Answer(http.server.BaseHTTPRequestHandler):
    """Sends what the test's server holds."""

    def do_GET(self):  # noqa: D102 - named by the library
        self.server.serve(self)

    def log_message(self, *_):  # noqa: D102
        pass


@pytest.fixture
def network(monkeypatch, tmp_path):
    """Start a server whose answer the test chooses; the cache is the test's own folder."""
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Answer)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    monkeypatch.setattr(data, "DOWNLOAD_URL", f"http://127.0.0.1:{server.server_port}/mnist.npz")
    monkeypatch.setattr(data, "_download_path", lambda: tmp_path / "cache" / "mnist.npz")
    monkeypatch.setattr(data, "DOWNLOAD_TIMEOUTS", (1, 1))
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")

    def answer_with(serve):
        server.serve = serve
        return tmp_path / "cache"

    yield answer_with
    server.shutdown()
    server.server_close()


def _send(handler, body, length=None):
    handler.send_response(200)
    handler.send_header("Content-Length", str(len(body) if length is None else length))
    handler.end_headers()
    handler.wfile.write(body)


def _refuse(handler):
    handler.send_response(503)
    handler.end_headers()


def _stall(handler):
    _send(handler, b"PK", length=1_000_000)
    time.sleep(3)


@pytest.mark.parametrize(
    ("serve", "sentence"),
    [
        (lambda handler: _send(handler, b"something else"), "failed its check and was thrown away"),
        (lambda handler: _send(handler, b"PK\x03\x04", length=1_000), "did not answer|failed its check"),
        (_refuse, "did not answer"),
        (_stall, "did not answer"),
    ],
    ids=["other content", "cut short", "refused", "stalled"],
)
def test_a_bad_download_is_said_in_a_sentence_and_nothing_is_kept(network, serve, sentence):
    folder = network(serve)
    with pytest.raises(data.DataError, match=sentence):
        data.download_dataset()
    assert not folder.exists() or not any(folder.iterdir())


def test_a_folder_that_cannot_be_made_is_said_in_a_sentence(network, tmp_path):
    network(lambda handler: _send(handler, b""))
    (tmp_path / "cache").write_text("a file is in the way")
    with pytest.raises(data.DataError, match="could not be downloaded to"):
        data.download_dataset()
