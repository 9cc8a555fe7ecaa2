"""A part of a page alone, for slides and course pages: its link, the sites that are allowed, its cookie."""

import re

import pytest
from asking import ask
from paths import ROOT
from starlette.responses import PlainTextResponse
from streamlit.testing.v1 import AppTest

from dashboard import site_map
from dashboard.elements.prose import read_lesson
from dashboard.server import embedding
from dashboard.server.headers import content_policy
from dashboard.server.visitors import BrowserCookie

pytestmark = pytest.mark.usefixtures("app")  # which has a network to show


@pytest.fixture
def allowed(monkeypatch):
    """Name sites as who runs the server does."""

    def name(sites):
        monkeypatch.setenv(embedding.SITES, sites)
        embedding.named_sites.cache_clear()

    yield name
    monkeypatch.undo()
    embedding.named_sites.cache_clear()


def embedded(page, **parameters):
    """A new visit to a page in a frame."""
    visit = AppTest.from_file(str(ROOT / "app.py"), default_timeout=120)
    visit.context = {"is_embedded": True, "url": "http://localhost:8501/"}
    visit.query_params["embed"] = "true"
    for name, value in parameters.items():
        visit.query_params[name] = value
    return visit.switch_page(page.path).run()


def words(visit):
    return "\n".join(element.value for element in (*visit.markdown, *visit.header, *visit.caption))


def test_named_sites_may_show_the_dashboard_in_a_frame_and_what_is_none_is_left_out(allowed, caplog):
    allowed(
        "https://lms.example.org, https://*.example.com:8443 http://slides.test:* *; script-src evil.test"
    )
    sites = re.search("frame-ancestors ([^;]+)", content_policy("a.org"))[1].split()
    assert {"https://lms.example.org", "https://*.example.com:8443", "http://slides.test:*"} < set(sites)
    assert not {"*", "*;", "script-src", "evil.test"} & set(sites)
    assert caplog.text.count("is no site") == 3
    allowed("")
    assert "lms.example.org" not in content_policy("a.org")


@pytest.mark.parametrize(
    ("sites", "said", "is_kept"),
    [
        ("https://lms.org", {"sec_fetch_dest": "iframe", "sec_fetch_site": "cross-site"}, True),
        ("https://lms.org", {"sec_fetch_dest": "document", "sec_fetch_site": "cross-site"}, False),
        ("https://lms.org", {}, False),
        ("", {"sec_fetch_dest": "iframe", "sec_fetch_site": "cross-site"}, False),
    ],
)
def test_the_cookie_is_kept_in_a_frame_of_a_named_site_over_https_and_for_that_site_alone(
    allowed, sites, said, is_kept
):
    allowed(sites)
    app = BrowserCookie(PlainTextResponse("a page"))
    over_https = ask(app, "/draw", x_forwarded_proto="https", **said)[1]["set-cookie"]
    assert over_https.endswith("SameSite=None; Secure; Partitioned" if is_kept else "SameSite=Lax")
    assert ask(app, "/draw", **said)[1]["set-cookie"].endswith("SameSite=Lax")


def test_a_link_to_a_section_shows_it_without_a_guess_and_nothing_around_it():
    visit = embedded(site_map.BY_STEM["optimizers"], alone="true", section="2")
    assert not visit.exception
    assert len(visit.header) == 1
    drawn = {element.proto.component_name for element in visit.get("bidi_component")}
    assert not any(name.endswith("keyed_links") for name in drawn)
    assert {"share", "pages", "notes"}.isdisjoint(button.key for button in visit.button)
    assert not visit.get("page_link")


def test_a_link_that_asks_for_a_part_shows_it_and_one_that_there_is_not_shows_the_first():
    told = read_lesson("lab", "inside")
    alone = embedded(site_map.INSIDE, alone="true", part="Map")
    assert told["map"] in words(alone)
    assert "inside_part" not in alone.session_state
    assert told["map"] not in words(embedded(site_map.INSIDE, alone="true", part="<b>Map"))
    beside = embedded(site_map.INSIDE, part="Map")
    assert told["map"] in words(beside)
    assert beside.session_state["inside_part"] == "Map"


def test_share_offers_a_frame_with_the_part_that_is_chosen(allowed):
    allowed("https://lms.example.org")
    visit = AppTest.from_file(str(ROOT / "app.py"), default_timeout=120)
    visit.context = {"url": "https://nets.example.org/optimizers"}
    visit.switch_page(site_map.BY_STEM["optimizers"].path).run()
    visit.button(key="share").click().run()
    frame = next(code.value for code in visit.code if code.value.startswith("<iframe"))
    assert "https://nets.example.org/optimizers?embed=true&amp;alone=true" in frame
    assert "`https://lms.example.org`" in words(visit)
