"""Streamlit's files from memory: the same answers as Streamlit's own, smaller, and nothing beside them."""

import gzip
from pathlib import Path

import pytest
from asking import ask
from starlette.responses import PlainTextResponse
from streamlit import config, file_util
from streamlit.web.bootstrap import _initialize_mimetypes
from streamlit.web.server.starlette.starlette_static_routes import create_streamlit_static_handler

from dashboard.server import headers
from dashboard.server.static_files import StaticFiles, takes_gzip

FOLDER = Path(file_util.get_static_dir())
UNKNOWN = ("/train", "/nonsense", "/a/b", "/nonsense.html", "/static/js/nothing.js")


def one_of_each():
    """A file of each ending, the smallest, and what is not hashed."""
    by_size = sorted((path for path in FOLDER.rglob("*") if path.is_file()), key=lambda p: -p.stat().st_size)
    names = {path.suffix: path.relative_to(FOLDER).as_posix() for path in by_size}
    return sorted({*names.values(), "index.html", "manifest.json", "favicon.png"})


def loaded(**named):
    """The middleware once its thread has read everything, before an app that knows nothing."""
    files = StaticFiles(PlainTextResponse("not here", status_code=404), **named)
    files.loading.join(60)
    assert not files.loading.is_alive()
    return files


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    folder = tmp_path_factory.mktemp("static")
    for name in one_of_each():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes((FOLDER / name).read_bytes())
    (folder.parent / "secret.txt").write_text("secret")
    return loaded(folder=folder, edit=lambda page: page)


@pytest.mark.parametrize("name", one_of_each())
def test_a_file_is_answered_as_streamlit_answers_it(files, name):
    _initialize_mimetypes()
    status, theirs, body = ask(create_streamlit_static_handler(str(FOLDER), ""), f"/{name}")
    assert status == 200
    status, ours, same = ask(files, f"/{name}")
    assert (status, same) == (200, body)
    for header in ("content-type", "cache-control", "content-length"):
        assert ours[header] == theirs[header]


@pytest.mark.parametrize("name", ["index.html", *(name for name in one_of_each() if name.endswith(".css"))])
def test_text_is_sent_compressed_to_who_takes_it(files, name):
    status, answered, body = ask(files, f"/{name}", accept_encoding="gzip, deflate, br")
    assert (status, answered["content-encoding"], answered["vary"]) == (200, "gzip", "Accept-Encoding")
    assert int(answered["content-length"]) == len(body)
    assert gzip.decompress(body) == (FOLDER / name).read_bytes()


@pytest.mark.parametrize(
    ("accepted", "is_taken"),
    [("gzip", True), ("br, gzip;q=0.5", True), ("*", True), ("GZIP", True), ("gzip; q=0", False),
     ("gzip;q=0.0, *", False), ("identity", False), ("", False), ("br", False), ("*;q=0", False)],
)  # fmt: skip
def test_what_a_browser_takes_is_read_as_it_is_meant(accepted, is_taken):
    assert takes_gzip(accepted) is is_taken


@pytest.mark.parametrize("path", ["/", "/index.html", *UNKNOWN])
def test_every_page_has_the_first_page_as_it_was_edited(path, tmp_path):
    (tmp_path / "index.html").write_bytes(b"<html></html>")
    edited = loaded(folder=tmp_path, edit=lambda page: page.replace(b"><", b">edited<"))
    status, answered, body = ask(edited, path)
    assert (status, body) == (200, b"<html>edited</html>")
    assert answered["content-type"] == "text/html; charset=utf-8"
    assert answered["cache-control"] == "no-cache"


def test_a_browser_that_has_the_file_is_sent_none(files):
    _, answered, _ = ask(files, "/index.html")
    for known in (answered["etag"], f'"other", {answered["etag"].removeprefix("W/")}', "*"):
        status, again, body = ask(files, "/index.html", if_none_match=known)
        assert (status, body, again["etag"]) == (304, b"", answered["etag"])
        assert again["cache-control"] == "no-cache"
    assert ask(files, "/index.html", if_none_match='"other"')[0] == 200


def test_a_question_for_the_headers_alone_gets_no_body(files):
    _, got, body = ask(files, "/index.html")
    status, asked, nothing = ask(files, "/index.html", method="HEAD")
    assert (status, nothing, asked) == (200, b"", got)
    assert int(asked["content-length"]) == len(body)


def test_other_methods_and_parts_of_files_are_left_to_streamlit(files):
    assert ask(files, "/index.html", method="POST")[2] == b"not here"
    assert ask(files, "/index.html", range="bytes=0-1")[2] == b"not here"


@pytest.mark.parametrize("path", UNKNOWN)
def test_a_path_that_there_is_not_is_answered_as_streamlit_answers_it(files, path):
    status, theirs, body = ask(create_streamlit_static_handler(str(FOLDER), ""), path)
    assert status == 200
    status, ours, same = ask(files, path)
    assert (status, same, ours["cache-control"]) == (200, body, theirs["cache-control"])


@pytest.mark.parametrize(
    "path",
    ["/../secret.txt", "/static/../../secret.txt", "//secret.txt", "/..\\secret.txt", "\\\\host\\share",
     "//host/share", "/index.html\0", "/index.html\0.js", "//etc/passwd", "/C:/secret.txt", "/C:\\secret.txt",
     "/static/", "/train/", "", "*", "/_stcore/health", "/train/_stcore/health", "/_stcore/agent/nothing",
     "/media/nothing.png", "/component/a/b.html", "/app/static/a.png", "/auth/login", "/oauth2callback"],
)  # fmt: skip
def test_what_leads_out_of_the_folder_or_is_another_route_is_left_to_streamlit(files, path):
    assert ask(files, path)[2] == b"not here"


@pytest.mark.parametrize("path", ["/..%2fsecret.txt", "/%2e%2e/secret.txt", "/etc/passwd", "/static"])
def test_no_other_path_leads_out_of_the_folder_either(files, path):
    assert ask(files, path)[2] == ask(files, "/")[2]


def test_every_answer_has_the_headers_of_security(files):
    for asked in ({}, {"if_none_match": "*"}):
        answered = ask(files, "/train", host="hall.example:8501", **asked)[1]
        for name, value in headers.PLAIN.items():
            assert answered[name.lower()] == value
        assert answered["content-security-policy"] == headers.content_policy("hall.example:8501")


def test_files_are_found_under_a_base_path(tmp_path):
    (tmp_path / "index.html").write_bytes(b"<html></html>")
    before = config.get_option("server.baseUrlPath")
    config.set_option("server.baseUrlPath", "hall/one")
    try:
        files = loaded(folder=tmp_path)
    finally:
        config.set_option("server.baseUrlPath", before)
    for path in ("/hall/one/train", "/hall/one/", "/hall/one/no/such.page"):
        assert ask(files, path)[2] == b"<html></html>"
    for path in ("/train", "/hall/one", "/hall/one/../index.html", "/hall/one/_stcore/health"):
        assert ask(files, path)[2] == b"not here"


def test_the_policy_allows_the_scripts_of_the_page_that_is_served(monkeypatch):
    monkeypatch.setattr(headers, "first_page", lambda page: page)
    of_streamlit = headers.inline_scripts.__wrapped__()
    monkeypatch.undo()
    assert set(of_streamlit) < set(headers.inline_scripts.__wrapped__())
