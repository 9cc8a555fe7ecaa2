import re
import socket
from urllib.parse import parse_qsl, urlsplit

import pytest
import segno
import training_process
from paths import ROOT
from streamlit.testing.v1 import AppTest

from dashboard import site_map
from dashboard.elements.prose import read_lesson
from dashboard.lecture import sharing
from dashboard.lecture.addresses import AddressError, checked, is_local, own_bases, reachable_address
from dashboard.lecture.sharing import QUIET_ZONE, qr_svg
from dashboard.server.networks import in_order, own_addresses
from mnist_core.config import NetworkConfig, RunConfig, TrainingConfig

LAN = "192.168.1.20"


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("http://192.168.1.20:8501", "http://192.168.1.20:8501"),
        ("  https://mnist.example.org/nets/  ", "https://mnist.example.org/nets"),
        ("http://[fd00::12]:8501", "http://[fd00::12]:8501"),
        ("HTTP://Lecture-PC:80/", "http://lecture-pc:80"),
    ],
)
def test_an_address_that_a_dashboard_can_have_is_taken(typed, kept):
    assert checked(typed) == kept
    assert checked(kept) == kept


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "192.168.1.20:8501",
        "ftp://example.org",
        "javascript:alert(1)",
        "http://",
        "http://example.org:99999",
        "http://example.org:0",
        "http://me:secret@example.org",
        "http://example.org/?units=3",
        "http://example.org/#top",
        "http://exa mple.org",
        "http://example.org/<script>",
        "http://-example.org",
        "http://[::1",
        "https://" + "a" * 300,
    ],
)
def test_any_other_address_is_refused_in_a_sentence(typed):
    with pytest.raises(AddressError) as refused:
        checked(typed)
    assert str(refused.value).endswith((".", ":8501"))
    assert len(str(refused.value)) > 20


@pytest.mark.parametrize(
    ("typed", "why"),
    [
        ("http://example.org:0", "The port must be 1 to 65535, not 0."),
        ("https://" + "a" * 300, "This one has 308. Type only the host, the port and the path."),
    ],
)
def test_a_port_and_a_length_that_an_address_cannot_have_are_named(typed, why):
    with pytest.raises(AddressError, match=why):
        checked(typed)


def test_what_the_browser_shows_is_what_others_use_if_it_is_no_name_of_the_machine_itself():
    address = reachable_address("https://nets.example.org/course/train", "train", None, own=LAN)
    assert (address.base, address.is_reachable, address.note) == ("https://nets.example.org/course", True, "")
    assert address.link() == "https://nets.example.org/course/"
    assert address.link("draw", image="7") == "https://nets.example.org/course/draw?image=7"


def test_a_page_of_that_name_in_the_address_before_it_stays():
    assert reachable_address("http://example.org/train", "", None).base == "http://example.org/train"


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "[::1]", "127.3.2.1", "mnist.localhost"])
def test_a_phone_is_given_the_machines_address_in_its_network(host):
    address = reachable_address(f"http://{host}:8501/train", "train", None, own=LAN)
    assert (address.base, address.is_reachable) == (f"http://{LAN}:8501", True)
    assert address.note == "on this machine"


def test_a_server_that_listens_to_its_own_machine_only_is_said_to_do_so():
    address = reachable_address("http://localhost:8501", "", "127.0.0.1", own=LAN)
    assert (address.base, address.is_reachable, address.note) == (
        "http://localhost:8501",
        False,
        "bound to itself",
    )
    assert reachable_address("http://localhost:8501", "", "0.0.0.0", own=LAN).is_reachable


def test_a_machine_in_no_network_is_said_to_be_in_none():
    assert reachable_address("http://localhost:8501", "", None, own=None).note == "in no network"


def test_what_is_typed_comes_before_what_is_found():
    typed = "https://nets.example.org"
    assert (
        reachable_address("http://localhost:8501/draw", "draw", "127.0.0.1", typed, LAN).link("draw")
        == f"{typed}/draw"
    )


def test_every_note_on_an_address_has_its_words():
    words = read_lesson("lecture", "sharing")
    for note in ("chosen", "on this machine", "bound to itself", "in no network"):
        assert words[note]


def read_qr_code(dark):
    """The text of a QR code of version 1 to 3 and level M, read as ISO/IEC 18004 says.

    These have one block, whose data codewords come first; nothing here knows how the code was made.
    """
    top = min(row for row, _ in dark)
    dark = {(row - top, column - top) for row, column in dark}
    size = max(row for row, _ in dark) + 1
    version = (size - 17) // 4
    beside = [(8, c) for c in (0, 1, 2, 3, 4, 5, 7, 8)] + [(r, 8) for r in (7, 5, 4, 3, 2, 1, 0)]
    form = int("".join(str(int(place in dark)) for place in beside), 2) ^ 0b101010000010010
    level, mask = form >> 13, form >> 10 & 7
    assert level == 0, "not level M"

    def is_fixed(row, column):
        corner = (row < 9 and column < 9) or (row < 9 and column >= size - 8)
        corner = corner or (row >= size - 8 and column < 9)
        is_alignment = version > 1 and abs(row - size + 7) <= 2 and abs(column - size + 7) <= 2
        return corner or is_alignment or row == 6 or column == 6

    flips = [
        lambda r, c: (r + c) % 2, lambda r, c: r % 2, lambda r, c: c % 3, lambda r, c: (r + c) % 3,
        lambda r, c: (r // 2 + c // 3) % 2, lambda r, c: r * c % 2 + r * c % 3,
        lambda r, c: (r * c % 2 + r * c % 3) % 2, lambda r, c: ((r + c) % 2 + r * c % 3) % 2,
    ]  # fmt: skip
    bits, is_upward = "", True
    for right in (*range(size - 1, 6, -2), 5, 3, 1):
        for row in range(size - 1, -1, -1) if is_upward else range(size):
            for column in (right, right - 1):
                if not is_fixed(row, column):
                    bits += str(int(((row, column) in dark) ^ (flips[mask](row, column) == 0)))
        is_upward = not is_upward
    assert bits[:4] == "0100", "not in bytes"
    n_bytes = int(bits[4:12], 2)
    return bytes(int(bits[12 + 8 * i : 20 + 8 * i], 2) for i in range(n_bytes)).decode()


@pytest.mark.parametrize(
    "address",
    ["http://h:80/a", "http://10.0.0.7:8501/draw", "http://192.168.1.20:8501/predict?im=7"],
)
def test_a_qr_code_read_back_is_the_address(address):
    assert read_qr_code(dark_modules(qr_svg(address))) == address


def test_settings_in_a_link_are_written_as_urls_need_them():
    assert (
        reachable_address("http://a.org", "", None).link("train", a="1 & 2") == "http://a.org/train?a=1+%26+2"
    )


def test_the_machines_addresses_are_those_that_it_really_has():
    addresses = [own.address for own in own_addresses()]
    assert len(set(addresses)) == len(addresses)
    for address in addresses:
        assert not is_local(address)
        with socket.socket() as probe:
            probe.bind((address, 0))  # refused for any other machine's address


def test_addresses_come_in_the_order_in_which_phones_are_likely_to_reach_them():
    interfaces = {
        "lo": ["127.0.0.1"],
        "docker0": ["172.17.0.1"],
        "utun3": ["10.8.0.2"],
        "eth1": ["169.254.7.7"],
        "Wi-Fi": ["192.168.1.20"],
        "eth0": ["10.1.2.3"],
        "vEthernet (WSL)": ["172.28.0.1"],
    }
    found = in_order(interfaces, "10.1.2.3")
    assert [(own.address, own.kind) for own in found] == [
        ("10.1.2.3", "room"),
        ("192.168.1.20", "room"),
        ("169.254.7.7", "unassigned"),
        ("10.8.0.2", "VPN"),
        ("172.17.0.1", "inside"),
        ("172.28.0.1", "inside"),
    ]
    assert in_order(interfaces, "10.8.0.2")[0].address == "192.168.1.20"  # a VPN has the way out


def test_a_hotspot_without_a_way_out_has_its_address_and_a_machine_in_no_network_has_none():
    assert [own.address for own in in_order({"wlan0": ["10.42.0.1"]}, None)] == ["10.42.0.1"]
    assert in_order({"lo": ["127.0.0.1"], "eth0": []}, None) == ()
    assert [own.address for own in in_order({}, "192.168.1.20")] == ["192.168.1.20"]  # it says no more


def test_all_addresses_of_the_machine_are_offered_to_who_is_at_it_and_to_nobody_else():
    own = ["192.168.1.20", "10.8.0.2"]
    expected = ("http://192.168.1.20:8501", "http://10.8.0.2:8501")
    for host in ("localhost:8501", "10.8.0.2:8501"):
        assert own_bases(f"http://{host}/draw", "draw", None, own) == expected
    assert own_bases("https://nets.example.org/draw", "draw", None, own) == ()
    assert own_bases("http://localhost:8501/draw", "draw", "127.0.0.1", own) == ()


def test_a_lecturer_chooses_another_address_of_the_machine_and_a_stranger_none(monkeypatch):
    networks = in_order({"eth0": ["10.1.2.3"], "wlan0": ["10.42.0.1"]}, "10.1.2.3")
    monkeypatch.setattr(sharing, "own_addresses", lambda: networks)
    visit = opened()
    visit.context["url"] = "http://localhost:8501/"
    visit.button(key="share").click().run()
    assert "http://10.1.2.3:8501/" in visit.code[0].value
    visit.radio(key="share_which").set_value("http://10.42.0.1:8501").run()
    visit.button(key="share").click().run()
    assert "http://10.42.0.1:8501/" in visit.code[0].value
    stranger = opened()
    stranger.button(key="share").click().run()
    assert [radio.key for radio in stranger.radio if radio.key == "share_which"] == []


def dark_modules(svg):
    """The dark modules of an SVG as a set of (row, column), read from its one stroked path."""
    path = re.search(r'class="qrline" stroke="#000" d="([^"]*)"', svg)[1]
    row, column, dark = 0.0, 0.0, set()
    for command, numbers in re.findall(r"([Mmh])([^Mmh]*)", path):
        values = [float(number) for number in re.findall(r"-?\d*\.?\d+", numbers)]
        if command == "M":
            column, row = values
        elif command == "m":
            column, row = column + values[0], row + values[1]
        else:
            dark |= {(int(row), int(column + step)) for step in range(int(values[0]))}
            column += values[0]
    return dark


def test_a_qr_code_holds_the_address_and_a_quiet_zone():
    address = "http://192.168.1.20:8501/predict?units=64&image=123"
    matrix = segno.make(address, error="m", micro=False).matrix
    expected = {(y + 4, x + 4) for y, row in enumerate(matrix) for x, module in enumerate(row) if module}
    svg = qr_svg(address)
    assert dark_modules(svg) == expected
    assert min(min(pair) for pair in expected) == QUIET_ZONE
    assert 'fill="#fff"' in svg
    assert dark_modules(qr_svg(address + "4")) != expected


def opened(**parameters):
    """A new visit that opens the dashboard with a link."""
    started = AppTest.from_file(str(ROOT / "app.py"), default_timeout=60)
    started.context = {"url": "https://nets.example.org/"}
    for name, value in parameters.items():
        started.query_params[name] = value
    return started.run()


def shared(visit, page="train"):
    """The link that a visit shares, and its parameters."""
    visit.switch_page(site_map.BY_STEM[page].path).run()
    visit.button(key="share").click().run()
    assert not visit.exception
    (address,) = (code.value for code in visit.code if code.value.startswith("http"))
    parts = urlsplit(address)
    assert visit.get("image") or visit.get("imgs")
    return parts, dict(parse_qsl(parts.query))


@pytest.fixture(scope="module")
def trained(app):
    """A small run that the server has trained, and its settings in a link."""
    network, training = NetworkConfig((4,)), TrainingConfig(epochs=1, n_training_images=300)
    config = RunConfig(network, training)
    (job_id,) = training_process.trained(config)
    return job_id, {"units": "4", "epochs": "1", "images": "300"}


def test_a_shared_link_has_the_page_the_settings_and_the_image_and_nothing_else(app):
    visit = opened(units="64", rate="0.01", image="123", tour="10", step="2")
    parts, parameters = shared(visit, "predict")
    assert (parts.scheme, parts.netloc, parts.path) == ("https", "nets.example.org", "/predict")
    assert parameters == {"units": "64", "rate": "0.01", "image": "123"}


def test_a_link_without_anything_set_is_the_page_alone(app):
    parts, parameters = shared(opened(), "evaluate")
    assert (parts.path, parameters) == ("/evaluate", {})


def test_a_shared_link_never_holds_the_name_of_the_visit(app, trained):
    from dashboard.session import visits

    _, settings = trained
    visit = opened(**settings)
    parts, _ = shared(visit)
    name = visit.session_state["visit_id"]
    assert visits.all_visits().find(name) is not None
    assert name not in parts.geturl()


def test_who_opens_a_shared_link_has_the_same_settings_image_and_run(app, trained):
    job_id, settings = trained
    lecturer = opened(**settings, image="7", run=job_id)
    lecturer.switch_page(site_map.TRAIN.path).run()
    lecturer.slider(key="choice_units").set_value(50).run()  # moved since, and not trained
    _, parameters = shared(lecturer, "predict")
    assert parameters == settings | {"image": "7", "run": job_id, "units": "50"}
    student = opened(**parameters)
    student.switch_page(site_map.PREDICT.path).run()
    assert any("4 hidden neurons, 1 epoch" in text.value for text in student.caption)
    assert student.number_input(key="choice_image").value == 7
    student.switch_page(site_map.TRAIN.path).run()
    assert student.slider(key="choice_units").value == 50
    assert student.dataframe[-1].value["State"].tolist() == ["finished"]


def test_the_name_of_the_run_leaves_the_address_so_that_a_reload_keeps_what_came_after(app, trained):
    visit = opened(run=trained[0])
    assert "run" not in visit.query_params


def test_settings_alone_show_the_run_that_was_trained_with_them(app, trained):
    visit = opened(**trained[1])
    visit.switch_page(site_map.EVALUATE.path).run()
    assert any("4 hidden neurons, 1 epoch" in text.value for text in visit.caption)


def test_settings_that_nobody_trained_with_show_the_classic_network_and_train_nothing(app):
    from dashboard.session import resources

    n_jobs = len(resources.engine()._jobs)
    visit = opened(units="5", epochs="2")
    visit.switch_page(site_map.EVALUATE.path).run()
    assert any("32 hidden neurons, 5 epochs" in text.value for text in visit.caption)
    assert not visit.warning
    assert len(resources.engine()._jobs) == n_jobs


@pytest.mark.parametrize("run", ["0123456789abcdef-9", "../../etc/passwd", "", "x" * 500])
def test_a_run_that_is_not_there_any_more_is_said_in_a_sentence(app, run):
    visit = opened(run=run, units="12")
    assert not visit.exception
    assert any("no longer on the server" in warning.value for warning in visit.warning)
    visit.switch_page(site_map.EVALUATE.path).run()
    assert any("32 hidden neurons, 5 epochs" in text.value for text in visit.caption)


def test_a_run_that_was_trained_again_is_found_by_its_settings(app, trained):
    from dashboard.session import linked_run

    job_id, _ = trained
    key = job_id.split("-")[0]
    assert linked_run.resolve(f"{key}-999999") == job_id


def test_an_address_that_is_typed_begins_every_link_of_the_visit_and_of_no_other(app):
    visit = opened()
    visit.button(key="share").click().run()
    visit.text_input(key="share_address").set_value("http://10.0.0.7:8501/").run()
    parts, _ = shared(visit, "draw")
    assert parts.geturl() == "http://10.0.0.7:8501/draw"
    assert shared(opened(), "draw")[0].netloc == "nets.example.org"


def test_an_address_that_cannot_be_is_refused_and_the_link_stays(app):
    visit = opened()
    visit.button(key="share").click().run()
    visit.text_input(key="share_address").set_value("ftp://nowhere").run()
    assert visit.session_state["share_problem"].startswith("An address takes http://")
    assert shared(visit, "draw")[0].netloc == "nets.example.org"
