"""Any number of the visit's runs side by side: settings, accuracies, curves."""

from collections.abc import Mapping, Sequence
from typing import Final

import pandas as pd
import plotly.graph_objects as go
import streamlit as st

from dashboard.elements.prose import read_lesson
from dashboard.session import resources, visits
from dashboard.widgets import charts, tables
from dashboard.widgets.controls import PERSIST, segmented_choice
from mnist_core.analysis.comparison import descriptions, differing_pairs, differing_settings
from mnist_core.figures.curves import QUANTITIES
from mnist_core.figures.lab.comparison import Images, accuracies_figure, curves_figure
from mnist_core.training.history import History

SHOWN_AT_FIRST: Final = 6
CLASSIC: Final = "Classic"
_KNOWN, _SHOWN = "compare_known", "compare_shown"


def comparable_runs() -> dict[str, resources.TrainedRun]:
    """The classic network and the visit's runs that have a record, by their names."""
    visit = visits.current_visit()
    jobs = {f"Run {number}": job_id for number, job_id in enumerate(visit.runs, 1)}
    classic = resources.ensure_classic_network()
    if classic not in jobs.values():
        jobs = {CLASSIC: classic} | jobs
    runs = {name: resources.current(job_id) for name, job_id in jobs.items()}
    return {name: run for name, run in runs.items() if run is not None}


def choose_runs(runs: Mapping[str, resources.TrainedRun]) -> dict[str, resources.TrainedRun]:
    """The runs to compare; a run that is new since the last look is among them."""
    jobs, known = {name: run.job_id for name, run in runs.items()}, st.session_state.get(_KNOWN, {})
    shown = [
        name for name in st.session_state.get(_SHOWN, ()) if name in jobs and known.get(name) == jobs[name]
    ]
    fresh = [name for name, job_id in jobs.items() if known.get(name) != job_id]
    st.session_state[_SHOWN] = [*shown, *fresh[-SHOWN_AT_FIRST:]]
    st.session_state[_KNOWN] = jobs
    words = dict(zip(runs, descriptions([run.record.config for run in runs.values()]), strict=True))
    picked = st.multiselect(
        "Runs to compare",
        list(runs),
        format_func=lambda name: f"{name}: {words[name]}" if words[name] else name,
        key=_SHOWN,
        **PERSIST,
        placeholder="Choose two or more",
    )
    return {name: runs[name] for name in runs if name in picked}


def accuracies(compared: Mapping[str, resources.TrainedRun]) -> None:
    """The test accuracies of any number of runs, and what chance leaves of their differences."""
    is_fair = len({run.dataset.origin.fingerprint for run in compared.values()}) == 1
    if not is_fair:
        st.warning(read_lesson("lab", "compare")["other images"], icon=":material/warning:")
    name = f"accuracies {list(compared)}"
    charts.draw_of("compare_accuracies", _jobs(compared), name, _accuracies_figure, compared, is_fair)


def _accuracies_figure(compared: Mapping[str, resources.TrainedRun], is_fair: bool) -> go.Figure:
    """With the test of all pairs, which is made only where the figure is drawn."""
    differing = differing_pairs({name: run.evaluation for name, run in compared.items()}) if is_fair else None
    return accuracies_figure({name: run.report for name, run in compared.items()}, differing)


def side_by_side(compared: Mapping[str, resources.TrainedRun]) -> None:
    """Settings that differ, facts, and curves of any number of runs."""
    _table(compared)
    histories = {name: run.record.history for name, run in compared.items()}
    images = _images(list(histories.values()))
    for column, quantity in zip(st.columns(2), QUANTITIES, strict=True):
        name = f"{quantity} {images} {list(histories)}"
        with column:
            key = f"compare_{quantity}"
            charts.draw_of(key, _jobs(compared), name, curves_figure, histories, quantity, images)


def _jobs(compared: Mapping[str, resources.TrainedRun]) -> str:
    return " ".join(run.job_id for run in compared.values())


def _images(histories: Sequence[History]) -> Images:
    """Of which images the curves are: the same for all runs, at first those that every run has curves of."""
    with_validation = [history.has_validation for history in histories]
    if not any(with_validation):
        return "training"
    words: dict[Images, str] = {"training": "training images", "validation": "validation images"}
    first: Images = "validation" if all(with_validation) else "training"
    return segmented_choice("Curves on the", words, f"compare_curves_{first}", first=first)


def _table(compared: Mapping[str, resources.TrainedRun]) -> None:
    records = [run.record for run in compared.values()]
    differing = differing_settings([record.config for record in records])
    rows = []
    for place, (name, run) in enumerate(compared.items()):
        record, report, interval = run.record, run.report, run.report.interval
        validation, kept = record.history.validation_accuracy, record.kept_epoch - 1
        rows.append(
            {
                "Run": name,
                "Test accuracy (%)": 100 * report.n_right / report.n_images,
                "95% interval": f"{100 * interval.low:.1f} – {100 * interval.high:.1f}",
            }
            | {setting.capitalize(): values[place] for setting, values in differing.items()}
            | {
                "Parameters": record.config.network.n_parameters,
                "Updates": record.steps_done,
                "Time (s)": record.seconds,
                "Validation accuracy (%)": 100 * validation[kept] if len(validation) else None,
                "State": "paused" if record.is_stopped else "finished",
            }
        )
    whole = st.column_config.NumberColumn(format="localized")
    formats = {**tables.RESULT_FORMATS, "Parameters": whole, "Updates": whole}
    tables.data_table(pd.DataFrame(rows), formats, "compare_table")
