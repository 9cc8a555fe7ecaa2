"""The film of a training: its moments, from before the first update to the end, in one compressed file.

A moment has the network and how it reads images. Where early stopping keeps the network of an earlier epoch,
that is one more moment at the end, after as many updates as the one before it.

Weights and biases are whole numbers of 1/2048 (1/512 in large networks), so that an output is off by less
than what is shown of it. What is stored of each is by how much it changed since the moment before: most
change little, so the classic network takes 17 kB a moment.

The file is compressed with gzip. Unpacked it holds, for each moment, the low bytes of all changes and then
the high ones, then a header in JSON, then the header's length in four bytes. A change d is stored as
2d for d ≥ 0 and as −2d − 1 for d < 0. Numbers lie as in `parameters.flat_vector`.
"""

import gzip
import json
import math
import zlib
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import asdict, dataclass
from functools import lru_cache
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from mnist_core.arrays import Float64Array
from mnist_core.config import NetworkConfig, RunConfig
from mnist_core.images.preparation import network_inputs
from mnist_core.network.parameters import Parameters, cross_entropy, flat_vector, initial_parameters
from mnist_core.training.history import History
from mnist_core.training.stretches import Timeline, stretches, timeline_of
from mnist_core.training.training_set import TrainingImages

N_EVEN: Final = 56
"""Moments that lie evenly over a run, besides those of its first updates: 65 in all for the classic one."""
N_HELD_OUT: Final = 1_000
"""Images that each moment is measured on."""
FINE_BITS, COARSE_BITS, MOST_FINE = 11, 9, 60_000
"""Bits behind the point of a number; networks of more than `MOST_FINE` parameters have the coarse ones."""
_LARGEST: Final = 2**15 - 1
_GZIP: Final = 31
"""What tells zlib to write the header of a gzip file, with the largest window."""
_DECIMALS: Final = 4


@dataclass(frozen=True)
class Moment:
    """What is measured at one moment.

    Attributes:
        step: Updates made by then.
        seconds: Since the first update.
        bits: Bits behind the point of its weights and biases.
        batch_loss: Mean loss of the batch of the last update before it was made, in nats; None before any.
        batch_accuracy: Of that batch, 0 to 1.
        loss: Mean loss of the held-out images; None where it is no finite number.
        accuracy: On them, 0 to 1.
    """

    step: int
    seconds: float
    bits: int
    batch_loss: float | None
    batch_accuracy: float | None
    loss: float | None
    accuracy: float


@dataclass(frozen=True, eq=False)
class Film:
    """A film as it is read.

    Attributes:
        moments: In their order.
        parameters: The network at each, rounded.
        is_validation: Whether the held-out images are validation images; otherwise training images.
        n_held_out: How many they are.
    """

    moments: tuple[Moment, ...]
    parameters: tuple[Parameters, ...]
    is_validation: bool
    n_held_out: int


@lru_cache(maxsize=256)
def film_steps(config: RunConfig, n_training_images: int) -> tuple[int, ...]:
    """After how many updates a run is recorded: 0, 1, 2, 4, 8 …, then evenly; all of a short one.

    The even ones are so by epochs, each of which goes through the same images: a chapter of large batches has
    few updates, and yet its share of the moments. Where a chapter ends, there is one.
    """
    timeline = timeline_of(config, n_training_images)
    epochs = config.training.epochs / N_EVEN * np.arange(1, N_EVEN + 1)
    even = np.rint(timeline.steps_at(epochs)).astype(int).tolist()
    first = [2**power for power in range(math.ceil(math.log2(max(1, even[0]))))]
    ends = [timeline.span(stretch)[1] for stretch in stretches(config)]
    return tuple(sorted({0, *first, *even, *ends}))


class FilmRecorder:
    """Records the moments of one training, in a thread of its own.

    Args:
        config: What is trained.
        chosen: The images of the run.
        earlier: The film of its beginning, where it is continued.
    """

    def __init__(self, config: RunConfig, chosen: TrainingImages, earlier: bytes = b"") -> None:
        self._config = config
        self._is_validation = bool(chosen.n_validation)
        images = chosen.validation_images if self._is_validation else chosen.images
        labels = chosen.validation_labels if self._is_validation else chosen.labels
        self._labels = labels[:N_HELD_OUT]
        self._inputs = network_inputs(images[:N_HELD_OUT], config.training.preparation)
        self._packer = zlib.compressobj(6, zlib.DEFLATED, _GZIP)
        self._packed = bytearray()
        self._moments: list[Moment] = []
        self._before, self._bits = np.zeros(0, np.int16), -1
        self._thread = ThreadPoolExecutor(1, "film")
        self._under_way: list[Future[None]] = []
        self._last_step = -1
        if earlier:
            header, numbers = _unpack(earlier)
            for fields, quantised in zip(header["moments"], numbers, strict=True):
                moment = Moment(**fields)
                if moment.step > self._last_step:  # not the network that was kept at its end
                    self._append(moment, quantised)
                    self._last_step = moment.step

    def record(
        self, step: int, seconds: float, parameters: Parameters, batch: tuple[float, float] | None
    ) -> None:
        """Add a moment, unless there is one after as many updates.

        Args:
            step: Updates made so far.
            seconds: Since the first.
            parameters: The network.
            batch: Loss and accuracy of the last update's batch; None before the first.
        """
        if step > self._last_step:
            self._last_step = step
            self._under_way.append(self._thread.submit(self._measure, step, seconds, parameters, batch))

    def record_kept(self, seconds: float, parameters: Parameters) -> None:
        """Add the network that is kept, where it is not the last one: a second moment of the last update.

        Args:
            seconds: Since the first update.
            parameters: The network.
        """
        self._under_way.append(self._thread.submit(self._measure, self._last_step, seconds, parameters, None))

    def finish(self, timeline: Timeline, history: History) -> bytes:
        """The film; nothing can be recorded after.

        Args:
            timeline: Of the run.
            history: Of the run.
        """
        for moment in self._under_way:
            moment.result()
        self._thread.shutdown()
        header = {
            "epochs": len(timeline.updates),
            "epochEnds": timeline.ends,
            "history": {
                name: list(map(_finite, getattr(history, name).tolist()))
                for name in History.__dataclass_fields__
            },
            "sizes": self._config.network.layer_sizes,
            "activation": self._config.network.activation,
            "isValidation": self._is_validation,
            "heldOut": len(self._labels),
            "moments": [asdict(moment) for moment in self._moments],
        }
        text = json.dumps(header, separators=(",", ":"), allow_nan=False).encode()
        self._packed += self._packer.compress(text + len(text).to_bytes(4, "little")) + self._packer.flush()
        return bytes(self._packed)

    def close(self) -> None:
        """Record no more, of a run that failed."""
        self._thread.shutdown(cancel_futures=True)

    def _measure(
        self, step: int, seconds: float, parameters: Parameters, batch: tuple[float, float] | None
    ) -> None:
        with np.errstate(all="ignore"):  # a run that diverges has infinite logits, and may
            logits = parameters.logits(self._inputs)
            loss = float(cross_entropy(logits, self._labels).mean(dtype=np.float64))
        right = int((logits.argmax(axis=1) == self._labels).sum())
        flat = flat_vector(parameters.weights, parameters.biases)
        bits = _bits(self._config.network, flat)
        batch_loss, batch_accuracy = batch or (None, None)
        moment = Moment(
            step,
            round(seconds, _DECIMALS),
            bits,
            _finite(batch_loss),
            _finite(batch_accuracy),
            _finite(loss),
            right / len(self._labels),
        )
        most = _LARGEST / 2**bits
        limited = np.clip(np.nan_to_num(flat), -most, most)
        self._append(moment, np.rint(np.ldexp(limited, bits)).astype(np.int16))

    def _append(self, moment: Moment, quantised: NDArray[np.int16]) -> None:
        change = quantised - self._before if moment.bits == self._bits else quantised
        self._before, self._bits = quantised, moment.bits
        folded = ((change << 1) ^ (change >> 15)).view(np.uint16)
        for part in (folded & 255, folded >> 8):
            self._packed += self._packer.compress(part.astype(np.uint8).tobytes())
            self._packed += self._packer.flush(zlib.Z_BLOCK)  # low and high bytes have codes of their own
        self._moments.append(moment)


def read_film(content: bytes) -> Film:
    """The moments of a film, with each network as the picture of it has it."""
    header, numbers = _unpack(content)
    moments = tuple(Moment(**fields) for fields in header["moments"])
    shape = initial_parameters(NetworkConfig(tuple(header["sizes"][1:-1]), header["activation"]), 0)
    return Film(
        moments,
        tuple(
            shape.with_numbers(np.ldexp(quantised.astype(np.float32), -moment.bits))
            for moment, quantised in zip(moments, numbers, strict=True)
        ),
        header["isValidation"],
        header["heldOut"],
    )


def _unpack(content: bytes) -> tuple[dict[str, Any], list[NDArray[np.int16]]]:
    """The header of a film, and the whole numbers of each moment."""
    unpacked = gzip.decompress(content)
    n_header = int.from_bytes(unpacked[-4:], "little")
    header = json.loads(unpacked[-4 - n_header : -4])
    n = NetworkConfig(tuple(header["sizes"][1:-1])).n_parameters
    numbers: list[NDArray[np.int16]] = []
    before, bits_before = np.zeros(n, np.int16), -1
    for number, fields in enumerate(header["moments"]):
        low, high = np.frombuffer(unpacked, np.uint8, 2 * n, 2 * n * number).reshape(2, n).astype(np.uint16)
        folded = low | (high << 8)
        change = (folded >> 1).view(np.int16) ^ -(folded & 1).view(np.int16)
        before = before + change if fields["bits"] == bits_before else change
        bits_before = fields["bits"]
        numbers.append(before)
    return header, numbers


def _bits(network: NetworkConfig, flat: Float64Array) -> int:
    """Bits behind the point with which the largest number still fits."""
    largest = float(np.abs(flat[np.isfinite(flat)]).max(initial=0.0))
    usual = FINE_BITS if network.n_parameters <= MOST_FINE else COARSE_BITS
    return min(usual, math.floor(math.log2(_LARGEST / largest))) if largest else usual


def _finite(value: float | None) -> float | None:
    """For JSON, which has neither infinity nor not-a-number."""
    return round(value, _DECIMALS) if value is not None and math.isfinite(value) else None
