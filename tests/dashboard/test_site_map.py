"""The site map is the one list of pages."""

import ast

from paths import ROOT

from dashboard.site_map import BY_STEM, OVERVIEW, PAGES

PRODUCT = [
    ROOT / "app.py",
    *(path for room in ("dashboard", "pages", "mnist_core") for path in (ROOT / room).rglob("*.py")),
]


def literals(path):
    """The strings of a module, without its docstrings; of one that says nothing of pages none."""
    text = path.read_text()
    tree = ast.parse(text if "pages/" in text else "")
    statements = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    constants = (node for node in ast.walk(tree) if isinstance(node, ast.Constant))
    return [node.value for node in constants if isinstance(node.value, str) and id(node) not in statements]


def test_every_script_in_pages_is_in_the_site_map_and_has_its_text_beside_it():
    scripts = {path.relative_to(ROOT).as_posix() for path in (ROOT / "pages").glob("*/*.py")}
    assert {page.path for page in PAGES} == scripts
    assert len(PAGES) == len(BY_STEM) == len(scripts)
    assert all((ROOT / page.path).with_suffix(".md").is_file() for page in PAGES)


def test_an_address_is_the_stem_and_the_overview_has_the_empty_address():
    assert OVERVIEW.address == ""
    assert [page.address for page in PAGES if page != OVERVIEW] == [page.stem for page in PAGES[1:]]


def test_no_module_but_the_site_map_names_a_page_by_its_path():
    naming = {path.name for path in PRODUCT if any(text.startswith("pages/") for text in literals(path))}
    assert naming == {"site_map.py"}
