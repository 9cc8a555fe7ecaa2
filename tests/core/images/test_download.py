"""What the network may do to a download, played by a server of our own."""

import contextlib
import errno
import hashlib
import http.server
import io
import subprocess
import sys
import tempfile
import threading
import time

import numpy as np
import pytest
from paths import ROOT

from mnist_core.images import dataset, download


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
    threading.Thread(target=server.serve_forever, args=[0.01], daemon=True).start()
    monkeypatch.setattr(download, "DOWNLOAD_URL", f"http://127.0.0.1:{server.server_port}/mnist.npz")
    monkeypatch.setattr("pooch.os_cache", lambda project: tmp_path / "cache")
    monkeypatch.setattr(download, "DOWNLOAD_TIMEOUTS", (1, 1))
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


def _hang(handler):
    time.sleep(3)


def _send_endlessly(handler):
    handler.send_response(200)
    handler.end_headers()
    with contextlib.suppress(OSError):  # until nobody listens any more
        while True:
            handler.wfile.write(bytes(65_536))


def _lead_in_circles(handler):
    handler.send_response(302)
    handler.send_header("Location", handler.path)
    handler.end_headers()


@pytest.mark.parametrize(
    ("serve", "sentence"),
    [
        (lambda handler: _send(handler, b"something else"), "failed its check and was thrown away"),
        (lambda handler: _send(handler, b"PK\x03\x04", length=1_000), "did not answer|failed its check"),
        (_refuse, "did not answer. Connect this machine, then restart."),
        (_stall, "did not answer"),
        (_hang, "did not answer"),
        (_send_endlessly, "more than 300,000 bytes came"),
        (_lead_in_circles, "leads on without end"),
    ],
    ids=["other content", "cut short", "refused", "stalled", "silent", "endless", "in circles"],
)
def test_a_bad_download_is_said_in_a_sentence_and_nothing_is_kept(network, monkeypatch, serve, sentence):
    monkeypatch.setattr(download, "MAX_DOWNLOAD_BYTES", 300_000)
    folder = network(serve)
    with pytest.raises(dataset.DataError, match=sentence):
        download.download_dataset()
    assert not folder.exists() or not any(folder.iterdir())


def test_a_folder_that_cannot_be_made_is_said_in_a_sentence(network, tmp_path):
    network(lambda handler: _send(handler, b""))
    (tmp_path / "cache").write_text("a file is in the way")
    with pytest.raises(dataset.DataError, match="could not be downloaded to"):
        download.download_dataset()


def test_a_download_that_trickles_for_too_long_is_given_up(network, monkeypatch):
    network(_send_endlessly)
    monkeypatch.setattr(download, "DOWNLOAD_SECONDS", 0)
    with pytest.raises(dataset.DataError, match="was not there after 0 seconds"):
        download.download_dataset()


def test_a_full_disk_is_said_in_a_sentence(network, monkeypatch):
    def full(*_, **__):
        raise OSError(errno.ENOSPC, "No space left on device")

    network(lambda handler: _send(handler, b"anything"))
    monkeypatch.setattr(tempfile, "NamedTemporaryFile", full)
    with pytest.raises(dataset.DataError, match=r"could not be downloaded to .*: No space left on device"):
        download.download_dataset()


@pytest.fixture
def small_mnist(monkeypatch):
    """Bytes of a small file in MNIST's form, which passes for the real one."""
    images, labels = np.zeros((400, 28, 28), np.uint8), (np.arange(400) % 10).astype(np.uint8)
    file = io.BytesIO()
    np.savez(file, x_train=images, y_train=labels, x_test=images[:10], y_test=labels[:10])
    monkeypatch.setattr(download, "DOWNLOAD_SHA256", hashlib.sha256(file.getvalue()).hexdigest())
    monkeypatch.setenv("MNIST_PATH", "")
    monkeypatch.setenv("KERAS_HOME", "/nowhere")
    return file.getvalue()


def _send_slowly_to_both(content, look):
    both = threading.Barrier(2)

    def serve(handler):
        both.wait(60)
        handler.send_response(200)
        handler.send_header("Content-Length", str(len(content)))
        handler.end_headers()
        for start in range(0, len(content), len(content) // 10):
            handler.wfile.write(content[start : start + len(content) // 10])
            time.sleep(0.02)
            look()

    return serve


SERVER = """
import sys
import pooch
from mnist_core.images import download
download.DOWNLOAD_URL, download.DOWNLOAD_SHA256, folder = sys.argv[1:]
pooch.os_cache = lambda project: folder
print(download.download_dataset().origin.kind)
"""
"""What a server's process does with a cache."""


def test_two_servers_that_download_at_once_share_a_folder_and_nobody_reads_half_a_file(network, small_mnist):
    seen = set()
    look = lambda: seen.update(path.name for path in folder.glob("*"))  # noqa: E731
    folder = network(_send_slowly_to_both(small_mnist, look))
    command = [sys.executable, "-c", SERVER, download.DOWNLOAD_URL, download.DOWNLOAD_SHA256, str(folder)]
    servers = [subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) for _ in range(2)]
    while any(server.poll() is None for server in servers):
        loaded = dataset.load_dataset()
        assert not loaded.problems
        time.sleep(0.02)
    assert [server.communicate()[0].strip() for server in servers] == ["download"] * 2
    assert len(seen - {"mnist.npz"}) == 2, "both were to write at once, each a file of its own"
    assert [path.name for path in folder.iterdir()] == ["mnist.npz"]


@pytest.mark.parametrize("n_bytes", [0, 100, 200_000])
def test_a_damaged_file_in_the_cache_is_said_and_the_next_download_replaces_it(
    network, small_mnist, n_bytes, sample
):
    folder = network(lambda handler: _send(handler, small_mnist))
    folder.mkdir()
    (folder / "mnist.npz").write_bytes(small_mnist[:n_bytes])
    before = dataset.load_dataset()
    assert before.fingerprint == sample.fingerprint
    assert "is damaged" in before.problems[0]
    download.download_dataset()
    after = dataset.load_dataset()
    assert after.origin.kind == "download"
    assert after.problems == ()
