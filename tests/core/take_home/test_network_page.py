"""The network as one HTML file: what is in it; `browser/test_network_page` uses it."""

import base64
import hashlib
import json
import re
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from networks import network, record_of

from mnist_core.analysis.evaluation import evaluate
from mnist_core.config import CLASSIC, NetworkConfig
from mnist_core.images.preparation import pixel_order
from mnist_core.take_home.network_page import file_name, network_page, packed, policy


def page_of(sample, config, preparation="usual"):
    """The page of a network that was never trained, as text, and its parameters."""
    parameters = network(config)
    record = record_of([parameters])
    training = replace(record.config.training, preparation=preparation)
    record = replace(record, config=replace(record.config, training=training))
    judged = evaluate(parameters, sample.test_images[:50], sample.test_labels[:50], preparation)
    return network_page(record, judged).decode(), parameters, record


def content_of(page, tag):
    (content,) = re.findall(f"<{tag}>(.*?)</{tag.split()[0]}>", page, re.DOTALL)
    return content


def unpacked(text):
    """What the page's program makes of the numbers."""
    written = np.frombuffer(base64.b64decode(text), np.uint8).reshape(-1, 3)
    return np.pad(written, ((0, 0), (1, 0))).copy().view("<f4").ravel()


@given(st.lists(st.floats(width=32, allow_nan=False, allow_infinity=False), min_size=1, max_size=20))
def test_a_packed_number_keeps_more_than_four_digits(values):
    values = np.clip(np.array(values, np.float32), -1e30, 1e30)
    values[np.abs(values) < 1e-30] = 0  # smaller than any weight
    np.testing.assert_allclose(unpacked(base64.b64encode(packed(values))), values, rtol=2.0**-16, atol=0)


def test_the_page_holds_all_numbers_of_the_network_in_a_hundred_kilobytes(sample):
    page, parameters, _ = page_of(sample, CLASSIC.network)
    held = json.loads(content_of(page, 'script type="application/json" id="network"').strip())
    assert held["sizes"] == [784, 32, 10]
    assert (held["activation"], held["preparation"], held["order"]) == ("relu", "usual", None)
    pairs = zip(parameters.weights, parameters.biases, strict=True)
    numbers = np.concatenate([array.ravel() for pair in pairs for array in pair])
    np.testing.assert_allclose(unpacked(held["numbers"]), numbers, rtol=2.0**-16)
    assert 100_000 < len(held["numbers"]) < 105_000
    assert len(page) < 140_000


def test_the_order_of_shuffled_pixels_goes_along(sample):
    page, _, _ = page_of(sample, NetworkConfig((4,)), "shuffled")
    held = json.loads(content_of(page, 'script type="application/json" id="network"'))
    np.testing.assert_array_equal(np.frombuffer(base64.b64decode(held["order"]), "<u2"), pixel_order())


def test_the_page_runs_its_own_program_only_and_names_no_other_address(sample):
    page, _, record = page_of(sample, NetworkConfig((4, 3), "tanh"))
    assert f'content="{policy()}"' in page
    for tag in ("script", "style"):
        digest = base64.b64encode(hashlib.sha256(content_of(page, tag).encode()).digest()).decode()
        assert f"{tag}-src 'sha256-{digest}'" in policy()
    assert not re.findall(r"https?:|\bsrc=|\burl\(|@import", page)
    assert re.findall(r'href="([^"]*)"', page) == ["data:,"]
    assert f'download="{file_name(record)}"' in page
    assert "$" not in page.split("<script>")[0]


def test_the_page_says_how_good_the_network_is_and_how_it_was_made(sample):
    page, _, record = page_of(sample, CLASSIC.network)
    judged = evaluate(record.parameters, sample.test_images[:50], sample.test_labels[:50])
    assert f"reads {judged.n_right} of 50 test images correctly" in page
    interval = f"95% interval {100 * judged.interval.low:.1f} to {100 * judged.interval.high:.1f}%"
    assert interval in page
    assert "80 images of handwritten digits" in page
    assert "<th>Optimiser</th><td>Adam, learning rate 0.001</td>" in page


def test_words_of_a_run_are_text_in_the_page(sample):
    _, parameters, record = page_of(sample, NetworkConfig((4,)))
    judged = evaluate(parameters, sample.test_images[:50], sample.test_labels[:50])
    page = network_page(replace(record, dataset_name="<script>alert(1)</script> $title"), judged).decode()
    assert "&lt;script&gt;alert(1)&lt;/script&gt; $title" in page


def test_a_network_that_diverged_makes_no_page(sample):
    parameters = network(NetworkConfig((4,)))
    broken = replace(parameters, weights=(np.full_like(parameters.weights[0], np.nan), parameters.weights[1]))
    judged = evaluate(broken, sample.test_images[:5], sample.test_labels[:5])
    with pytest.raises(ValueError, match="without limit"):
        network_page(record_of([parameters], final=broken), judged)
