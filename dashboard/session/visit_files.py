"""Visits in a folder that several servers share, so that a visitor who comes to another one is known there.

A visit is saved when it has changed, a moment later and not by the page. The results of its jobs lie with the
records; a job that had not ended when its server was lost begins again, with the own images that it had.
"""

import hashlib
import logging
import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Final

from dashboard.server.visitors import NAME
from dashboard.session.visit import Saved, Taught, Visit, from_json, to_json
from mnist_core.bounds import (
    MAX_SHARED_VISIT_BYTES,
    MAX_SHARED_VISITS,
    MAX_SHARED_VISITS_BYTES,
    SHARED_VISIT_SECONDS,
)
from mnist_core.config import RunConfig
from mnist_core.engine.engine import Engine
from mnist_core.engine.jobs import EngineBusyError, JobState
from mnist_core.images.dataset import Dataset
from mnist_core.storage.own_images import OwnImages
from mnist_core.storage.shared_folder import SharedFolder, Version
from mnist_core.sweeps.runner import Sweeps
from mnist_core.training import teaching

Trainings = Mapping[str, tuple[RunConfig, Dataset]]
"""What unfinished jobs train, and on which images, by their ids."""
_NOTHING: Final[tuple[str, Version | None]] = ("", None)

_log = logging.getLogger(__name__)


class VisitFiles:
    """Saves visits and finds them again; safe to use from several threads.

    Args:
        root: The shared folder.
        engine: Trains what had not ended.
        sweeps: The same for sweeps.
        dataset: Gives the images in use.
    """

    def __init__(self, root: Path, engine: Engine, sweeps: Sweeps, dataset: Callable[[], Dataset]) -> None:
        self._folder = SharedFolder(
            root / "visits", ".json", MAX_SHARED_VISITS_BYTES, MAX_SHARED_VISITS, SHARED_VISIT_SECONDS
        )
        self._engine, self._sweeps, self._dataset = engine, sweeps, dataset
        self._own_images = OwnImages(root)
        self._known: dict[str, tuple[str, Version | None]] = {}  # what was written or read last

    def save(self, visit: Visit) -> None:
        """Write a visit, if it has changed since it was written or read."""
        jobs = {job_id: self._engine.unfinished(job_id) for job_id in sorted(visit.jobs)}
        unfinished = {job_id: job for job_id, job in jobs.items() if job is not None}
        content = self._content(visit, unfinished)
        digest = hashlib.sha256(content).hexdigest()
        if self._known.get(visit.name, _NOTHING)[0] == digest:
            return
        mixtures = [images.mixture for _, images in unfinished.values() if images.mixture is not None]
        self._own_images.keep_only(visit.name, mixtures)
        if self._folder.write(visit.name, content):
            self._known[visit.name] = digest, self._folder.version(visit.name)

    def is_newer(self, name: str) -> bool:
        """Whether another server has saved a visit since this one wrote or read it."""
        version = self._folder.version(name) if NAME.fullmatch(name) else None
        return version is not None and version != self._known.get(name, _NOTHING)[1]

    def load(self, name: str) -> Visit | None:
        """A visit that was saved, with its jobs; None if none has this name, or its file is damaged."""
        if not NAME.fullmatch(name):
            return None
        version, content = self._folder.version(name), self._folder.read(name)
        if content is None:
            return None
        try:
            saved = from_json(content, _seconds_ahead())
            if saved.visit.name != name:
                raise ValueError("It is another visit's.")
        except ValueError as error:
            _log.warning("The saved visit is damaged: %s", error)
            return None
        self._known[name] = hashlib.sha256(content).hexdigest(), version
        self._resume_jobs(saved)
        return saved.visit

    def forget(self, name: str) -> None:
        """Forget what was written last; the file stays."""
        self._known.pop(name, None)

    def _content(self, visit: Visit, unfinished: Trainings) -> bytes:
        untaught = {job_id: config for job_id, (config, images) in unfinished.items() if not images.mixture}
        taught = {
            job_id: Taught(config, images.mixture.digest)
            for job_id, (config, images) in unfinished.items()
            if images.mixture is not None
        }
        sweeps = {name: pair for name, pair in visit.sweeps.items() if not self._is_stopped(pair[1])}
        saved = Saved(replace(visit, sweeps=sweeps), self._dataset().fingerprint, untaught, taught)
        content = to_json(saved, _seconds_ahead())
        if len(content) > MAX_SHARED_VISIT_BYTES:
            content = to_json(replace(saved, visit=replace(visit, sweeps={})), _seconds_ahead())
        return content

    def _is_stopped(self, sweep_id: str) -> bool:
        view = self._sweeps.view(sweep_id)
        return view is None or view.state is JobState.STOPPED

    def _resume_jobs(self, saved: Saved) -> None:
        """Submit the visit's unfinished jobs and sweeps here, if the images are the same."""
        visit, images = saved.visit, self._dataset()
        if images.fingerprint != saved.dataset:
            visit.sweeps = {}
            return
        begun: dict[str, str] = {}
        trainings = {job_id: (config, images) for job_id, config in saved.unfinished.items()}
        for job_id, taught in saved.taught.items():
            mixture = self._own_images.find(visit.name, taught.digest)
            if mixture is None:  # never without its images: the page says that it is lost
                _log.warning("The own images of %s are gone, so it does not go on", job_id)
            else:
                trainings[job_id] = taught.config, images.with_mixture(mixture)
        try:
            for job_id, (config, its_images) in trainings.items():
                if self._engine.view(job_id) is None:
                    beginning = self._beginning(config, its_images)
                    begun[job_id] = self._engine.submit(config, its_images, visit.name, beginning=beginning)
            for name, (plan, sweep_id) in list(visit.sweeps.items()):
                if self._sweeps.view(sweep_id) is None:
                    visit.sweeps[name] = plan, self._sweeps.submit(plan.configs, images, visit.name)
        except (EngineBusyError, ValueError) as error:
            _log.warning("A visit's trainings could not go on: %s", error)
        visit.rename(begun)

    def _beginning(self, config: RunConfig, images: Dataset) -> str:
        """The job that trained what comes before a training's own images; "" where there is none."""
        before = None if images.mixture is None else teaching.before(config, images.mixture)
        key = None if before is None else before.key(images.origin.fingerprint)
        return (self._engine.finished_job_for(key) or "") if key is not None else ""


def _seconds_ahead() -> float:
    return time.time() - time.monotonic()
