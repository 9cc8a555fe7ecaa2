"""A tab that was here before is opened again and clicked at once: no click is lost."""

import threading

import pytest
from hostile import Client

pytestmark = pytest.mark.browser
N_TIMES = {"quiet": 3, "busy": 10}
ROWS = """n => document.querySelectorAll('[data-testid="stDataFrame"] canvas tbody tr').length >= n"""
CLICK_LATER = """
async (ms) => {
  await new Promise((then) => setTimeout(then, ms))
  document.querySelector('.st-key-train button').click()
}
"""


@pytest.fixture(params=["quiet", "busy"])
def load(request, address):
    """Nothing, or two others who ask for one page after the other without a pause."""
    is_over = threading.Event()

    def walk():
        client = Client(address)
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


def test_every_click_within_200_ms_of_the_page_takes_effect(page, address, load):
    first_seed = {"quiet": 100, "busy": 200}[load]
    for number in range(N_TIMES[load]):
        page.goto(f"{address}/train?units=2&epochs=1&images=500&seed={first_seed + number}")
        page.get_by_role("button", name="Train", exact=True).wait_for()
        page.evaluate(CLICK_LATER, 200 * number // N_TIMES[load])
        page.wait_for_function(ROWS, arg=number + 1)
