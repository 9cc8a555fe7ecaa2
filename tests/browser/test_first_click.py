"""A tab that was here before is opened again and clicked at once: no click is lost."""

import threading

import pytest
from hostile import Client

pytestmark = pytest.mark.browser
N_TIMES = 10
ROWS = """n => document.querySelectorAll('[data-testid="stDataFrame"] canvas tbody tr').length >= n"""


@pytest.fixture(params=["quiet", "busy"])
def load(request, sample_address):
    """Nothing, or two others who ask for one page after the other without a pause."""
    is_over = threading.Event()

    def walk():
        client = Client(sample_address)
        while not is_over.is_set():
            for page in ("learning", "evaluate", "optimizers"):
                client.ask(page)
        client.close()

    walkers = [threading.Thread(target=walk) for _ in range(2 if request.param == "busy" else 0)]
    for walker in walkers:
        walker.start()
    yield request.param
    is_over.set()
    for walker in walkers:
        walker.join()


def test_ten_clicks_of_ten_take_effect_within_400_ms_of_the_page(browser, sample_address, load):
    page = browser.new_page()
    first_units = 20 if load == "quiet" else 120
    for number in range(N_TIMES):
        page.goto(f"{sample_address}/train?units={first_units + number}&epochs=1")
        page.get_by_role("button", name="Train", exact=True).wait_for()
        page.evaluate("ms => new Promise((then) => setTimeout(then, ms))", 40 * number)
        page.get_by_role("button", name="Train", exact=True).click()
        page.wait_for_function(ROWS, arg=number + 1)
    page.close()
