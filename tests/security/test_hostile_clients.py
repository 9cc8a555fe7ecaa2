"""What the server does with clients that are no browser of ours: headers, uploads, and its own protocol."""

import asyncio
import re
from http.client import HTTPConnection
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import pytest
from hostile import KINDS, Client, dice_of, hostile_state, wrong_value
from one_server import SLIDES
from paths import ROOT
from streamlit import net_util
from streamlit.config import get_option
from streamlit.delta_generator_singletons import context_dg_stack
from streamlit.web.server.server_util import is_url_from_allowed_origins
from websockets.exceptions import ConnectionClosed

import app
from dashboard.server.first_page import SCRIPT
from dashboard.server.headers import PLAIN, content_policy

STEMS = sorted(path.stem for path in (ROOT / "pages").glob("*/*.py"))
FUZZED_LATER = ["" if stem == "overview" else stem for stem in STEMS if stem not in ("train", "join")]
BOUNDARY = "nothing-in-a-file"
ON_EVERY_PAGE = ("-chart_format", "-present", "-visit_memory")
TRACES = re.compile(r"Traceback|\.py\b|line \d+")


@pytest.fixture(scope="module")
def address(strangers_address):
    client = Client(strangers_address)
    client.wait_until_trained()
    client.close()
    return strangers_address


@pytest.fixture
def client(address):
    opened = Client(address)
    yield opened
    opened.close()


def ask(url, method="GET", body=None, **headers):
    """Status, headers and body of an answer, whatever the status is."""
    try:
        with urlopen(Request(url, body, headers, method=method), timeout=30) as answer:
            return answer.status, answer.headers, answer.read()
    except HTTPError as error:
        return error.code, error.headers, error.read()


@pytest.mark.parametrize(
    "path",
    ["", "train", "static/nothing.js", "favicon.png", "_stcore/health", "media/nothing.png", "%2e%2e/x"],
)
def test_every_answer_has_the_headers(address, path):
    _, headers, _ = ask(f"{address}/{path}")
    host = address.removeprefix("http://")
    assert headers["Content-Security-Policy"] == f"{content_policy(host)} {SLIDES}"
    assert {name: headers[name] for name in PLAIN} == dict(PLAIN)


@pytest.mark.parametrize("path", ["", "train", "nonsense", "a/b?c=d", "nonsense.html"])
def test_every_address_has_the_first_page_with_our_script(address, path):
    status, _, body = ask(f"{address}/{path}")
    assert status == 200
    assert SCRIPT.encode() in body


def test_the_two_scripts_of_the_first_page_are_allowed_by_their_hashes_and_no_other():
    policy = content_policy("example.org")
    scripts = re.search(r"script-src ([^;]+);", policy)[1].split()
    assert "'unsafe-inline'" not in scripts
    assert "'unsafe-eval'" not in scripts
    assert sum(source.startswith("'sha256-") for source in scripts) == 2
    assert not any(source.startswith(("http", "*")) for source in scripts)


def test_community_cloud_may_show_the_dashboard_in_its_frame_and_no_other_site():
    sites = re.search(r"frame-ancestors ([^;]+)", content_policy("example.org"))[1].split()
    assert {"'self'", "https://*.streamlit.app"} <= set(sites)
    assert all(site == "'self'" or re.fullmatch(r"https://[*a-z.-]*streamlit[a-z.]*", site) for site in sites)


@pytest.mark.parametrize("host", ["evil.test; script-src *", "a b", "x\r\nSet-Cookie: a", "é.test", "*", ""])
def test_a_host_that_is_none_adds_nothing_to_the_policy(host):
    assert "connect-src 'self' data:;" in content_policy(host)
    assert content_policy(host).isascii()


def test_the_options_that_protect_are_set_and_not_left_to_their_defaults():
    written = (ROOT / ".streamlit" / "config.toml").read_text()
    for option, value in {
        "enableXsrfProtection": True, "enableCORS": True, "maxUploadSize": 10, "maxMessageSize": 20,
        "maxWidgetStateSize": 1,
    }.items():  # fmt: skip
        assert f"\n{option} = {str(value).lower()}\n" in written
        assert get_option(f"server.{option}") == value


def upload(address, session, content, name="0", **headers):
    head = f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="file"; filename="a.png"\r\n\r\n'
    body = head.encode() + content + f"\r\n--{BOUNDARY}--\r\n".encode()
    kind = {"Content-Type": f"multipart/form-data; boundary={BOUNDARY}"}
    return ask(f"{address}/_stcore/upload_file/{session}/{name}", "PUT", body, **kind, **headers)[0]


@pytest.fixture(scope="module")
def token(address):
    """The headers of a browser that was given a token."""
    _, headers, _ = ask(f"{address}/_stcore/health")
    value = re.search(r"_streamlit_xsrf=([^;]+)", headers["Set-Cookie"])[1]
    return {"X-Xsrftoken": value, "Cookie": f"_streamlit_xsrf={value}"}


def test_an_upload_without_the_token_is_refused(address, token, client):
    client.ask("draw")
    assert upload(address, client.session, b"x") == 403
    assert upload(address, client.session, b"x", **token | {"X-Xsrftoken": "2|0|0|0"}) == 403
    assert upload(address, client.session, b"x", **token) == 204


def test_an_upload_to_nobodys_session_is_refused(address, token):
    assert upload(address, "somebody", b"x", **token) == 400


def test_an_upload_that_is_too_large_is_refused_before_it_is_sent(address, token, client):
    client.ask("draw")
    connection = HTTPConnection(address.removeprefix("http://"), timeout=30)
    headers = token | {"Content-Length": str(11 << 20)}
    connection.request("PUT", f"/_stcore/upload_file/{client.session}/0", b"", headers)
    assert connection.getresponse().status == 413
    connection.close()


def test_one_session_cannot_fill_the_memory_with_files(address, token, client):
    client.ask("draw")
    answers = [upload(address, client.session, b"x", str(number), **token) for number in range(12)]
    assert answers == [204] * 8 + [413] * 4
    other = Client(address)
    other.ask("draw")
    assert upload(address, other.session, b"x", **token) == 204
    other.close()


def test_another_site_cannot_open_a_connection(address):
    with pytest.raises(Exception, match="403"):
        Client(address, origin="http://evil.test")


def test_while_serving_nobody_on_the_internet_is_asked_and_the_stack_of_containers_is_there(monkeypatch):
    # Streamlit waits for the answer, and while it waits nobody is served.
    asked = []
    monkeypatch.setattr(net_util, "_external_ip", None)
    monkeypatch.setattr(net_util, "get_external_ip", net_util.get_external_ip)
    monkeypatch.setattr(net_util, "_make_blocking_http_get", lambda url, **_: asked.append(url))
    assert not is_url_from_allowed_origins("http://evil.test")
    assert asked  # else there is nothing left to turn off
    asked.clear()
    monkeypatch.setattr(context_dg_stack, "_context_var", None)

    async def while_serving():
        async with app.serving(app.app):
            return is_url_from_allowed_origins("http://evil.test"), context_dg_stack._context_var

    is_allowed, stack = asyncio.run(while_serving())
    assert not is_allowed
    assert not asked
    assert stack is not None  # else two first visitors at once would make one each


@pytest.mark.parametrize(
    "content", [b"\xff" * 100, b"x" * 1_100_000], ids=["no message", "more than a megabyte"]
)
def test_what_is_no_message_or_too_large_ends_the_connection_and_nothing_else(address, content):
    bad, good = Client(address), Client(address)
    with pytest.raises(ConnectionClosed):
        bad.send(content)
    answer = good.ask("glossary")
    assert answer.is_finished
    assert not answer.exceptions
    good.close()


@pytest.mark.parametrize(
    "page", ["train", "join", *(pytest.param(page, marks=pytest.mark.load) for page in FUZZED_LATER)]
)
def test_a_value_that_no_control_could_have_leaves_the_page_as_it_was(client, page):
    dice = dice_of(page)
    first = client.ask(page)
    assert not first.exceptions
    for label in ("Show me without a guess", "Open a class"):
        if label in first.buttons:
            first = client.press(page, first.buttons[label])
    for name, element in first.widgets.items():
        if name.endswith(ON_EVERY_PAGE) and page != "glossary":
            continue
        state = wrong_value(name, element, dice)
        if state is not None:
            answer = client.ask(page, [state])
            assert not answer.exceptions, (element.WhichOneof("type"), name)
    again = client.ask(page)
    assert again.is_finished
    assert not again.exceptions


@pytest.mark.parametrize("kind", KINDS)
def test_who_breaks_the_protocol_hurts_nobody_else_and_is_told_nothing(address, client, kind):
    dice = dice_of(kind)
    for page in ("train", "draw", "learning"):
        widgets = client.ask(page).widgets
        answer = client.ask(page, [hostile_state(name, kind, dice) for name in widgets])
        assert not any(TRACES.search(error.message) or error.stack_trace for error in answer.exceptions)
    other = Client(address)
    answer = other.ask("train")
    assert answer.is_finished
    assert not answer.exceptions
    other.close()


def test_a_fragment_that_there_is_not_and_a_page_that_there_is_not_change_nothing(client):
    before = client.ask("train")
    client.run_fragment("train", "no-such-fragment")
    for page in ("<script>", "../app", "x" * 10_000):
        answer = client.ask(page)
        assert not answer.exceptions
        assert answer.texts != before.texts
    after = client.ask("train")
    assert not after.exceptions
    assert (after.texts, set(after.widgets)) == (before.texts, set(before.widgets))


@pytest.mark.parametrize(
    "url", ["http://[::1", "javascript:alert(1)", "http://a:99999/", "x" * 50_000, "//", "\x00"]
)
def test_a_browser_that_lies_about_its_address_sees_the_page(client, url):
    first = client.ask("train", url=url)
    assert not first.exceptions
    assert not client.press("train", first.buttons["Share"], url=url).exceptions
