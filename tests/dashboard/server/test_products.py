"""Pages multiply matrices in one thread: a second one would only wait for the next product, at a price."""

from threadpoolctl import threadpool_info, threadpool_limits

from dashboard.server import startup


def threads():
    return {library["num_threads"] for library in threadpool_info() if library["user_api"] == "blas"}


def test_numpy_multiplies_in_one_thread():
    with threadpool_limits(2, user_api="blas"):
        assert threads() == {2}
        startup.multiply_in_one_thread()
        assert threads() == {1}
