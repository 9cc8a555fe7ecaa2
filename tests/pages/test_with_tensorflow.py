"""The way of a training through page, engine and training process as on a machine with TensorFlow.

Other tests of pages train in NumPy alone, because to load TensorFlow takes longer than what they train.
"""

import pytest
from training_process import own_training_process, run_until, running_app, visit_of, with_tensorflow

from dashboard import site_map
from dashboard.session import resources

pytestmark = pytest.mark.usefixtures("kept_training_process")


@pytest.fixture(scope="module")
def app():
    with with_tensorflow(), own_training_process():
        yield running_app()


def test_a_network_trained_on_a_page_was_trained_by_the_compiled_loop(app):
    app.switch_page(site_map.TRAIN.path).run()
    app.slider(key="choice_epochs").set_value(1).run()
    app.select_slider(key="choice_batch").set_value(1).run()  # a long epoch, whatever the images are
    app.button(key="train").click().run()
    assert not app.exception
    run_until(app, lambda: app.dataframe[-1].value["State"].tolist() == ["finished"])
    (job,) = visit_of(app).runs
    assert resources.engine().record(job).library == "TensorFlow"


def test_the_network_for_keras_is_prepared_and_offered(app):
    app.switch_page(site_map.CODE.path).run()
    app.button(key="prepare_Network for Keras").click().run()
    run_until(app, lambda: "Network for Keras" in [button.label for button in app.download_button])
