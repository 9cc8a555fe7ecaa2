"""Known weaknesses of the packages installed here, as information: it fails nothing, and is done in a minute.

`python .ci/audit.py` asks pip-audit (Apache-2.0), which is installed apart and thrown away again. Where the
list of weaknesses cannot be reached, it says so.
"""

import json
import subprocess
import sys
import sysconfig
import tempfile
import time
from pathlib import Path

TOOL = "pip-audit==2.10.1"
SECONDS = 60


def audit(folder: Path, ends: float) -> str:
    """What is known, in a few lines.

    Raises:
        OSError: The tool could not be installed or run.
        subprocess.SubprocessError: The same, or it took too long.
        ValueError: It answered with something else than a report.
    """
    options = {"capture_output": True, "text": True}
    subprocess.run([sys.executable, "-m", "venv", folder], check=True, timeout=SECONDS / 2, **options)
    python = folder / ("Scripts" if sys.platform == "win32" else "bin") / "python"
    install = [python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", TOOL]
    subprocess.run(install, check=True, timeout=ends - time.monotonic(), **options)
    ask = [python, "-m", "pip_audit", "--format=json", "--progress-spinner=off", "--timeout=5"]
    ask.append(f"--path={sysconfig.get_path('purelib')}")
    done = subprocess.run(ask, check=False, timeout=max(1.0, ends - time.monotonic()), **options)
    packages = json.loads(done.stdout)["dependencies"]
    known = [package for package in packages if "vulns" in package]
    if not known:
        raise ValueError(f"none of {len(packages)} packages could be looked up")
    weak = [
        f"  {package['name']} {package['version']}: {weakness['id']}, "
        f"mended in {', '.join(weakness['fix_versions']) or 'no version yet'}"
        for package in known
        for weakness in package["vulns"]
    ]
    return "\n".join([f"{len(weak)} known weaknesses in {len(known)} of {len(packages)} packages.", *weak])


def main() -> None:
    """Print it, or why there is nothing to print."""
    try:
        with tempfile.TemporaryDirectory() as folder:
            print(audit(Path(folder), time.monotonic() + SECONDS))
    except (OSError, subprocess.SubprocessError, ValueError, KeyError, TypeError) as error:
        reason = " ".join(str(error).split())[:200]
        print(f"Nothing is known of weaknesses in the packages: the list could not be asked ({reason}).")


if __name__ == "__main__":
    main()
