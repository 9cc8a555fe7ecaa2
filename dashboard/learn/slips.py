"""The article's listing with remarks, some of which are wrong: guess remark by remark, and see it corrected.

In the text of a remark ~~wrong words~~ stand before the **right ones**; one without such a pair is right.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from html import escape
from typing import Final

import streamlit as st

from dashboard.elements.prose import read_lesson
from dashboard.learn import questions
from dashboard.session import visits
from dashboard.widgets.beside import beside
from dashboard.widgets.controls import segmented_choice

_LISTING: Final = "listing"
_SLIP: Final = re.compile(r"~~(?P<wrong>.+?)~~ \*\*(?P<right>.+?)\*\*")
_QUESTIONS: Final = 0.46
"""The share of the width beside the listing."""
_CHOSEN: Final = "slips_remark"


@dataclass(frozen=True)
class Remark:
    """What is said of a line of the listing.

    Attributes:
        name: Of its part of the text.
        text: The remark, with its slips marked.
        markdown: The question about it, whose text is the remark as it stood.
    """

    name: str
    text: str
    markdown: str

    @property
    def is_slip(self) -> bool:
        """Whether something in it is wrong."""
        return _SLIP.search(self.text) is not None

    @property
    def key(self) -> str:
        """What the visit keeps its answer under."""
        return f"script/slip {self.name}"

    def as_it_stood(self) -> str:
        """The words before any correction."""
        return _SLIP.sub(r"\g<wrong>", self.text)

    def corrected(self) -> str:
        """HTML in which the right words follow the wrong ones, which are struck out."""
        return _SLIP.sub(r"<del>\g<wrong></del> <ins>\g<right></ins>", escape(self.text, quote=False))


def remarks() -> Mapping[str, Remark]:
    """All remarks by name, in the order of the listing."""
    lesson = read_lesson("learn", "slips")
    by_name = {}
    for name in (line.strip(" #") for line in _lines() if line.lstrip().startswith("#")):
        text = questions.parse_question(lesson[name]).text
        as_it_stood = _SLIP.sub(r"\g<wrong>", text)
        by_name[name] = Remark(name, text, lesson[name].replace(text, f"“{as_it_stood}”", 1))
    return by_name


def section(words: str, judged: str) -> None:
    """The listing, and a guess about one remark after the other.

    Args:
        words: What is to be done, Markdown.
        judged: How many remarks were judged; says `n_judged`, `n` and `n_right`.
    """
    said, given = remarks(), visits.current_visit().answers
    names = list(said)
    st.session_state.setdefault(_CHOSEN, next((n for n in names if said[n].key not in given), names[0]))
    controls, picture = beside("slips", _QUESTIONS, is_pinned=False)
    with controls:
        numbers = {name: str(n) for n, name in enumerate(names, start=1)}
        chosen = said[segmented_choice("Remark", numbers, _CHOSEN, is_labelled=False)]
        st.markdown(words)
        is_answered = questions.predict(chosen.key, chosen.markdown, "Is this right?", is_folded=False)
        with st.container(horizontal=True, vertical_alignment="center"):
            if is_answered:
                _go_on(said, chosen, given)
            n_right = sum(is_right(remark, given) for remark in said.values())
            n_judged = sum(remark.key in given for remark in said.values())
            st.caption(judged.format(n_judged=n_judged, n=len(said), n_right=n_right))
    with picture:
        shown = "".join(_rows(said, given, chosen.name))
        st.html(f'<ol class="listing" aria-label="The listing and its remarks">{shown}</ol>')


def _go_on(said: Mapping[str, Remark], chosen: Remark, given: Mapping[str, int]) -> None:
    """A button to the next remark that was not judged yet."""
    names = list(said)
    place = names.index(chosen.name)
    left = [name for name in (*names[place:], *names[:place]) if said[name].key not in given]

    def choose() -> None:
        st.session_state[_CHOSEN] = left[0]

    if left:
        st.button("Next remark", icon=":material/arrow_forward:", key="slips_next", on_click=choose)


def is_right(remark: Remark, given: Mapping[str, int]) -> bool:
    """Whether a remark was judged, and correctly; `given` has the visit's answers."""
    number = given.get(remark.key, questions.SKIPPED)
    return number != questions.SKIPPED and questions.parse_question(remark.markdown).answers[number].is_right


def _rows(said: Mapping[str, Remark], given: Mapping[str, int], chosen: str) -> Iterator[str]:
    """Lines of the listing as HTML; a remark that was judged is shown corrected."""
    numbers = {name: number for number, name in enumerate(said, start=1)}
    for line in _lines():
        code = line.lstrip()
        indent = f' style="--indent: {len(line) - len(code)}"'
        if not code.startswith("#"):
            yield f"<li{indent}><code>{escape(code, quote=False)}</code></li>"
            continue
        remark = said[code.strip(" #")]
        is_judged = remark.key in given
        words = remark.corrected() if is_judged else escape(remark.as_it_stood(), quote=False)
        current = ' aria-current="true"' if remark.name == chosen else ""
        kind = "remark judged" if is_judged else "remark"
        number = f'<span class="number">{numbers[remark.name]}</span>'
        yield f'<li class="{kind}"{indent}{current}>{number} {words}</li>'


def _lines() -> list[str]:
    """The listing, without the fence around it."""
    return read_lesson("learn", "slips")[_LISTING].splitlines()[1:-1]
