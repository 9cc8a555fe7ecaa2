"""What is tested and measured is what people start: the README's command, and nothing else."""

import re
from pathlib import Path

import psutil
from hostile import Client
from one_server import NOWHERE

from benchmarks.harness.server import ROOT, command, project_folder

ALLOWED = {"--server.headless", "--server.port", "--server.address"}
"""Options that change where a server listens, and not what it does."""
OPTION = re.compile(r"--(?:server|runner|client|browser|global|logger|theme)\.\w+")
STARTERS = sorted(
    {*ROOT.glob("tests/**/*.py"), *ROOT.glob("benchmarks/**/*.py"), *ROOT.glob("deploy/*")} - {Path(__file__)}
)
TEXTS = {path: path.read_text() for path in STARTERS}


def options(text):
    return set(OPTION.findall(text))


def test_the_readme_starts_it_with_no_option():
    lines = [line for line in (ROOT / "README.md").read_text().splitlines() if "streamlit run app.py" in line]
    assert lines
    assert not set().union(*map(options, lines))


def test_the_command_of_tests_and_benchmarks_adds_where_it_listens_and_nothing_else():
    started = command(8501)
    assert started[1:5] == ["-m", "streamlit", "run", "app.py"]
    assert {option.split("=")[0] for option in started[5:]} < ALLOWED


def test_no_test_benchmark_or_container_passes_another_option():
    assert {
        path.name: options(text) - ALLOWED for path, text in TEXTS.items() if options(text) - ALLOWED
    } == {}


def test_no_test_or_benchmark_starts_a_server_in_another_way():
    started = re.compile(r"[\"']streamlit[\"'], [\"']run[\"']")
    starting = {path.name for path, text in TEXTS.items() if started.search(text)}
    assert starting == {"server.py", "Dockerfile"}


def test_no_test_benchmark_or_container_sets_an_option_by_its_environment():
    named = {
        (path.name, name)
        for path, text in TEXTS.items()
        for name in re.findall(r"(?<!_)STREAMLIT_[A-Z_]+", text)
        if name != "STREAMLIT_SERVER_COOKIE_SECRET"
    }
    assert named == {
        ("pages.py", "STREAMLIT_RUNNER_POST_SCRIPT_GC")
    }  # its empty page is Streamlit's, not ours


def test_the_folder_has_what_the_readmes_installation_leaves_there():
    folder = project_folder()
    assert (folder / "app.py").is_file()
    assert sum(1 for _ in (folder / ".venv").rglob("*.py")) >= 3_000
    assert not (folder / ".git").exists()


def test_it_shows_pages_and_trains_without_a_home_or_a_place_for_temporary_files(strangers):
    home = psutil.Process(strangers.pid).environ()
    assert [home[name] for name in ("HOME", "TMPDIR")] == [NOWHERE, NOWHERE]
    client = Client(strangers.address)
    client.wait_until_trained()
    answer = client.ask("evaluate")
    assert "no trained network" not in " ".join(answer.texts)
    assert not answer.exceptions
    client.close()
    log = Path(strangers.log).read_text()
    failures = re.findall(r"^[\w.]+(?:Error|Exception): .*", log, re.MULTILINE)
    assert [line for line in failures if NOWHERE in line or "temporary" in line] == []


def test_no_test_or_benchmark_hands_options_to_its_server():
    handed = re.compile(r"(?:[Ss]erver|dashboard)\([^)]*\boptions=")
    assert [path.name for path, text in TEXTS.items() if handed.search(text)] == []
