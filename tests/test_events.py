"""Events reach those who listen, and nobody else."""

from __future__ import annotations

from ramba import events
from tests.subject import ramba


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


def test_aside_only_one_hears() -> None:
    everybody: list[events.Event] = []
    one: list[events.Event] = []
    event = events.Called("fft", 0.1)
    with events.subscribe(everybody.append):
        with events.aside(one.append):
            events.tell(event)
            with events.aside(everybody.append):
                events.tell(event)
            events.tell(event)
        events.tell(event)
    assert (len(everybody), len(one)) == (2, 2)


def test_tracers_are_known() -> None:
    with events.subscribe(print, workers=True) as subscription:
        assert events.tracers == events.listeners == (print,)
        subscription.close()
        assert events.tracers == events.listeners == ()


def test_what_workers_tell_reaches_tracers_read_or_unread() -> None:
    told = [events.OnWorker(1, 0.5, events.Called("fft", 0.1)), events.OnWorker(1, 0.7, events.Clock(0))]
    block = events.Block(2, b"12", lambda content: told[: len(content)])
    deaf: list[events.Event] = []
    one: list[events.Event] = []
    other: list[events.Event] = []
    blocks: list[events.Block] = []
    with (
        events.subscribe(deaf.append),
        events.subscribe(one.append, workers=True),
        events.subscribe(other.append, workers=True, unread=blocks.append),
    ):
        events.tell_block(block)
    events.tell_block(block)
    assert (deaf, one, other, blocks) == ([], told, [], [block])


def test_titles() -> None:
    text = "for j:\n    v0 = load f8 unit\n    v2 = sin(v0) -> f8\n    v3 = add(v2, v0) -> f8\n    store v3 -> out4 f8"
    assert events.title(text) == "sin, add"
    assert events.title("    v0 = load f8 unit\n    fold add v0 -> out1 f8") == "fold add"
    assert events.title("    v0 = load f8 unit\n    store v0 -> out1 f8 unit") == "copy"
    assert events.title("    v0 = scalar f8 zero\n    store v0 -> out1 f8 unit") == "fill"
    many = "\n".join(f"    v{n} = sin(v{n - 1}) -> f8" for n in range(1, 20))
    assert events.title(many).endswith("(19 operations)")


def test_who_keeps_events_keeps_no_arrays() -> None:
    heard: list[events.Event] = []
    with ramba.config.set(eager_size=0), events.subscribe(heard.append):
        a = ramba.arange(100_000.0)
        ramba.sync()
        b = ramba.sqrt(a[1:]) + 1.0
        ramba.sync()
        c = [b + 1.0, b * 2.0]
        ramba.sync()
    planned = [event.program for event in heard if isinstance(event, events.Planned)]
    assert planned
    assert not [each for each in planned if getattr(each, "inputs", ())]
    del c
