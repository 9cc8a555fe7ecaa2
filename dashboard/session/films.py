"""The film of a run: under which name the server has it, and how a page says where it is."""

import base64
import functools
import hashlib

import streamlit as st

from dashboard.components.film import FilmFile
from dashboard.server import films, looks
from dashboard.session import resources
from mnist_core.bounds import MAX_FILMS


def film_of(current: resources.TrainedRun, play: str = "", begin: int = 0) -> FilmFile | None:
    """Where a run's film is; None for a run without one.

    Args:
        current: The run.
        play: Names the occasion to play it by itself; "" for none.
        begin: Updates after which it then begins.
    """
    record = current.record
    if not record.film:
        return None
    name = f"{current.job_id}-{_digest(record.film)}"
    if looks.HEADER in st.context.headers:
        return FilmFile(name, films.address(name), "", record.seconds, play, begin)
    # Streamlit without the app's middlewares knows no such address, so the page brings the film.
    return FilmFile(name, "", base64.b64encode(record.film).decode(), record.seconds, play, begin)


def find(name: str) -> bytes:
    """The film with a name; empty where it is no longer kept."""
    try:
        return _kept(name)
    except KeyError:
        return b""


@functools.lru_cache(maxsize=MAX_FILMS)
def _kept(name: str) -> bytes:
    """The same, for many who ask at once: the record may lie on the disk.

    Raises:
        KeyError: There is none.
    """
    job_id, _, digest = name.rpartition("-")
    record = resources.engine().record(job_id)
    if record is None or not record.film or _digest(record.film) != digest:
        raise KeyError(name)
    return record.film


def _digest(film: bytes) -> str:
    """A film has a name of its contents, so that a browser may keep what it has under this name."""
    return hashlib.blake2b(film, digest_size=8).hexdigest()
