import gzip
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest
from networks import network, record_of

from dashboard.session import networks, resources
from mnist_core.bounds import MAX_NETWORK_PAGES
from mnist_core.config import NetworkConfig


def as_trained(parameters):
    """The same, in memory column after column, as the training process may send them."""
    return replace(parameters, weights=tuple(map(np.asfortranarray, parameters.weights)))


@pytest.fixture
def kept(monkeypatch, sample):
    """Runs that the engine keeps, by their jobs' ids; the classic one's network has four hidden neurons."""
    records = {"ab-7": record_of([as_trained(network(NetworkConfig((4,))))])}
    engine = SimpleNamespace(record=records.get, test_logits=lambda _: None)
    holder = SimpleNamespace(find=lambda _: sample)
    monkeypatch.setattr(resources, "engine", lambda: engine)
    monkeypatch.setattr(resources, "_holder", lambda: holder)
    resources._evaluated.clear()
    networks.find.kept.cache_clear()
    yield records
    resources._evaluated.clear()
    networks.find.kept.cache_clear()


def name_of(records, job_id="ab-7"):
    return f"{job_id}-{networks._key(records[job_id].parameters)}"


def test_a_network_is_found_by_its_name_with_its_key_and_by_no_other(kept):
    name = name_of(kept)
    page = gzip.decompress(networks.find(name))
    assert page == networks.page_of(resources.current("ab-7"))
    other = f"ab-7-{'0' * 24}"
    for wrong in (
        other,
        name.replace("ab-7", "ab-8"),
        "ab-7.html",
        "ab-7-.html",
        "",
        "../../etc/passwd",
        "x" * 5000,
    ):
        assert networks.find(wrong) == b""


def test_nothing_is_made_for_a_wrong_key(kept, monkeypatch):
    monkeypatch.setattr(networks, "page_of", lambda _: pytest.fail("a page was made"))
    assert networks.find(f"ab-7-{'0' * 24}") == b""


def test_a_class_has_the_page_made_once(kept, monkeypatch):
    made, page_of = [], networks.page_of
    monkeypatch.setattr(networks, "page_of", lambda current: made.append(current) or page_of(current))
    assert len({networks.find(name_of(kept)) for _ in range(20)}) == 1
    assert len(made) == 1
    assert networks.find.kept.cache_info().maxsize == MAX_NETWORK_PAGES


def test_a_network_that_diverged_is_not_handed_out(kept):
    parameters = kept["ab-7"].parameters
    broken = replace(parameters, weights=(np.full_like(parameters.weights[0], np.nan), parameters.weights[1]))
    kept["ab-7"] = record_of([parameters], final=broken)
    assert not networks.can_be_read(resources.current("ab-7"))
    assert networks.find(name_of(kept)) == b""
