"""What a phone that was never here costs: all files of a page, fetched as a browser fetches them.

`python -m benchmarks.files` starts the dashboard, lets Chromium open the page to join a class and notes which
files it asks for, and then fetches them for phone after phone over six connections each. It prints what one
phone cost the server's core and was sent, and how long a whole class of them waited.
"""

import argparse
import asyncio
import gzip
import time
from collections.abc import Sequence
from functools import cache
from urllib.parse import urlsplit

from benchmarks.browser import browser
from benchmarks.harness.server import Server

CONNECTIONS = 6
"""To one server at a time, as browsers have it."""


@cache
def files_of(page: str) -> tuple[str, ...]:
    """The paths that a new browser asks for when it opens a page, without Streamlit's own protocol.

    Found once, with a server of its own: call it before others start.
    """
    paths: list[str] = []
    with browser() as (opened, address):
        tab = opened.new_page()
        tab.on("request", lambda request: paths.append(urlsplit(request.url).path))
        tab.goto(f"{address}/{page}")
        tab.get_by_role("heading", level=1).first.wait_for(timeout=60_000)
    return tuple(path for path in dict.fromkeys(paths) if "/_stcore" not in path and path.startswith("/"))


async def phone(port: int, paths: Sequence[str]) -> int:
    """Fetch all of them once.

    Returns:
        Bytes of the answers' bodies, as they were sent.
    """
    left = list(reversed(paths))
    return sum(await asyncio.gather(*(_connection(port, left) for _ in range(CONNECTIONS))))


async def _connection(port: int, left: list[str]) -> int:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    n_bytes = 0
    while left:
        head = f"GET {left.pop()} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nAccept-Encoding: gzip\r\n\r\n"
        writer.write(head.encode())
        answer = (await reader.readuntil(b"\r\n\r\n")).lower()
        length = int(answer.partition(b"content-length: ")[2].partition(b"\r\n")[0])
        body = await reader.readexactly(length)
        if not answer.startswith(b"http/1.1 200") or (
            b"encoding: gzip" in answer and not gzip.decompress(body)
        ):
            raise RuntimeError(answer.decode())
        n_bytes += length
    writer.close()
    return n_bytes


async def hall(port: int, paths: Sequence[str], n_phones: int) -> int:
    """Many phones at once; the bytes sent to all."""
    return sum(await asyncio.gather(*(phone(port, paths) for _ in range(n_phones))))


def main() -> None:
    """Measure one phone after another, and a class at once."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--page", default="join")
    parser.add_argument("--phones", type=int, default=50)
    asked = parser.parse_args()
    paths = files_of(asked.page)
    with Server("app.py") as server:
        asyncio.run(phone(server.port, paths))
        time.sleep(10)  # the files are compressed by then
        before = server.cpu_seconds()
        for _ in range(10):
            n_bytes = asyncio.run(phone(server.port, paths))
        cost = (server.cpu_seconds() - before) / 10
        print(f"{len(paths)} files of {asked.page}: {1000 * cost:.0f} ms, {n_bytes / 1e6:.2f} MB a phone")
        begun = time.perf_counter()
        asyncio.run(hall(server.port, paths, asked.phones))
        print(f"{asked.phones} phones at once: {time.perf_counter() - begun:.1f} s")


if __name__ == "__main__":
    main()
