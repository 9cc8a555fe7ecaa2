"""The rarer settings behind their tabs: all of a kind are seen at once."""

import pytest
from one_screen import QUERIES, SIZES
from walking import drawn

pytestmark = pytest.mark.browser
HIDDEN = "panel => panel.scrollHeight - panel.clientHeight"
"""Pixels of a tab's settings that one would have to scroll to."""


@pytest.mark.parametrize("path", ["train", "compare?part=Sweep"])
def test_behind_each_tab_all_settings_are_seen_at_a_desk_and_on_a_projector(kept_tab, address, path):
    hidden = {}
    for size in ("desk", "projector", "large projector"):
        kept_tab.set_viewport_size(SIZES[size])
        kept_tab.goto(f"{address}/{path}{'&' if '?' in path else '?'}{QUERIES[size][1:]}")
        drawn(kept_tab)
        for tab in ("Network", "Updates", "Images"):
            kept_tab.get_by_role("tab", name=tab).click()
            panel = kept_tab.get_by_role("tabpanel", name=tab)
            panel.locator(".stSlider, .stSelectbox").first.wait_for()
            hidden[size, tab] = panel.evaluate(HIDDEN)
    assert {place: pixels for place, pixels in hidden.items() if pixels > 1} == {}
