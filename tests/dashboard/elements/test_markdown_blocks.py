"""The structure of a Markdown text."""

from dashboard.elements.markdown_blocks import split_at_headings

TEXT = """Above.

## One
First **words**.

```python
## a comment
```

### Deeper
Below it.
## Two
"""


def test_a_text_is_split_at_its_headings_and_not_at_a_comment_in_its_code():
    assert list(split_at_headings(TEXT, "##")) == [
        ("", "", "Above."),
        ("##", "One", "First **words**.\n\n```python\n## a comment\n```\n\n### Deeper\nBelow it."),
        ("##", "Two", ""),
    ]


def test_a_text_without_headings_stands_above_them_all():
    assert list(split_at_headings("Only words.", "#")) == [("", "", "Only words.")]
