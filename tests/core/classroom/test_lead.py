"""Where the lecturer of a class is, for the phones that follow."""

from clock import Clock

from mnist_core.classroom.lead import NO_LEAD, LeadView, Place
from mnist_core.classroom.room import Room
from mnist_core.classroom.rooms import Classrooms

HERE = Place("train", {"units": "8", "run": "0123456789abcdef-1"}, "Curves")


def opened():
    return Classrooms(Clock()).open("lecturer")


def test_nothing_is_led_until_the_lecturer_wants_it():
    lead = opened().lead
    assert not lead.go(HERE)
    assert lead.view == LeadView(False, 0, None)


def test_each_new_place_has_another_number_and_the_same_place_none():
    lead = opened().lead
    lead.switch(True)
    assert lead.go(HERE)
    assert not lead.go(Place("train", dict(HERE.parameters), "Curves"))
    assert lead.go(Place("train", {"units": "9"}))
    assert lead.view.number == 2
    lead.switch(False)
    lead.switch(True)
    assert lead.go(Place("train", {"units": "9"}))
    assert lead.view.number == 3


def test_another_server_reads_the_same_and_an_older_file_leads_nowhere():
    room = opened()
    room.lead.switch(True)
    room.lead.go(HERE)
    state = room.state()
    other = Room("other", "", "", Clock())
    other.restore(state)
    assert other.lead.view == room.lead.view
    del state["lead"]
    other.restore(state)
    assert other.lead.state() == NO_LEAD


def test_with_the_class_the_lead_is_forgotten():
    room = opened()
    room.lead.switch(True)
    room.lead.go(HERE)
    room.forget()
    assert not room.lead.view.is_on
    assert room.lead.view.place is None
