"""Inside: the current run's weights and neurons, the film of its training, its test images as a map."""

import streamlit as st

from dashboard.elements.prose import read_lesson
from dashboard.lab.inside import ablation, film, maps, neurons, one_update
from dashboard.session import present
from dashboard.widgets import current_run, image_choice, network, text_elements

PARTS = {
    "Neurons": ":material/grid_view:",
    "Network": ":material/hub:",
    "Switch off": ":material/toggle_off:",
    "Prune": ":material/content_cut:",
    "Film": ":material/movie:",
    "One update": ":material/biotech:",
    "Map": ":material/scatter_plot:",
}

NETWORK_HEIGHT = 0.5
"""Of the layers on a projector, as a share of the window's height: the choice of the image stays in view."""

lesson = read_lesson("lab", "inside")
st.title(lesson.title)
current = current_run.require_run()
is_last = present.is_on() or present.is_phone()  # so that each part has a screen of its own
if not is_last:
    current_run.run_caption(current)
part = text_elements.part_of_page("Look at", PARTS, "inside_part", is_labelled=False)
if current.record.has_diverged or not current.evaluation.is_finite:
    st.info(lesson["not finite"], icon=":material/trending_up:")
elif part == "Neurons":
    neurons.neurons(current)
elif part == "Network":
    number = image_choice.pick_image(current.evaluation.labels, current.evaluation.mistakes)
    look = {"height": NETWORK_HEIGHT} if present.is_on() else {}
    network.explained_on_test_image(current, number, "inside_network", **look)
    with st.container(key="wide_words"):
        text_elements.note(read_lesson("lab", "network")["how to read it"])
elif part == "Switch off":
    ablation.switch_off_neurons(current)
elif part == "Prune":
    ablation.prune_weights(current)
elif part == "Film":
    told = read_lesson("lab", "film")
    film.film(current)
    text_elements.note(told["note"])
elif part == "One update":
    one_update.one_update(current)
    st.markdown(read_lesson("lab", "one_update")["introduction"])
else:
    maps.maps(current)
if is_last:
    current_run.run_at_the_end(current)
