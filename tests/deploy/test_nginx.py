"""What nginx before the dashboards keeps of their files."""

import http.client
import shutil
import socket
import subprocess
import threading
import time
import urllib.parse
import urllib.request
from collections import Counter
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from missing import end_test
from scaling import nginx_conf
from waiting import until

from benchmarks.harness.server import free_port
from hall.nginx import command

CONTENT = b"packed " * 1000
MAX_PAGES = 3
"""Of one address, in these tests."""


@pytest.fixture
def hall(tmp_path):
    """The address of nginx before one dashboard, and what that is asked."""
    if shutil.which("nginx") is None:
        end_test("no nginx on this machine")
    asked, leave = Counter(), threading.Event()

    class Dashboard(BaseHTTPRequestHandler):
        def do_GET(self):
            asked[self.path, self.headers.get("Accept-Encoding", "")] += 1
            if "Upgrade" in self.headers:
                leave.wait(20)
            self.send_response(200)
            if "gzip" in self.headers.get("Accept-Encoding", ""):
                self.send_header("Content-Encoding", "gzip")
            is_hashed = self.path.startswith("/static/")
            self.send_header(
                "Cache-Control", "public, immutable, max-age=31536000" if is_hashed else "no-cache"
            )
            self.send_header("Content-Type", "application/javascript")
            self.send_header("Vary", "Accept-Encoding")
            self.send_header("Content-Length", str(len(CONTENT)))
            self.end_headers()
            self.wfile.write(CONTENT)

        def log_message(self, *_):
            pass

    dashboard = ThreadingHTTPServer(("127.0.0.1", 0), Dashboard)
    threading.Thread(target=dashboard.serve_forever, args=[0.01], daemon=True).start()
    port, behind = free_port(), f"127.0.0.1:{dashboard.server_port}"
    conf = nginx_conf(tmp_path, f"127.0.0.1:{port}", behind, behind)
    assert "one_address 1000;" in conf.read_text()
    conf.write_text(conf.read_text().replace("one_address 1000;", f"one_address {MAX_PAGES};"))
    started = command(tmp_path, conf)
    with (tmp_path / "log").open("w") as log:
        nginx = subprocess.Popen(started, stderr=log)
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        try:
            ask(f"http://127.0.0.1:{port}/ready", "")
            break
        except OSError:
            assert nginx.poll() is None, (tmp_path / "log").read_text()
    yield f"http://127.0.0.1:{port}", asked
    leave.set()
    nginx.terminate()
    nginx.wait(10)
    dashboard.shutdown()
    dashboard.server_close()


def ask(address, accepted):
    request = urllib.request.Request(address, headers={"Accept-Encoding": accepted})
    with urllib.request.urlopen(request, timeout=10) as answer:
        return answer.headers, answer.read()


def test_a_file_is_asked_for_once_and_stays_as_the_dashboard_compressed_it(hall):
    address, asked = hall
    for accepted in ("gzip, deflate", "br, gzip", "gzip"):
        headers, body = ask(f"{address}/static/js/index.abc.js", accepted)
        assert (headers["Content-Encoding"], body) == ("gzip", CONTENT)
        assert headers.get_all("X-Content-Type-Options") == ["nosniff"]
    assert asked["/static/js/index.abc.js", "gzip"] == 1
    headers, body = ask(f"{address}/static/js/index.abc.js", "identity")
    assert (headers["Content-Encoding"], body) == (None, CONTENT)


def test_a_page_is_asked_for_each_time(hall):
    address, asked = hall
    for _ in range(2):
        ask(f"{address}/train", "gzip")
    assert asked["/train", "gzip"] == 2


def test_one_address_has_so_many_pages_open_and_files_as_before(hall):
    address, asked = hall
    where = urllib.parse.urlsplit(address)
    pages = [http.client.HTTPConnection(where.hostname, where.port, timeout=20) for _ in range(MAX_PAGES + 1)]
    for page in pages[:-1]:
        page.request("GET", "/_stcore/stream", headers={"Upgrade": "websocket", "Connection": "Upgrade"})
    until(lambda: asked["/_stcore/stream", "identity"] == MAX_PAGES)
    pages[-1].request("GET", "/_stcore/stream", headers={"Upgrade": "websocket", "Connection": "Upgrade"})
    with pages[-1].getresponse() as refused:
        assert refused.status == 429
    assert ask(f"{address}/train", "gzip")[1] == CONTENT
    for page in pages:
        page.close()


def test_a_link_may_name_the_dashboard_and_the_browser_stays_there(tmp_path):
    if shutil.which("nginx") is None:
        end_test("no nginx on this machine")

    def dashboard(number):
        class Dashboard(BaseHTTPRequestHandler):
            def do_GET(self):
                self.send_response(200)
                self.send_header("Content-Length", "1")
                self.end_headers()
                self.wfile.write(number)

            def log_message(self, *_):
                pass

        server = ThreadingHTTPServer(("127.0.0.1", 0), Dashboard)
        threading.Thread(target=server.serve_forever, args=[0.01], daemon=True).start()
        return server

    dashboards, port = [dashboard(number) for number in (b"1", b"2")], free_port()
    behind = [f"127.0.0.1:{server.server_port}" for server in dashboards]
    nginx = subprocess.Popen(command(tmp_path, nginx_conf(tmp_path, f"127.0.0.1:{port}", *behind)))

    def asked(path, cookie=""):
        headers = {"Cookie": cookie} if cookie else {}
        request = urllib.request.Request(f"http://127.0.0.1:{port}{path}", headers=headers)
        with urllib.request.urlopen(request, timeout=10) as answer:
            return answer.read().decode(), (answer.headers["Set-Cookie"] or "").split(";")[0]

    def listens():
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", port)) == 0

    try:
        until(listens)
        for number in "12" * 4:
            kept = f"mlp_replica={number}"
            assert asked(f"/tour?remote=x&replica={number}") == (number, kept)
            assert asked(f"/tour?replica={number}", "mlp_replica=" + "21"[int(number) - 1]) == (number, kept)
            assert asked("/_stcore/health", kept) == (number, "")
        assert asked("/?replica=9")[0] in "12"
    finally:
        nginx.terminate()
        nginx.wait(10)
        for server in dashboards:
            server.shutdown()
            server.server_close()
