"""Events reach those who listen, and nobody else."""

from __future__ import annotations

from ramba import events


def test_subscription_ends_with_its_block() -> None:
    heard: list[events.Event] = []
    event = events.Ran("kernel", "compiled", 3, 0.1)
    with events.subscribe(heard.append):
        events.tell(event)
    events.tell(event)
    assert heard == [event]


def test_nobody_listens_at_first() -> None:
    assert events.listeners == ()


def test_two_listeners_and_closing_twice() -> None:
    first: list[events.Event] = []
    second: list[events.Event] = []
    one, two = events.subscribe(first.append), events.subscribe(second.append)
    event = events.FellBack("numpy.sort", "no native form yet")
    events.tell(event)
    one.close()
    one.close()
    events.tell(event)
    two.close()
    assert (len(first), len(second)) == (1, 2)
