"""The film of a run and its other views: under which names the server has them, where a page finds them."""

import base64
import functools
import hashlib

import streamlit as st

from dashboard.components.film import FilmFile
from dashboard.server import looks
from dashboard.server.run_files import FILMS, kept_files
from dashboard.session import resources
from mnist_core.analysis.film_views import film_views
from mnist_core.bounds import MAX_FILMS


def film_of(current: resources.TrainedRun, play: str = "", begin: int = 0) -> FilmFile | None:
    """Where a run's film is; None for a run without one.

    Args:
        current: The run.
        play: Names the occasion to play it by itself; "" for none.
        begin: Updates after which it then begins.
    """
    record = current.record
    return _file(current.job_id, "film", record.film, record.seconds, play, begin) if record.film else None


def views_of(current: resources.TrainedRun, views: bytes) -> FilmFile:
    """Where the other views of a run's film are.

    Args:
        current: The run.
        views: What `film_views` found.
    """
    return _file(current.job_id, "views", views, current.record.seconds)


def _file(  # noqa: PLR0917, as `FilmFile` has them
    job_id: str, kind: str, content: bytes, seconds: float, play: str = "", begin: int = 0
) -> FilmFile:
    name = f"{kind}-{job_id}-{_digest(content)}"
    if looks.HEADER in st.context.headers:
        return FilmFile(name, FILMS.address(name), "", seconds, play, begin)
    # Streamlit without the app's middlewares knows no such address, so the page brings the file.
    return FilmFile(name, "", base64.b64encode(content).decode(), seconds, play, begin)


@kept_files(MAX_FILMS)
def find(name: str) -> bytes:
    """The film with a name, or the other views of one: the record may lie on the disk."""
    kind, _, rest = name.partition("-")
    job_id, _, digest = rest.rpartition("-")
    content = b""
    if kind == "film" and (record := resources.engine().record(job_id)) is not None:
        content = record.film
    if kind == "views" and (view := resources.engine().begun_analysis(job_id, film_views)) is not None:
        content = view.result or b""
    if not content or _digest(content) != digest:
        raise KeyError(name)
    return content


@functools.lru_cache(maxsize=MAX_FILMS)
def _digest(content: bytes) -> str:
    """A file has a name of its contents, so that a browser may keep what it has under this name.

    Every run of the page asks for it, and a film is read for it once: Python keeps the hash of its bytes.
    """
    return hashlib.blake2b(content, digest_size=8).hexdigest()
