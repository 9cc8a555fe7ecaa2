"""A visit that another server finds again: as it was, or not at all."""

import errno
import json
import time
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pytest
from own_noise import noise

from dashboard.session.visit import Saved, Visit, from_json, to_json
from dashboard.session.visit_files import VisitFiles
from dashboard.session.visits import Visits
from mnist_core.bounds import MAX_OWN_DIGITS, MAX_OWN_POINTS, MAX_SHARED_VISIT_BYTES
from mnist_core.config import DEFAULT, NetworkConfig, RunConfig
from mnist_core.engine.engine import Engine as RealEngine
from mnist_core.engine.jobs import JobState
from mnist_core.images.drawing import Stroke, prepare_like_mnist, render
from mnist_core.images.mixture import Mixture
from mnist_core.images.own_digits import add
from mnist_core.images.sample_drawings import sample as drawn
from mnist_core.storage.own_images import OwnImages
from mnist_core.storage.shared_records import SharedRecords
from mnist_core.sweeps.plans import plan
from mnist_core.sweeps.ready_made import EXPERIMENTS

NAME = "0123456789abcdef" * 2
NO_OWN_IMAGES = SimpleNamespace(mixture=None)
LONGER = DEFAULT.with_changes(epochs=8)
JOB, OTHER = "0123456789abcdef-1", "fedcba9876543210-2"


class Engine:
    """Knows the jobs it was told of, and begins others; `images` are those that they train on."""

    def __init__(self, images=NO_OWN_IMAGES, finished=(), **unfinished):
        self.training, self.finished = dict(unfinished), dict(finished)
        self.images = images
        self.begun, self.mixtures, self.beginnings = [], [], []

    def unfinished(self, job_id):  # noqa: D102
        return (self.training[job_id], self.images) if job_id in self.training else None

    def view(self, job_id):  # noqa: D102
        return job_id if job_id in self.training else None

    def finished_job_for(self, key):  # noqa: D102
        return self.finished.get(key)

    def submit(self, config, images, visitor, *, beginning=""):  # noqa: D102
        self.begun.append((config, visitor))
        self.mixtures.append(images.mixture)
        self.beginnings.append(beginning)
        return f"{JOB[:-1]}{6 + len(self.begun)}"


class Sweeps:
    """Every sweep it is asked for is under way."""

    def __init__(self, *known, state=JobState.RUNNING):
        self.known, self.state, self.begun = known, state, []

    def view(self, sweep_id):  # noqa: D102
        return self if sweep_id in self.known else None

    def submit(self, configs, images, visitor):  # noqa: D102
        self.begun.append(configs)
        return "begun here"


def full_visit():
    return Visit(
        NAME, [JOB, OTHER], OTHER,
        {"loss/predict": 2, "seen": -1}, {"four optimisers": (JOB, OTHER)}, drawn(7),
        "http://192.168.1.20:8501", (30, time.monotonic() - 90.0),
        {
            "sweep": (plan(DEFAULT, "hidden neurons", [8, 16], 2), "begun there"),
            "experiment cures": (EXPERIMENTS["cures"](60_000), "begun there, too"),
        },
        (Stroke(((1.0, 2.0), (3.0, 4.5)), 18.0, -1),), True, False,
        add(noise(3), prepare_like_mnist(render(drawn(7))).image, 7, drawn(7)),
        '{"title": "Friday"}', {"visit": OTHER},
    )  # fmt: skip


@pytest.fixture
def files(tmp_path, sample):
    def made(engine=None, sweeps=None):
        return VisitFiles(tmp_path, engine or Engine(), sweeps or Sweeps(), lambda: sample)

    return made


def test_a_visit_is_the_same_after_it_was_a_text():
    saved = Saved(full_visit(), "images", {JOB: RunConfig(NetworkConfig((3, 4)))})
    loaded = from_json(to_json(saved, 1_000.0), 1_000.0)
    assert loaded.visit.tour_begun == pytest.approx(saved.visit.tour_begun, abs=0.6)
    loaded.visit.tour_begun = saved.visit.tour_begun
    assert loaded == saved


def test_a_visit_saved_before_weights_could_be_painted_is_read():
    content = json.loads(to_json(Saved(full_visit(), "", {}), 0.0))
    del content["painted"], content["has_decimal_comma"], content["own_digits"], content["teaching"]
    for stroke in content["strokes"]:
        del stroke["ink"]
    visit = from_json(json.dumps(content).encode(), 0.0).visit
    assert (visit.strokes, visit.painted, visit.own_digits) == (full_visit().strokes, (), ())


def test_the_largest_collection_is_saved_with_the_rest_of_its_visit(files):
    stroke = Stroke(tuple((280.0, 100.0 + n % 180) for n in range(MAX_OWN_POINTS)), 60.0)
    digits = tuple(replace(digit, strokes=(stroke,)) for digit in noise(MAX_OWN_DIGITS // 2))
    assert len(digits) == MAX_OWN_DIGITS
    visit = replace(full_visit(), own_digits=digits)
    files(Engine(), Sweeps("begun there", "begun there, too")).save(visit)
    saved = files(Engine(), Sweeps("begun there", "begun there, too")).load(NAME)
    assert saved.own_digits == digits
    assert len(to_json(Saved(visit, "", {}), 0.0)) < MAX_SHARED_VISIT_BYTES


@pytest.mark.parametrize("damaged", [3, [["AA==", 3, 0, []]], [[1]], [[None, 3, 0, []]] * 300])
def test_a_visit_with_a_damaged_collection_is_none(damaged):
    content = json.loads(to_json(Saved(full_visit(), "", {}), 0.0))
    content["own_digits"] = damaged
    with pytest.raises(ValueError, match=r"\w"):
        from_json(json.dumps(content).encode(), 0.0)


def test_whether_keys_work_is_kept_and_they_do_in_a_visit_saved_before_they_could_be_switched_off():
    content = json.loads(to_json(Saved(Visit("a", has_page_keys=False), "", {}), 0.0))
    assert not from_json(json.dumps(content).encode(), 0.0).visit.has_page_keys
    del content["has_page_keys"]
    assert from_json(json.dumps(content).encode(), 0.0).visit.has_page_keys


def test_a_sweep_saved_under_the_former_name_of_its_setting_is_read():
    saved = Saved(full_visit(), "images", {})
    former = to_json(saved, 0.0).replace(b'"setting":"hidden neurons"', b'"setting":"hidden units"')
    assert b"hidden units" in former
    assert from_json(former, 0.0).visit.sweeps == saved.visit.sweeps


def test_a_tour_goes_on_at_its_minute_where_the_clock_began_at_another_time():
    saved = Saved(Visit(NAME, tour_begun=(10, 500.0)), "", {})
    assert from_json(to_json(saved, 10_000.0), 9_000.0).visit.tour_begun == (10, 1_500.0)


def test_another_server_finds_a_visit_and_goes_on_with_what_had_not_ended(files):
    visit = full_visit()
    files(Engine(**{OTHER: DEFAULT}), Sweeps("begun there")).save(visit)
    engine, sweeps = Engine(), Sweeps()
    loaded = Visits(files(engine, sweeps)).restore(NAME)
    assert engine.begun == [(DEFAULT, NAME)]
    assert loaded.runs == [JOB, f"{JOB[:-1]}7"]
    assert loaded.current == f"{JOB[:-1]}7"
    assert loaded.experiments == {"four optimisers": (JOB, f"{JOB[:-1]}7")}
    assert sweeps.begun == [visit.sweeps["sweep"][0].configs]
    assert loaded.sweeps["sweep"] == (visit.sweeps["sweep"][0], "begun here")
    assert (loaded.answers, loaded.strokes, loaded.address) == (visit.answers, visit.strokes, visit.address)


def test_a_sweep_that_was_stopped_does_not_begin_again(files):
    files(None, Sweeps("begun there", state=JobState.STOPPED)).save(full_visit())
    assert files().load(NAME).sweeps == {}


def test_where_the_images_are_others_nothing_is_trained(files, sample, tmp_path):
    files(Engine(**{OTHER: DEFAULT}), Sweeps("begun there")).save(full_visit())
    engine, sweeps = Engine(), Sweeps()
    text = next(tmp_path.rglob("*.json"))
    text.write_text(text.read_text().replace(sample.fingerprint, "other"))
    loaded = files(engine, sweeps).load(NAME)
    assert loaded.runs == [JOB, OTHER]
    assert not engine.begun
    assert not sweeps.begun


def test_a_visit_is_written_when_it_has_changed_and_only_then(files):
    visits = Visits(files())
    visit = visits.open_session(NAME).visit
    visits.note_shown(visit)
    visits.save()
    reader = files()
    assert not reader.is_newer(NAME)  # there is nothing in it
    for answers in ({"loss/predict": 0}, {"loss/predict": 1}):
        visit.answers |= answers
        visits.note_shown(visit)
        visits.save()
        assert reader.is_newer(NAME)
        assert reader.load(NAME).answers == answers
        visits.note_shown(visit)
        visits.save()
        assert not reader.is_newer(NAME)


def test_a_visitor_who_comes_back_finds_what_the_other_server_had_last(files):
    here, there = Visits(files()), Visits(files())
    before = here.open_session(NAME).visit
    before.address = "http://192.168.1.20:8501"
    here.note_shown(before)
    here.save()
    moved = there.open_session(NAME).visit
    moved.answers["loss/predict"] = 1
    there.note_shown(moved)
    there.save()
    assert here.open_session(NAME).visit.answers == {"loss/predict": 1}
    assert here.open_session(NAME).visit.address == before.address


@pytest.mark.parametrize(
    "name", ["", "../" * 4, "a" * 31, "a" * 33, "A" * 32, "g" * 32, NAME + "\n", "opening"]
)
def test_a_name_that_no_visit_can_have_finds_none(files, tmp_path, name):
    (tmp_path / "visits").mkdir()
    (tmp_path / "visits" / "opening.json").write_text("{}")
    assert Visits(files()).restore(name) is None


@pytest.mark.parametrize("content", ["", "rubbish", "[]", "{}", '{"format": 0}', '{"format": 1, "name": 3}'])
def test_a_damaged_visit_is_none_and_no_error(files, tmp_path, content, caplog):
    (tmp_path / "visits").mkdir()
    (tmp_path / "visits" / f"{NAME}.json").write_text(content)
    assert Visits(files()).restore(NAME) is None
    assert "damaged" in caplog.text


def test_a_visit_under_the_name_of_another_one_is_not_given_away(files, tmp_path):
    files().save(full_visit())
    (tmp_path / "visits" / f"{NAME}.json").rename(tmp_path / "visits" / f"{'f' * 32}.json")
    assert files().load("f" * 32) is None


def test_on_a_full_disk_the_visit_goes_on_in_memory(files, monkeypatch):
    def full(self, target):
        raise OSError(errno.ENOSPC, "No space left on device")

    visits = Visits(files())
    visit = full_visit()
    visits.note_shown(visit)
    with monkeypatch.context() as patch:
        patch.setattr(Path, "replace", full)
        visits.save()
    assert visits.restore(visit.name) is visit
    visits.note_shown(visit)
    visits.save()
    assert files().load(visit.name) is not None


def test_a_visit_with_very_many_sweeps_leaves_them_out(files, tmp_path):
    visit = full_visit()
    planned = plan(DEFAULT, "hidden neurons", list(range(1, 17)), 4)
    visit.sweeps = {f"sweep {number}": (planned, "begun there") for number in range(60)}
    files(None, Sweeps("begun there")).save(visit)
    assert next(tmp_path.rglob("*.json")).stat().st_size < MAX_SHARED_VISIT_BYTES
    assert files().load(NAME).runs == visit.runs


@pytest.mark.parametrize("source", ["visit", "class"])
@pytest.mark.parametrize("is_changed", [False, True])
def test_a_training_with_own_images_goes_on_with_them_whatever_the_visit_has_kept_since(
    files, sample, tmp_path, is_changed, source
):
    mixture = replace(Mixture.of(full_visit().own_digits, 0.2, 6), source=source)
    visit = replace(full_visit(), sweeps={}, teaching={source: OTHER})
    files(Engine(sample.with_mixture(mixture), **{OTHER: LONGER})).save(visit)
    if is_changed:  # by another server, which did not know of the training
        file = next(tmp_path.rglob("*.json"))
        content = json.loads(file.read_bytes())
        content["own_digits"].pop()
        file.write_bytes(json.dumps(content).encode())
    before = LONGER.with_changes(epochs=5)
    engine = Engine(finished={before.key(sample.fingerprint): JOB})
    loaded = files(engine).load(NAME)
    assert engine.begun == [(LONGER, NAME)]
    assert engine.mixtures[0].digest == mixture.digest
    assert engine.beginnings == [JOB], "it goes on from the network before its own images"
    assert loaded.current == loaded.teaching[source] == f"{JOB[:-1]}7"


@pytest.mark.parametrize("damage", ["gone", "damaged", "others"])
def test_a_training_whose_own_images_are_not_there_does_not_go_on_without_them(
    files, sample, tmp_path, damage, caplog
):
    mixture = Mixture.of(full_visit().own_digits, 0.2)
    visit = replace(full_visit(), sweeps={})
    files(Engine(sample.with_mixture(mixture), **{OTHER: LONGER})).save(visit)
    [file] = (tmp_path / "own-images").glob("*.npz")
    if damage == "gone":
        file.unlink()
    elif damage == "damaged":
        file.write_bytes(file.read_bytes()[:-50])
    else:
        other = OwnImages(tmp_path / "other")
        other.keep_only(NAME, [replace(mixture, share=0.3)])
        next((tmp_path / "other").rglob("*.npz")).replace(file)
    engine = Engine()
    loaded = files(engine).load(NAME)
    assert engine.begun == []
    assert loaded.teaching == {"visit": OTHER}, "so that the page can say so"
    assert "does not go on" in caplog.text


def test_own_images_lie_in_the_folder_only_while_a_training_has_them(files, sample, tmp_path):
    mixture = Mixture.of(full_visit().own_digits, 0.2)
    engine = Engine(sample.with_mixture(mixture), **{OTHER: LONGER})
    written, visit = files(engine), replace(full_visit(), sweeps={})
    written.save(visit)
    stranger = replace(visit, name="f" * 32)
    files(engine).save(stranger)
    assert len(list((tmp_path / "own-images").glob("*.npz"))) == 2
    engine.training.clear()
    written.save(visit)
    [left] = (tmp_path / "own-images").glob("*.npz")
    assert left.name.startswith(stranger.name), "another visit's stay"


def test_a_visit_never_gets_the_images_of_another_ones_training(files, sample, tmp_path):
    mixture = Mixture.of(full_visit().own_digits, 0.2)
    files(Engine(sample.with_mixture(mixture), **{OTHER: LONGER})).save(replace(full_visit(), sweeps={}))
    file = next((tmp_path / "visits").glob("*.json"))
    content = file.read_text().replace(NAME, "f" * 32)
    file.with_name(f"{'f' * 32}.json").write_text(content)
    engine = Engine()
    files(engine).load("f" * 32)
    assert engine.begun == []


@pytest.mark.parametrize("source", ["visit", "class"])
def test_a_taught_run_whose_server_is_lost_waits_on_the_next_one_with_its_images(
    source, sample, tmp_path, monkeypatch
):
    monkeypatch.setattr("mnist_core.engine.cluster.Cluster.start", lambda cluster, *callbacks: None)
    config = RunConfig(NetworkConfig((4,))).with_changes(epochs=2)
    images = sample.with_mixture(replace(Mixture.of(full_visit().own_digits, 0.2, 2), source=source))
    lost = RealEngine(shared=SharedRecords(tmp_path))
    job = lost.submit(config, images, NAME)
    visit = Visit(NAME, [job], teaching={source: job})
    VisitFiles(tmp_path, lost, Sweeps(), lambda: sample).save(visit)
    lost.close()
    engine = RealEngine(shared=SharedRecords(tmp_path))
    try:
        visit = VisitFiles(tmp_path, engine, Sweeps(), lambda: sample).load(NAME)
        [again] = visit.runs
        assert visit.teaching == {source: again}
        assert engine.view(again).state is JobState.QUEUED
        assert engine.view(again).own_source == source
        assert engine.unfinished(again)[1].fingerprint == images.fingerprint
    finally:
        engine.close()
