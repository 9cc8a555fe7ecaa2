"""What the documents name is there: files, and functions or tables in them."""

import re
from pathlib import Path

import pytest
from paths import ROOT

DOCUMENTS = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *(ROOT / "docs").glob("*.md")]
PATH = re.compile(r"`((?:\.?[\w-]+/)+[\w.-]*)`")
NAME_IN_FILE = re.compile(r"`@?(\w+)` of `([\w/.-]+\.py)`")
NAME_IN_MODULE = re.compile(r"`@?(?:[a-z_]+\.)*([a-z_]+)\.(\w+)(?:\(\))?`")
PRODUCT = {
    path.stem: path.read_text()
    for room in ("mnist_core", "dashboard", "benchmarks")
    for path in (ROOT / room).rglob("*.py")
    if path.stem != "__init__"
}


def is_there(name):
    """A path from the top, a module without its ending, or one of the tests."""
    return any(
        (folder / name).exists() or (folder / f"{name}.py").exists() for folder in (ROOT, ROOT / "tests")
    )


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_every_path_that_a_document_names_is_there(document):
    assert [name for name in PATH.findall(document.read_text()) if not is_there(name)] == []


def test_the_table_of_what_to_touch_names_what_is_in_its_files():
    named = NAME_IN_FILE.findall((ROOT / "CONTRIBUTING.md").read_text())
    assert len(named) > 5
    assert [
        (name, path) for name, path in named if not re.search(rf"\b{name}\b", (ROOT / path).read_text())
    ] == []


def test_the_functions_that_contributing_names_are_in_their_modules():
    named = NAME_IN_MODULE.findall((ROOT / "CONTRIBUTING.md").read_text())
    known = [(module, name) for module, name in named if module in PRODUCT]
    assert len(known) > 10
    assert [
        f"{module}.{name}" for module, name in known if not re.search(rf"\b{name}\b", PRODUCT[module])
    ] == []


def test_the_benchmarks_that_the_readme_excepts_are_those_without_json():
    said = (ROOT / "README.md").read_text().split("## Benchmarks")[1]
    listed, (excepted,) = (
        set(re.findall(r"benchmarks\.(\w+)`", said)),
        re.findall(r"all but (.*?) take", said),
    )
    scripts = {name: PRODUCT.get(name, "") for name in listed - {"pictures"}}
    scripts["storm"] = (ROOT / "benchmarks/storm/__main__.py").read_text()
    lacking = {name for name, script in scripts.items() if "--json" not in script}
    assert lacking == set(re.findall(r"`(\w+)`", excepted))


def test_every_test_in_a_browser_is_in_the_folder_that_its_tier_reads():
    tests = [path for path in (ROOT / "tests").rglob("test_*.py") if path != Path(__file__)]
    marked = [path for path in tests if "pytest.mark.browser" in path.read_text()]
    assert {path.parent.name for path in marked} == {"browser"}
    assert len(marked) > 10


def test_ci_and_a_commit_are_checked_by_one_command():
    for path in (".ci/run", ".pre-commit-config.yaml"):
        assert ".ci/check" in (ROOT / path).read_text()
    assert ".ci/run" in (ROOT / ".github/workflows/ci.yml").read_text()
