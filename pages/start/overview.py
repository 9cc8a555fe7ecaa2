"""Overview: a digit goes through the trained network, and one button trains your own."""

import streamlit as st

from dashboard import choices, resources, visits, widgets
from mnist_core.data import network_inputs
from mnist_core.engine import EngineBusyError
from mnist_core.figures.digits import flow_figure
from mnist_core.figures.style import alt_text

st.title("See a neural network learn to read digits")
left, right = st.columns([2, 3], gap="large")
with left:
    st.markdown(
        "Pixels go in, numbers flow through a layer of neurons, and ten outputs say which digit it is. "
        "Nobody told the network how: it learned from examples. **Teach one yourself.**"
    )
    if st.button("Train a network now", type="primary", icon=":material/play_arrow:", width="stretch"):
        visit = visits.current_visit()
        try:
            visit.add(resources.engine().submit(choices.config(), resources.dataset(), visit.name))
            st.switch_page("pages/lab/train.py")
        except EngineBusyError as error:
            st.info(str(error))
    st.page_link(
        "pages/lab/train.py", label="Train: sliders and live curves", icon=":material/model_training:"
    )
    st.page_link(
        "pages/lab/evaluate.py",
        label="Evaluate: how good is it, and where does it fail?",
        icon=":material/grid_on:",
    )
    st.page_link("pages/lab/predict.py", label="Predict: one image, ten outputs", icon=":material/search:")
    st.page_link(
        "pages/reference/glossary.py", label="Glossary: every term in a sentence", icon=":material/menu_book:"
    )
with right:
    current = widgets.current_run()
    evaluation = current.evaluation
    shown = st.session_state.setdefault("overview_image", 0) % evaluation.n_images
    parameters = current.record.parameters
    image = current.dataset.test_images[shown]
    hidden = parameters.hidden_activations(network_inputs(image[None]))[-1][0]
    contributions = hidden[:, None] * parameters.weights[-1]
    figure = flow_figure(image, hidden, contributions, evaluation.probabilities[shown])
    st.plotly_chart(
        figure, width="stretch", key="flow", alt=alt_text(figure), config={"displayModeBar": False}
    )

    def another() -> None:
        """The next test image."""
        st.session_state["overview_image"] = shown + 1

    st.button("Another digit", icon=":material/skip_next:", on_click=another)
    st.caption(
        "Blue lines speak for a digit, orange lines against it; the thicker, the more. "
        f"Of {evaluation.n_images:,} test images this network reads {100 * evaluation.accuracy:.1f} % right."
    )
