"""The network of a run as a page to take home: under which name the server has it for phones.

The name ends with a key made of the network's own numbers, so it can only be known to somebody who was shown
it, or who has the network.
"""

import gzip
import hashlib

import streamlit as st

from dashboard.server import looks
from dashboard.server.run_files import NETWORKS, kept_files
from dashboard.session import resources
from mnist_core.bounds import MAX_NETWORK_PAGES
from mnist_core.network.parameters import Parameters
from mnist_core.take_home.network_page import network_page


def can_be_read(current: resources.TrainedRun) -> bool:
    """Whether there is such a page: a network whose weights grew without limit has none."""
    return current.evaluation.is_finite and not current.record.has_diverged


def page_of(current: resources.TrainedRun) -> bytes:
    """The page, in UTF-8; the run has one."""
    return network_page(current.record, current.evaluation)


def address_of(current: resources.TrainedRun) -> str:
    """Where browsers find the page, relative to the dashboard's first page; "" where the server has no way.

    The page is made now, so that a class that asks for it at once does not have it made by everybody.
    """
    if looks.HEADER not in st.context.headers:  # Streamlit without the app's middlewares
        return ""
    name = f"{current.job_id}-{_key(current.record.parameters)}"
    find(name)
    return NETWORKS.address(name)


@kept_files(MAX_NETWORK_PAGES)
def find(name: str) -> bytes:
    """The page with a name, compressed with gzip; the key is compared before anything is made."""
    job_id, _, key = name.rpartition("-")
    current = resources.current(job_id)
    if current is None or _key(current.record.parameters) != key or not can_be_read(current):
        raise KeyError(name)
    return gzip.compress(page_of(current), mtime=0)


def _key(parameters: Parameters) -> str:
    """96 bits that follow from the network's numbers: few enough for a QR code that is read from afar."""
    numbers = hashlib.blake2b(digest_size=12)
    for array in (*parameters.weights, *parameters.biases):
        numbers.update(array.tobytes())  # row after row, however they lie
    return numbers.hexdigest()
