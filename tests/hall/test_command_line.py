"""What may be asked of the hall, and what the dashboards of one share."""

import pytest

from hall import __main__ as hall
from hall import command_line
from mnist_core.storage import kept_records


def test_without_options_there_is_a_dashboard_for_each_core(monkeypatch):
    monkeypatch.setattr("os.cpu_count", lambda: 8)
    asked = command_line.read([])
    assert (asked.port, asked.dashboards, asked.workers) == (8501, 8, 2)


@pytest.mark.parametrize("words", [["--dashboards=0"], ["--workers=17"], ["--port=70000"], ["--port=٣"]])
def test_what_is_out_of_bounds_gets_a_sentence(words, capsys):
    with pytest.raises(SystemExit) as ended:
        command_line.read(words)
    assert ended.value.code == 2
    assert "takes 1 to" in capsys.readouterr().err


def test_classes_end_with_the_hall_and_runs_outlast_it(tmp_path, monkeypatch):
    monkeypatch.setattr("pooch.os_cache", lambda project: tmp_path / "cache")
    shared = hall.environment_of_dashboards(tmp_path / "hall", {})
    assert shared["MLP_STORE"].startswith(str(tmp_path / "hall"))
    assert shared["MLP_RECORDS"] == str(tmp_path / "cache")
    assert len(shared["STREAMLIT_SERVER_COOKIE_SECRET"]) == 64
    other = hall.environment_of_dashboards(tmp_path / "hall", {})
    assert other["STREAMLIT_SERVER_COOKIE_SECRET"] != shared["STREAMLIT_SERVER_COOKIE_SECRET"]


def test_what_was_set_before_stays(tmp_path):
    given = {"MLP_STORE": "/data", "STREAMLIT_SERVER_COOKIE_SECRET": "mine"}
    assert hall.environment_of_dashboards(tmp_path, given) == {**given, "MLP_RECORDS": ""}


@pytest.mark.parametrize(("named", "is_named"), [("", False), ("none", False), ("/folder", True)])
def test_a_named_folder_of_runs_goes_before_the_shared_one(named, is_named, monkeypatch):
    monkeypatch.setenv(kept_records.SETTING, named)
    assert kept_records.is_named() == is_named


def test_a_port_in_use_and_a_machine_without_nginx_get_a_way_out(monkeypatch, capsys):
    monkeypatch.setattr(hall, "_is_taken", lambda port: port == 8501)
    assert hall.main([]) == 1
    assert "Port 8501 is in use" in capsys.readouterr().err
    monkeypatch.setattr("shutil.which", lambda name: None)
    monkeypatch.setattr("signal.signal", lambda *_: None)
    assert hall.main(["--port", "8502"]) == 1
    assert "There is no nginx on this machine. Install it" in capsys.readouterr().err
