"""One word for one thing: nothing that a visitor reads is written in a word that the list does without.

Searched are the texts beside the pages and, in the code, every string that is neither a docstring nor a line
of the log. CONTRIBUTING has the same list for people.
"""

import ast
import re
from functools import cache

import pytest
from paths import ROOT

REWRITTEN_ELSEWHERE: tuple[str, ...] = ()

BANNED = {
    "passes on": (r"\bpass(es|ed|ing)? on\b", "outputs, its output"),
    "derivative by": (
        r"\bderivatives?\b[^.;:,]{0,40}\bby (a |the |this |that |each |its )?"
        r"(weight|bias|input|parameter|pixel|logit|value)",
        "derivative with respect to",
    ),
    "reads right": (
        r"\bread(s|ing)?\b[^.;:,()?!\n]{0,40}(?<!to )(?<!\{)\bright\b"
        r"(?! (digit|answer|label|one|hand|side|away))",
        "reads correctly",
    ),
    "an epoch (for each)": (
        r"\b(updates?|steps?|batches|images?|numbers?|seconds?|activations?|values?) an? "
        r"(epoch|image|second(?! time)|digit|update|batch|run|neuron)\b"
        r"|\b(updates?|times|images) (\w+ ){1,3}an epoch\b",
        "per epoch, per image",
    ),
    "nobody": (r"\bnobody\b", "no one in particular: say who does it, or use the passive"),
    "whoever": (r"\bwhoever\b", "the person who, if you"),
    "one could": (r"\bone (could|can|may|might|has to|must)\b", "you can"),
    "had each": (r"\bhad (each|every|all|the|it|they) ", "if each had"),
    "is no share": (r"\b(is|are|was|were) no (share|promise|proof|number|sample|list|drawing)\b", "is not a"),
    ", for (because)": (r", for (?=(it|they|he|she|we|there) )", "because"),
    "as many": (r"\bas many\b", "the same number of, twice the number of"),
    "the layer before": (r"\blayer before\b", "the previous layer"),
    "equally many": (r"\bequally many\b", "the same number of"),
    "a space before %": (r"[\d}] %(?![%{a-z(])|\u00a0%", "96.5%"),
    "run off to infinity": (r"\bbeyond all bounds\b|\brun off to infinity\b", "grew without limit"),
    "the train page": (r"\bthe train page\b", "the page **Train**"),
    "MNIST's test images": (
        r"MNIST[’']s ([^ .;]+ )?test images",
        "the usual test images: there may be a sample",
    ),
    "mixes up": (r"\bmix(es|ed|ing)? (\w+ )?up\b", "confuses"),
}
"""By what it is called in CONTRIBUTING: what finds it, and what stands there instead."""


def is_waiting(path):
    return str(path.relative_to(ROOT)).startswith(REWRITTEN_ELSEWHERE)


def prose_of(markdown):
    """Text as it is read: without code, formulas and the targets of links."""
    plain = re.sub(r"```.*?```", " ", markdown, flags=re.S)
    plain = re.sub(r"`[^`\n]*`|\$[^$\n]*\$", "·", plain)
    return re.sub(r"\]\([^)]*\)", "]", plain)


def strings_of(source):
    """The strings of a script, without its docstrings, what it logs, and what it looks up by a key."""
    tree = ast.parse(source)
    unread = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            unread.add(node.value)  # also a docstring of a constant
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            if isinstance(node.func.value, ast.Name) and node.func.value.id in ("_log", "_uncaught"):
                unread.update(ast.walk(node))
        elif isinstance(node, ast.Subscript):
            unread.update(ast.walk(node.slice))
        elif isinstance(node, ast.JoinedStr):
            unread.update(part for part in node.values if isinstance(part, ast.Constant))
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and node not in unread:
            yield node.value
        elif isinstance(node, ast.JoinedStr) and node not in unread:
            yield "".join(part.value if isinstance(part, ast.Constant) else "{}" for part in node.values)


def script_of(javascript):
    """A script for browsers without its comments."""
    return re.sub(r"/\*.*?\*/|(^|\s)//[^\n]*", " ", javascript, flags=re.S)


@cache
def texts():
    """Everything that a visitor may read, by the file it stands in."""
    found = {path: [prose_of(path.read_text())] for path in (ROOT / "pages").rglob("*.md")}
    for folder in ("pages", "dashboard", "mnist_core"):
        for path in (ROOT / folder).rglob("*.py"):
            found[path] = list(strings_of(path.read_text()))
    for path in (ROOT / "dashboard/components").rglob("*.js"):
        found[path] = [script_of(path.read_text())]
    return {path: parts for path, parts in found.items() if not is_waiting(path)}


@pytest.mark.parametrize("name", BANNED)
def test_no_text_has_a_word_that_the_list_does_without(name):
    pattern = re.compile(BANNED[name][0], re.I)
    found = [
        f"{path.relative_to(ROOT)}: …{part[max(0, hit.start() - 30) : hit.end() + 30]!r}…"
        for path, parts in texts().items()
        for part in parts
        for hit in pattern.finditer(part)
    ]
    assert found == [], f"say {BANNED[name][1]!r} instead"


def test_the_texts_are_those_of_pages_figures_and_errors():
    together = {path.relative_to(ROOT).as_posix(): " ".join(parts) for path, parts in texts().items()}
    assert "Opens" not in together["pages/lab/code.md"].split("## keras")[1].split("##")[0]
    assert "Expected calibration error" in together["pages/reference/glossary.md"]
    assert (
        "Reliability diagram; expected calibration error" in together["mnist_core/figures/lab/evaluation.py"]
    )
    assert "This poll is closed" in together["mnist_core/classroom/polls.py"]
    assert "Nothing arrives here." in together["dashboard/components/network/describe.js"]
    assert "There is no such file" not in together["mnist_core/storage/record_store.py"]  # only logged


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("passes on", "what it passes on"),
        ("passes on", "is passed on as it is"),
        ("derivative by", "the derivative of the loss by this weight"),
        ("reads right", "How many does it read right?"),
        ("reads right", "reads most digits right"),
        ("an epoch (for each)", "113 updates an epoch"),
        ("an epoch (for each)", "784 numbers an image"),
        ("an epoch (for each)", "113 updates of them an epoch"),
        ("as many", "sixteen times as many images"),
        ("the layer before", "the outputs of the layer before"),
        ("nobody", "Nobody told it."),
        ("whoever", "Whoever looks"),
        ("one could", "One could try"),
        ("reads right", "Both read right what is easy"),
        ("a space before %", "96.5 %"),
        ("a space before %", "{} %"),
        ("a space before %", "96\u00a0%"),
        (", for (because)", "not needed, for it is 0"),
    ],
)
def test_what_is_banned_is_found(name, text):
    assert re.search(BANNED[name][0], text, re.I)


@pytest.mark.parametrize(
    "text",
    [
        "It reads the image and names the right digit.",
        "read from left to right",
        "each gradient is divided by the size of the gradients before",
        "the network is shown images a second time",
        "Both read {right} images correctly",
        "{} %{x:.1f}, {} and %{y}",
        "Saved as 100%",
        "You may go on, for example with another image.",
    ],
)
def test_what_is_well_said_is_left_alone(text):
    assert [name for name, (pattern, _) in BANNED.items() if re.search(pattern, text, re.I)] == []


def test_people_find_the_same_list_in_contributing():
    table = (ROOT / "CONTRIBUTING.md").read_text()
    assert [name for name in BANNED if f"| {name} |" not in table] == []
