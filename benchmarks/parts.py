"""What the parts of a running server cost, from samples of what its threads do.

py-spy looks at the server a hundred times a second and notes who holds the interpreter. Each sample counts
for the innermost part that it passes through: what Plotly asks `json` to do is the figures' cost.
"""

import re
import subprocess
import tempfile
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

SAMPLES_A_SECOND: Final = 100
PARTS: Final = {
    "figures": r"/plotly/|/_plotly_utils/|/mnist_core/figures/",
    "messages": r"/google/protobuf/|/streamlit/proto/|/forward_msg|/runtime_util\.py|/uvicorn/|/websockets/"
    r"|/starlette/|/asyncio/",
    "Dask": r"/distributed/|/dask/|/tornado/",
    "library": r"/mnist_core/",
    "pages": r"/dashboard/|/pages/|/app\.py",
    "Streamlit": r"/streamlit/",
}
"""By a pattern of the files; the first that fits counts. What fits none is "other"."""
_PATTERNS: Final = {part: re.compile(pattern) for part, pattern in PARTS.items()}


@contextmanager
def sampled(pid: int) -> Iterator[Counter[str]]:
    """Count samples of a process by part until the block ends; the counter is filled then.

    Raises:
        FileNotFoundError: py-spy is not installed.
    """
    counts: Counter[str] = Counter()
    with tempfile.TemporaryDirectory() as folder:
        samples = Path(folder) / "samples"
        command = ["py-spy", "record", "--pid", str(pid), "--gil", "--full-filenames", "--format", "raw"]
        command += ["--rate", str(SAMPLES_A_SECOND), "--duration", "unlimited", "--output", str(samples)]
        quiet = subprocess.DEVNULL
        spy = subprocess.Popen(command, stdout=quiet, stderr=quiet)
        yield counts
        spy.send_signal(2)  # as Ctrl-C, upon which it writes what it has
        spy.wait(60)
        for line in samples.read_text(encoding="utf-8").splitlines():
            stack, _, count = line.rpartition(" ")
            counts[part_of(stack.split(";"))] += int(count)


def part_of(frames: list[str]) -> str:
    """The part of a sample.

    Args:
        frames: From the outermost to the innermost, each with the name of its file.
    """
    for frame in reversed(frames):
        for part, pattern in _PATTERNS.items():
            if pattern.search(frame):
                return part
    return "other"
