"""The first page that a browser gets, whatever page of the dashboard it asked for."""


def first_page(page: bytes) -> bytes:
    """The HTML that is served.

    Args:
        page: Streamlit's `index.html`.

    Returns:
        The page as it is. The content policy allows the scripts that stand in what is returned.
    """
    return page
