"""Which tests `pytest` was called for."""

USUAL = "not ("
"""How the choice of markers begins that `pytest` makes by itself."""


def is_usual(config):
    """Whether it was called without a tier."""
    return config.option.markexpr.startswith(USUAL)
