import io
import json
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest
from PIL import Image
from training_process import charts, classic

from dashboard import site_map
from dashboard.lab.draw import SessionDrawing
from dashboard.lab.photograph import can_use_camera
from mnist_core.analysis.nudges import SPANS, Nudges, sweep
from mnist_core.bounds import MAX_STROKES
from mnist_core.config import NetworkConfig
from mnist_core.figures.style import article, title_text
from mnist_core.images.drawing import Stroke, prepare_like_mnist, render
from mnist_core.images.preparation import network_inputs
from mnist_core.images.sample_drawings import sample
from mnist_core.network.parameters import initial_parameters

PAGE = site_map.DRAW.path


@pytest.fixture
def opened(app):
    """The page with nothing drawn and nothing changed."""
    app.switch_page(PAGE).run()
    app.session_state["pad_strokes"] = SessionDrawing(app.session_state["visit_id"], ())
    for kind, span in SPANS.items():
        app.session_state[f"nudge_{kind}"] = float(span.neutral)
    app.session_state["draw_plain"] = False
    app.session_state["draw_source"] = "canvas"
    app.session_state["nudge_kind"] = "right"
    app.session_state["draw_part"] = "Where the answer changes"
    return app.run()


def component(app, name):
    """What a component was sent; None if it is not on the page."""
    sent = [
        element.proto for element in app.get("bidi_component") if element.proto.component_name.endswith(name)
    ]
    return json.loads(sent[0].json) if sent else None


def reading(app):
    """The digit that stands in the answer's frame; None while it is empty."""
    return component(app, "bars")["top"]


def look_at(app, part):
    """Choose what is shown below the answer."""
    return app.segmented_control(key="draw_part").set_value(part).run()


def written(share):
    """In percent; only what is all of it is written as all of it."""
    return ">99.9%" if 0.9995 <= share < 1 else f"{100 * share:.1f}%"


def draw(app, digit):
    app.session_state["pad_strokes"].strokes = sample(digit)
    return app.run()


def is_shown(app, image):
    """Whether the library's numbers for an image stand on the page."""
    probabilities = classic().record.parameters.probabilities(network_inputs(image[None]))[0]
    sent = component(app, "bars")
    digit = int(probabilities.argmax())
    return (
        sent["shares"] == pytest.approx(probabilities.tolist(), abs=1e-6)
        and sent["texts"] == [written(p) for p in probabilities]
        and sent["top"] == digit
        and component(app, "news")["text"]
        == f"Read as {article(digit)} {digit}, with a softmax output of {written(probabilities[digit])}"
    )


def test_an_empty_page_says_what_to_do_and_has_the_frame_of_an_answer(opened):
    assert not opened.exception
    assert opened.title[0].value == "Draw a digit"
    assert any("Draw a digit in the black square" in text.value for text in opened.markdown)
    assert component(opened, "canvas")["strokes"] == []
    frame = component(opened, "bars")
    assert frame["words"] == "Nothing is drawn yet"
    assert (frame["shares"], frame["texts"], frame["top"]) == ([0] * 10, [""] * 10, None)
    assert not charts(opened)
    draw(opened, 3)
    assert component(opened, "bars").keys() == frame.keys()
    assert component(opened, "bars")["words"] == ""


def test_a_part_that_is_pressed_below_the_drawing_is_brought_into_view_each_time(opened):
    draw(opened, 3)
    before = component(opened, "landing")  # what another test has pressed
    places = [before and before["place"]]
    for part in ("Fool it", "Evidence"):
        look_at(opened, part)
        assert component(opened, "landing")["part"] == part
        places.append(component(opened, "landing")["place"])
    assert len(set(places)) == len(places)
    assert component(opened.run(), "landing")["place"] == places[-1], "only once"


@pytest.mark.parametrize("digit", range(10))
def test_the_numbers_of_a_drawing_are_the_librarys(opened, digit):
    draw(opened, digit)
    assert not opened.exception
    assert is_shown(opened, prepare_like_mnist(render(sample(digit))).image)
    assert component(opened, "canvas")["strokes"][0]["points"][0] == list(sample(digit)[0].points[0])


def test_without_the_preparation_the_network_is_given_the_shrunk_picture(opened):
    draw(opened, 2)
    opened.toggle(key="draw_plain").set_value(True).run()
    assert not opened.exception
    assert is_shown(opened, prepare_like_mnist(render(sample(2))).shrunk)
    not_asked = "The second network is not used without the preparation."
    assert any(not_asked in text.value for text in opened.markdown)
    opened.toggle(key="draw_plain").set_value(False).run()
    assert not any(not_asked in text.value for text in opened.markdown)
    opened.toggle(key="draw_plain").set_value(True).run()
    look_at(opened, "The preparation")
    assert any("Only made smaller" in text.value for text in opened.markdown)
    assert not any("Cropped" in text.value for text in opened.markdown)


def test_a_button_draws_a_digit_and_then_another(opened):
    seen = []
    for revision in (1, 2, 3):
        opened.button(key="draw_sample").click().run()
        assert not opened.exception
        assert component(opened, "canvas")["revision"] == revision
        seen.append(opened.session_state["pad_strokes"].sample)
        assert opened.session_state["pad_strokes"].strokes == sample(seen[-1])
        assert reading(opened) is not None
    assert seen[0] != seen[1] != seen[2]


def test_a_drawing_survives_a_change_of_page(opened):
    draw(opened, 7)
    opened.switch_page(site_map.GLOSSARY.path).run()
    opened.switch_page(PAGE).run()
    assert is_shown(opened, prepare_like_mnist(render(sample(7))).image)


def test_what_is_no_drawing_is_refused_in_a_sentence_and_nothing_changes(opened):
    draw(opened, 6)
    kept = opened.session_state["pad_strokes"]
    for sent in (
        None,
        [],
        {"strokes": [{"width": 18, "points": [[1, 1]]}] * (MAX_STROKES + 1)},
        {"strokes": 3},
    ):
        before = kept.revision
        kept.receive(sent)
        assert kept.revision == before + 1
        assert kept.strokes == sample(6)
        opened.run()
        assert not opened.exception
        assert "The drawing is as it was before." in opened.warning[0].value
    kept.receive({"revision": 9, "strokes": []})
    opened.run()
    assert not opened.warning
    assert reading(opened) is None


def test_a_slider_chooses_its_curves_and_the_chart_says_what_the_library_finds(opened):
    draw(opened, 9)
    image = prepare_like_mnist(render(sample(9))).image
    for kind, amount in (("angle", 30.0), ("thickness", 1.0), ("noise", 50.0)):
        opened.slider(key=f"nudge_{kind}").set_value(amount).run()
        assert not opened.exception
        assert opened.selectbox(key="nudge_kind").value == kind
    nudges = Nudges(angle=30, thickness=1, noise=50)
    swept = sweep(classic().record.parameters, image, nudges, "noise")
    digit, _, _ = swept.held(50)
    titles = [text.value for text in opened.markdown if text.value.startswith("**Noise: read as")]
    assert f"read as {article(digit)} {digit}" in titles[0]
    assert charts(opened) == ["nudge_curves"]
    opened.button(key="nudge_undo").click().run()
    assert [opened.slider(key=f"nudge_{kind}").value for kind in SPANS] == [0, 0, 0, 100, 0, 0]


def test_the_nearest_images_are_counted_by_digit(opened):
    look_at(draw(opened, 0), "Nearest images")
    lines = [text.value for text in opened.markdown if "nearest images are a" in text.value]
    assert [line.split(":")[0] for line in lines] == ["**In pixels", "**In the hidden layer"]


def upload(content):
    return SimpleNamespace(getvalue=lambda: content)


def png(gray):
    file = io.BytesIO()
    Image.fromarray(gray).save(file, "PNG")
    return file.getvalue()


def test_a_photograph_is_read_and_its_steps_begin_with_it(opened):
    kept = opened.session_state["pad_strokes"]
    kept.read_file("file", upload(png(255 - render(sample(3)))))
    opened.segmented_control(key="draw_source").set_value("file").run()
    assert not opened.exception
    assert is_shown(opened, prepare_like_mnist(kept.photographs["file"].ink).image)
    look_at(opened, "The preparation")
    assert any("made gray" in text.value for text in opened.markdown)
    opened.toggle(key="draw_plain").set_value(True).run()
    assert not opened.exception
    assert is_shown(opened, prepare_like_mnist(kept.photographs["file"].ink).shrunk)
    kept.read_file("file", None)
    opened.run()
    assert component(opened, "bars")["words"] == "No photograph yet"


@pytest.mark.parametrize("content", [b"text", png(np.full((90, 90), 255, np.uint8)), b"\x89PNG\r\n\x1a\n"])
def test_a_file_that_cannot_be_read_is_said_and_the_page_stays(opened, content):
    opened.session_state["pad_strokes"].read_file("file", upload(content))
    opened.segmented_control(key="draw_source").set_value("file").run()
    assert not opened.exception
    assert len(opened.error) == 1
    assert opened.error[0].value.endswith(".")
    assert reading(opened) is None
    assert component(opened, "bars")["words"] == "Nothing could be read"


def test_what_the_field_itself_refuses_has_a_way_out_beside_it(opened):
    """Files of another kind, and larger ones, never reach the page."""
    opened.segmented_control(key="draw_source").set_value("file").run()
    said = " ".join(one.value for one in opened.caption if "refused" in one.value)
    assert "Take a screenshot" in said


def test_the_browser_takes_the_frames_of_every_other_photograph(opened):
    kept, revisions = opened.session_state["pad_strokes"], []
    opened.segmented_control(key="draw_source").set_value("file")
    for digits in ((4, 2), (5,), (7, 1)):
        content = on_one_sheet(*digits)
        kept.read_file("file", upload(content))
        revisions.append(component(opened.run(), "photo_frame")["revision"])
        kept.photographs["file"].choose({"chosen": 0}, upload(content))
        revisions.append(component(opened.run(), "photo_frame")["revision"])
    assert len(set(revisions)) == 6


def with_network(network, scale=1.0):
    current = classic()
    parameters = initial_parameters(network, seed=1)
    weights = tuple(array * np.float32(scale) for array in parameters.weights)
    config = replace(current.record.config, network=network)
    record = replace(current.record, config=config, parameters=replace(parameters, weights=weights))
    return replace(current, job_id=f"{network}{scale}", record=record)


@pytest.mark.parametrize("scale", [1.0, 1e15])
def test_a_network_of_three_layers_reads_a_drawing(opened, monkeypatch, scale):
    current = with_network(NetworkConfig((16, 8, 12), "tanh"), scale)
    monkeypatch.setattr("dashboard.widgets.current_run.run_or_notice", lambda: current)
    draw(opened, 4)
    assert not opened.exception
    image = prepare_like_mnist(render(sample(4))).image
    expected = current.record.parameters.probabilities(network_inputs(image[None]))[0]
    assert component(opened, "bars")["shares"] == pytest.approx(expected.tolist(), abs=1e-6)


def test_numbers_that_overflow_for_some_images_do_not_end_the_page(opened, monkeypatch):
    monkeypatch.setattr("dashboard.widgets.current_run.run_or_notice", lambda: current)
    current = with_network(NetworkConfig((8,)), 3e18)
    draw(opened, 4)
    assert not opened.exception
    assert charts(opened) == ["nudge_curves"]


@pytest.mark.parametrize("scale", [float("nan"), 1e38])
def test_a_network_that_diverged_is_said_instead_of_shown(opened, monkeypatch, scale):
    with np.errstate(all="ignore"):
        current = with_network(NetworkConfig((8,)), scale)
    monkeypatch.setattr("dashboard.widgets.current_run.run_or_notice", lambda: current)
    draw(opened, 4)
    assert not opened.exception
    assert any("grew without limit" in info.value for info in opened.info)
    assert component(opened, "bars") is None


@pytest.mark.parametrize(
    ("part", "is_there"),
    [
        ("Where the answer changes", lambda app: charts(app) == ["nudge_curves"]),
        ("Through the network", lambda app: component(app, "signal") is not None),
        ("The preparation", lambda app: any("**Cropped**" in text.value for text in app.markdown)),
        ("Nearest images", lambda app: any("nearest images are a" in text.value for text in app.markdown)),
    ],
)
def test_each_part_below_the_answer_is_one_choice_away(opened, part, is_there):
    others = [other for other in opened.run().segmented_control if other.key == "draw_part"]
    assert not others, "there is nothing to look at yet"
    look_at(draw(opened, 5), part)
    assert not opened.exception
    assert is_there(opened)
    assert reading(opened) is not None


def test_the_title_of_the_curves_is_the_figures(opened):
    from mnist_core.figures.lab.nudges import nudge_figure

    draw(opened, 1)
    swept = sweep(classic().record.parameters, prepare_like_mnist(render(sample(1))).image, Nudges(), "right")
    expected = title_text(nudge_figure(swept, 0.0))
    assert any(text.value == f"**{expected}**" for text in opened.markdown)


def on_one_sheet(*digits):
    return png(255 - np.concatenate([render(sample(digit))[::2, ::2] for digit in digits], axis=1))


def test_of_several_digits_each_is_offered_and_a_frame_reads_one(opened):
    kept = opened.session_state["pad_strokes"]
    content = on_one_sheet(4, 2)
    kept.read_file("file", upload(content))
    opened.segmented_control(key="draw_source").set_value("file").run()
    assert not opened.exception
    sent = component(opened, "photo_frame")
    assert len(sent["frames"]) == 2
    assert any("2 things that could be digits" in text.value for text in opened.markdown)
    read = kept.photographs["file"]
    read.choose({"chosen": 1 - sent["chosen"]}, upload(content))
    opened.run()
    assert is_shown(opened, prepare_like_mnist(read.photograph.digits[1 - sent["chosen"]].ink).image)
    read.choose({"frame": [0.0, 0.5, 1.0, 1.0]}, upload(content))
    opened.run()
    assert not opened.exception
    assert component(opened, "photo_frame")["frames"] == [[0.0, 0.5, 1.0, 1.0]]
    read.choose({"frame": [0.0, 0.0, 0.03, 0.03]}, upload(content))
    opened.run()
    assert "inside this frame" in opened.warning[0].value
    for sent in (None, {"chosen": 9}, {"frame": [3]}):
        read.choose(sent, upload(content))
    opened.run()
    assert not opened.exception


def is_sure(app):
    """Whether the answer is given as a sure one: in its frame, to a screen reader, in the sentence below."""
    unsure = component(app, "bars")["unsure"]
    assert component(app, "news")["text"].startswith("Not sure" if unsure else "Read as")
    assert any("a whole row of signs" in text.value for text in app.markdown) == unsure
    return not unsure


@pytest.mark.parametrize("correction", [{"chosen": 2}, {"frame": [0.0, 0.4, 1.0, 0.6]}])
def test_a_photograph_with_five_signs_gets_no_sure_answer_until_one_is_picked(opened, correction):
    kept = opened.session_state["pad_strokes"]
    content = on_one_sheet(3, 3, 3, 3, 3)
    kept.read_file("file", upload(content))
    opened.segmented_control(key="draw_source").set_value("file").run()
    read = kept.photographs["file"]
    assert read.photograph.n_found == 5
    assert not is_sure(opened)
    read.choose(correction, upload(content))
    assert is_sure(opened.run())
    read.read_again(upload(content), None)
    assert not is_sure(opened.run())


def test_of_four_digits_the_clearest_gets_a_sure_answer_at_once(opened):
    kept = opened.session_state["pad_strokes"]
    kept.read_file("file", upload(on_one_sheet(3, 3, 3, 3)))
    opened.segmented_control(key="draw_source").set_value("file").run()
    assert kept.photographs["file"].photograph.n_found == 4
    assert is_sure(opened)


def test_the_edge_of_a_shadow_gets_no_sure_answer_and_the_reason(opened):
    levels = np.full((400, 400), 230, np.uint8)
    levels[:, 150:] = 115
    kept = opened.session_state["pad_strokes"]
    kept.read_file("file", upload(png(levels)))
    opened.segmented_control(key="draw_source").set_value("file").run()
    (found,) = kept.photographs["file"].frames
    assert (found[0], found[2]) == (0, 1)
    assert component(opened, "bars")["unsure"]
    assert any("an edge of the paper or a speck" in text.value for text in opened.markdown)


def test_a_dot_gets_no_sure_answer_and_the_reason(opened):
    opened.session_state["pad_strokes"].strokes = (Stroke(((140.0, 140.0),), 18.0),)
    opened.run()
    assert component(opened, "bars")["unsure"]
    said = component(opened, "news")["text"]
    assert said.startswith("Not sure: perhaps a")
    assert "%" not in said
    assert any("a dot or a blot" in text.value for text in opened.markdown)
    draw(opened, 3)
    assert not component(opened, "bars")["unsure"]


def test_where_a_page_may_not_use_the_camera_the_way_is_said_at_once(opened, monkeypatch):
    monkeypatch.setattr("dashboard.lab.photograph.can_use_camera", lambda: False)
    opened.segmented_control(key="draw_source").set_value("camera").run()
    assert not opened.exception
    assert "Upload a photo" in opened.info[0].value


@pytest.mark.parametrize(
    ("url", "can"),
    [
        (None, True), ("https://mlp.example/draw", True), ("http://localhost:8501/draw", True),
        ("http://127.0.0.1:8501/", True), ("http://192.168.1.20:8501/draw", False),
    ],
)  # fmt: skip
def test_a_camera_needs_https_or_the_same_machine(monkeypatch, url, can):
    monkeypatch.setattr("dashboard.lab.photograph.st.context", SimpleNamespace(url=url))
    assert can_use_camera() == can


def test_a_scribble_is_told_by_how_often_the_pen_turned(opened):
    points = tuple((40.0 + 28 * n, 60.0 if n % 2 else 220.0) for n in range(8))
    opened.session_state["pad_strokes"].strokes = (Stroke(points, 18.0),)
    opened.run()
    assert component(opened, "bars")["unsure"]
    assert any("turned sharply more than 4 times" in each.value for each in opened.markdown)
