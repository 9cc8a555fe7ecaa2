"""How hard the texts of the pages are to read: the Flesch-Kincaid grade of each, as information.

`python -m benchmarks.reading_grade` prints a row for each text in `pages`, the hardest first, and
`python -m benchmarks.reading_grade learning` the hardest sentences of one. The grade counts years at school:
0.39 words a sentence + 11.8 syllables a word − 15.59 (Kincaid et al., 1975). Syllables are where Pyphen would
hyphenate a word, which misses some: grades compare texts, and are too low by themselves. Formulas and tables
are left out.
"""

import argparse
import re
from functools import lru_cache
from typing import Final

import pyphen

from dashboard.elements.prose import PAGES

_NOT_READ: Final = re.compile(r"```.*?```|\$\$.*?\$\$|^\|[^\n]*$|^#[^\n]*$|\{[^}\n]*\}", re.S | re.M)
_AS_A_WORD: Final = re.compile(r"\$[^$\n]*\$|`[^`\n]*`")
_LINK: Final = re.compile(r"\[([^\]\n]*)\]\([^)]*\)")
_END: Final = re.compile(r"(?<=[.?!:;])[\"”)*]*\s+|\n(?:- \[[ x]\] )?")
_WORD: Final = re.compile(r"[A-Za-z][A-Za-z’'-]*")
_LEAST_WORDS: Final = 5
"""Shorter sentences are captions and labels: hard or easy by one word."""
_SHOWN: Final = 12


def sentences_of(markdown: str) -> list[str]:
    """The sentences of a text that are read as such; what follows a colon or semicolon counts as one more."""
    plain = _LINK.sub(r"\1", _AS_A_WORD.sub("it", _NOT_READ.sub(" ", markdown)))
    sentences = (" ".join(part.split()) for part in _END.split(plain))
    return [sentence for sentence in sentences if len(_WORD.findall(sentence)) >= _LEAST_WORDS]


def grade(sentences: list[str]) -> float:
    """The Flesch-Kincaid grade of some sentences, of which there is at least one."""
    words = [word for sentence in sentences for word in _WORD.findall(sentence)]
    syllables = sum(map(n_syllables, words))
    return 0.39 * len(words) / len(sentences) + 11.8 * syllables / len(words) - 15.59


@lru_cache(maxsize=10_000)
def n_syllables(word: str) -> int:
    """Syllables of an English word, 1 at least."""
    return 1 + len(_dictionary().positions(word.lower()))


@lru_cache(maxsize=1)
def _dictionary() -> pyphen.Pyphen:
    return pyphen.Pyphen(lang="en_GB", left=1, right=2)


def main() -> None:
    """Print the table, or the hardest sentences of one text."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("text", nargs="?", help="name of a text, such as learning")
    chosen = parser.parse_args().text
    texts = {path: sentences_of(path.read_text(encoding="utf-8")) for path in sorted(PAGES.rglob("*.md"))}
    if chosen is None:
        print("grade  words/sentence  sentences  text")
        for path, sentences in sorted(texts.items(), key=lambda item: -grade(item[1])):
            n_words = sum(len(_WORD.findall(sentence)) for sentence in sentences)
            name = path.relative_to(PAGES).with_suffix("")
            print(f"{grade(sentences):5.1f}  {n_words / len(sentences):14.1f}  {len(sentences):9}  {name}")
        return
    sentences = [sentence for path, of in texts.items() if path.stem == chosen for sentence in of]
    for sentence in sorted(sentences, key=lambda sentence: -grade([sentence]))[:_SHOWN]:
        print(f"{grade([sentence]):5.1f}  {sentence}")


if __name__ == "__main__":
    main()
