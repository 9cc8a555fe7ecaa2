"""The run that a link shows: put into the link on one device, taken from it on the other.

Settings alone do not say which network a page shows: a lecturer may have moved a slider since. So a link
names the run, and a visit that opens it makes it its current one. The name is then taken out of the address,
so that a reload does not undo what the visit trains afterwards.
"""

import re
from typing import Final

import streamlit as st

from dashboard.elements.prose import read_lesson
from dashboard.session import choices, resources, visits
from dashboard.session.visit import Visit
from mnist_core.engine.jobs import JobState

RUN: Final = "run"
"""The parameter in a link."""
_ASKED: Final = "linked_run"
_DONE_FOR: Final = "linked_run_of_visit"
_NAME: Final = re.compile(r"([0-9a-f]{16})-[0-9]{1,9}")


def parameters() -> dict[str, str]:
    """What a link says of the visit's current run; nothing for the classic network, which all visits have.

    Nothing either for a run that was taught with own images: these are the visit's alone. What a class has
    taught is for the class.
    """
    current = visits.current_visit().current
    return {RUN: current} if current and _is_there(current) and not is_private(current) else {}


def is_private(job_id: str) -> bool:
    """Whether a visitor's own images took part in a run, so that no link shows it to others."""
    view = resources.engine().view(job_id)
    if view is None or not view.own_images:
        return False
    record = resources.engine().record(job_id)
    return record is None or record.mixture is None or record.mixture.source == "visit"


def adopt_run_from_url() -> None:
    """Make the run that the address names, or whose settings it has, the visit's current one."""
    visit = visits.current_visit()
    is_new_session = _ASKED not in st.session_state
    if is_new_session:
        st.session_state[_ASKED] = None
        if st.query_params.keys() & choices.CHOICES.keys() and RUN not in st.query_params:
            _add(visit, _find(choices.run_config().key(resources.dataset().fingerprint)))
    if RUN in st.query_params:
        st.session_state[_ASKED], st.session_state[_DONE_FOR] = st.query_params[RUN], None
        del st.query_params[RUN]
    asked = st.session_state[_ASKED]
    # The tab may say in its second run that it belongs to an earlier visit; the link holds for that one, too.
    if asked is not None and st.session_state[_DONE_FOR] != visit.name:
        st.session_state[_DONE_FOR] = visit.name
        job_id = resolve(asked)
        _add(visit, job_id)
        if job_id is None:
            choices.report(read_lesson("lecture", "sharing")["run gone"])


def _add(visit: Visit, job_id: str | None) -> None:
    if job_id is not None:
        visit.show_run(job_id)


def resolve(asked: str) -> str | None:
    """The run that a link names, or one like it; None where this visit cannot see any."""
    name = _NAME.fullmatch(asked)
    if name is None:
        return None
    if is_private(asked) and asked not in visits.current_visit().runs:
        return None
    return asked if _is_there(asked) else _find(name[1])


def _find(key: str) -> str | None:
    return resources.engine().finished_job_for(key)


def _is_there(job_id: str) -> bool:
    view = resources.engine().view(job_id)
    if view is None or view.state is JobState.FAILED:
        return False
    return not view.state.is_final or resources.engine().record(job_id) is not None
