"""The configuration of nginx, for any number of dashboards, from the template of `deploy/`."""

import os
import re
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Final

TEMPLATE: Final = Path(__file__).parents[1] / "deploy" / "nginx.conf.template"
_OF_DASHBOARDS: Final = re.compile(r"(?<=    # Dashboards begin\.\n).*(?=    # Dashboards end\.\n)", re.S)


def configuration(listening: str, dashboards: Sequence[str], resolver: str = "127.0.0.1") -> str:
    """What nginx reads.

    Args:
        listening: A port, or an address and a port.
        dashboards: Host and port of each.
        resolver: Who knows their names; numbers need none.
    """
    text = _OF_DASHBOARDS.sub(lambda _: _maps(len(dashboards)), TEMPLATE.read_text(encoding="utf-8"))
    filled = {f"REPLICA_{number}": address for number, address in enumerate(dashboards, 1)}
    for name, value in {**filled, "PORT": listening, "RESOLVER": resolver}.items():
        text = text.replace(f"${{{name}}}", value)
    return text


def command(folder: Path, conf: Path) -> list[str]:
    """What starts nginx in the foreground, with its files in a folder.

    Raises:
        FileNotFoundError: There is no nginx on this machine.
    """
    program = shutil.which("nginx")
    if program is None:
        raise FileNotFoundError("There is no nginx on this machine.")
    # Started by root, it would give up its rights, and with them the folder.
    user = " user root;" if os.name == "posix" and os.geteuid() == 0 else ""
    return [program, "-e", "stderr", "-p", f"{folder}/", "-c", str(conf), "-g", f"daemon off;{user}"]


def _maps(n: int) -> str:
    """Who is where: the part of the template that differs with the number of dashboards."""
    numbers = range(1, n + 1)
    shares = [f"{100 / n:.4g}% {number};" for number in numbers[:-1]]
    addresses = [f"{number} ${{REPLICA_{number}}};" for number in numbers[:-1]]
    addresses.append(f"default ${{REPLICA_{n}}};")
    blocks = {
        "split_clients $request_id $by_chance": [*shares, f"* {n};"],
        "map $wanted $first": [*(f"{i} {i};" for i in numbers), "default $by_chance;"],
        "map $first $second": [*(f"{i} {i + 1};" for i in numbers[:-1]), "default 1;"],
        "map $first $first_address": addresses,
        "map $second $second_address": addresses,
    }
    return "".join(
        f"    {head} {{\n{''.join(f'        {line}{chr(10)}' for line in lines)}    }}\n"
        for head, lines in blocks.items()
    )
