from dashboard.session import watching
from dashboard.session.watching import Watchers
from mnist_core.bounds import LOOKS_A_SECOND


def test_a_few_look_as_often_as_usual_and_many_share_what_the_server_can_bear():
    watchers, seconds = Watchers(), []
    for n in range(1, 101):
        watchers.look(f"visit {n}")
        seconds.append(watchers.seconds_between(0.25))
    assert seconds[:10] == [0.25] * 10
    assert max(n / waited for n, waited in enumerate(seconds, 1)) == LOOKS_A_SECOND == 40
    assert seconds[-1] == 2.5
    assert watchers.seconds_between(10) == 10


def test_who_has_gone_is_not_counted(monkeypatch):
    now = 100.0
    monkeypatch.setattr(watching.time, "monotonic", lambda: now)
    watchers = Watchers()
    for n in range(80):
        watchers.look(f"visit {n}")
    assert watchers.seconds_between(0.25) == 2
    now += watching.WATCHING_SECONDS
    watchers.look("visit 7")
    assert watchers.seconds_between(0.25) == 0.25
