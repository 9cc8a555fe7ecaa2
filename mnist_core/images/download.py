"""Fetches the whole of MNIST from the address that Keras uses, and keeps it only if it is that file."""

import time
from typing import Final

from mnist_core.bounds import MAX_DOWNLOAD_BYTES
from mnist_core.images.dataset import DataError, Dataset, download_path, read_npz

DOWNLOAD_URL: Final = "https://storage.googleapis.com/tensorflow/tf-keras-datasets/mnist.npz"
DOWNLOAD_SHA256: Final = "731c5ac602752760c8e48fbffcf8c3b850d9dc2a2aedcf2cc48468fc17b673d1"
DOWNLOAD_TIMEOUTS: Final = (5, 10)
"""Seconds to wait for a connection, and for each next piece of the file."""
DOWNLOAD_SECONDS: Final = 900.0
"""After which it is given up, however steadily it trickles."""


def download_dataset() -> Dataset:
    """Fetch the whole of MNIST from the address Keras uses, once; takes a moment and may fail.

    Raises:
        DataError: There is no network, or what came is not MNIST; nothing is kept then.
    """
    import pooch
    import requests

    path = download_path()
    pooch.get_logger().setLevel("ERROR")
    try:
        pooch.retrieve(
            DOWNLOAD_URL,
            known_hash=f"sha256:{DOWNLOAD_SHA256}",
            fname=path.name,
            path=path.parent,
            downloader=pooch.HTTPDownloader(timeout=DOWNLOAD_TIMEOUTS, progressbar=_Limits()),
        )
    except DataError:
        raise
    except ValueError:
        raise DataError("What came as MNIST from the network failed its check and was thrown away.") from None
    except requests.TooManyRedirects:
        raise DataError("MNIST could not be downloaded: its address leads on without end.") from None
    except requests.RequestException:
        raise DataError(
            "MNIST could not be downloaded: the network did not answer. Connect this machine, then restart."
        ) from None
    except OSError as error:
        reason = error.strerror or error
        raise DataError(f"MNIST could not be downloaded to {path.parent}: {reason}.") from error
    return read_npz("download", path)


class _Limits:
    """What pooch takes for a progress bar: ends a download that comes without end."""

    def __init__(self) -> None:
        self.total = 0
        self._begun = time.monotonic()
        self._n_bytes = 0

    def update(self, n_bytes: int) -> None:
        """Count the bytes of a piece that came, and give up beyond the limits."""
        self._n_bytes += n_bytes
        if self._n_bytes > MAX_DOWNLOAD_BYTES:
            raise DataError(
                f"MNIST could not be downloaded: more than {MAX_DOWNLOAD_BYTES:,} bytes came, "
                "which is not its file."
            )
        if time.monotonic() - self._begun > DOWNLOAD_SECONDS:
            raise DataError(
                f"MNIST could not be downloaded: it was not there after {DOWNLOAD_SECONDS:.0f} seconds."
            )

    def reset(self) -> None:
        """Begin to count anew, which pooch does at the end."""
        self._n_bytes = 0

    def close(self) -> None:
        """Do nothing, because nothing is open."""
