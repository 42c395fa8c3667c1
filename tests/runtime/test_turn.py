"""Two threads share one socket: in no interleaving do both touch it, and in none does anything wait for ever."""

from __future__ import annotations

import contextlib
import random
import threading
import time
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
import pytest

pytest.importorskip("zmq")

from ramba.runtime.sockets.turn import Holder, Share, Turn
from ramba.runtime.sockets.wakeup import Wakeup
from tests.runtime.groups import pair, receive
from tests.runtime.interleavings import Place, State, Step, Walk

pytestmark = [pytest.mark.timeout(120), pytest.mark.one_process]

Outcomes = list[tuple[Any, Place]]
MEMBER, THREAD = 0, 1  # the first two actors


class World(NamedTuple):
    """What the threads see of each other, and what there is to do."""

    turn: tuple[Any, ...]  # the fields of the real `Turn`
    share: Share | None = None  # what the thread was told by its last look
    news: bool = False  # whether something was delivered that the member has not looked at
    inbox: bool = False  # whether a message waits in the socket
    coming: int = 0  # messages that others will send
    tray: bool = False  # whether a letter waits to be sent
    job: bool = False  # whether somebody wants something done by the thread alone
    ear: bool = False  # whether the thread's wakeup was rung
    bell: bool = False  # whether the member's was
    asleep: bool = False  # whether the thread says that it must be woken


class Gate:
    """A `Bell` without a thread that sleeps."""

    def __init__(self, rung: bool) -> None:
        self.rung = rung

    def ring(self) -> None:
        self.rung = True


FIELDS = "holder _asked _waits _parked _wanted _over".split()


def start(**fields: Any) -> World:
    turn = Turn()
    return World((*(getattr(turn, name) for name in FIELDS), False), **fields)


def act(world: World, do: Callable[[Turn], Any]) -> tuple[Any, World]:
    """One step of the real `Turn`."""
    turn: Any = Turn()
    *values, rung = world.turn
    for name, value in zip(FIELDS, values, strict=True):
        setattr(turn, name, value)
    turn._lock, turn._gate = contextlib.nullcontext(), Gate(rung)
    result = do(turn)
    return result, world._replace(turn=(*(getattr(turn, name) for name in FIELDS), turn._gate.rung))


def look_for_news(world: World) -> Outcomes:
    """What the member does between two visits."""
    return [(world._replace(news=False), "work")] if world.news else [(world, "ask")]


def member(world: World, place: Place) -> Outcomes:
    """The member's own thread: as `IOThread.attend`, called in a loop. No sleep of it ends by the clock."""
    match place:
        case "work":
            return [(world, "look")]
        case "look":
            return look_for_news(world)
        case "ask":
            mine, world = act(world, Turn.ask)
            return [(world, "check" if mine else "ring")]
        case "ring":
            return [(world._replace(ear=True), "gate")]
        case "gate":
            *rest, rung = world.turn
            return [(world._replace(turn=(*rest, False)), "check")] if rung else []
        case "check":
            if world.turn[FIELDS.index("_over")]:
                return [(world, "raised")]
            return [(world, "give back" if world.news else "poll")]
        case "poll" if world.bell or world.inbox:
            return [(world._replace(bell=False), "read")]
        case "read":
            return [(world._replace(inbox=False, news=world.news or world.inbox), "give back")]
        case "give back":
            parked, world = act(world, Turn.give_back)
            return [(world, "wake" if parked else "look")]
        case "wake":
            return [(world._replace(ear=True), "look")]
    return []


def thread(world: World, place: Place) -> Outcomes:
    """The thread that owns the sockets: as `IOThread._round`. Only the nap after `SOON` ends by the clock."""
    match place:
        case "look":
            share, world = act(world, lambda turn: turn.look(world.job))
            world = world._replace(share=share)
            return [(world, "job" if world.job and share is Share.READ else "bell" if world.job else "doze")]
        case "job":
            return [(world._replace(job=False, share=None), "look")]
        case "bell":
            return [(world._replace(bell=True), "doze")]
        case "doze":
            return [(world._replace(asleep=True), "tray")]
        case "tray":
            return [(world, "awake" if world.tray else "poll")]
        case "poll" if world.ear or world.share is Share.SOON or (world.share is Share.READ and world.inbox):
            return [(world, "awake")]
        case "awake":
            return [(world._replace(asleep=False), "silence")]
        case "silence":
            return [(world._replace(ear=False), "read" if world.share is Share.READ else "send")]
        case "read":
            return [(world._replace(inbox=False, news=world.news or world.inbox), "send")]
        case "send":
            return [(world._replace(tray=False, share=None), "look")]
    return []


def failing_thread(world: World, place: Place) -> Outcomes:
    """One that may end at any round."""
    if place == "look":
        _, ended = act(world._replace(share=None), Turn.end)
        return [*thread(world, place), (ended, "ended")]
    return thread(world, place)


def network(world: World, place: Place) -> Outcomes:
    """Others, who send messages."""
    if world.inbox or not world.coming:
        return []
    return [(world._replace(inbox=True, coming=world.coming - 1), place)]


def sender(world: World, place: Place) -> Outcomes:
    """Any thread that sends a letter: as `IOThread.send`."""
    match place:
        case "append":
            return [(world._replace(tray=True), "ring")]
        case "ring":
            return [(world._replace(ear=world.ear or world.asleep), "done")]
    return []


def caller(world: World, place: Place) -> Outcomes:
    """Any thread that wants something done: as `IOThread.call`, once and again."""
    match place:
        case "first" | "second":
            return [(world._replace(job=True), f"{place} ring")]
        case "first ring" | "second ring":
            return [(world._replace(ear=True), f"{place} wait")]
        case "first ring wait" if not world.job:
            return [(world, "second")]
    return []


def may_rest(actor: int, place: Place) -> bool:
    """A kernel may take for ever, and others may never send or want anything."""
    return place == "work" if actor == MEMBER else actor > THREAD and not place.endswith("ring")


def both(state: State) -> bool:
    """Whether both threads may touch the socket now."""
    theirs = state.world.share is Share.READ and state.places[THREAD] not in ("look", "send")
    return theirs and state.places[MEMBER] in ("check", "poll", "read", "give back")


UNFINISHED = {
    "a message waits in the socket": lambda state: state.world.inbox,
    "the member does not look at news": lambda state: state.world.news and state.places[MEMBER] != "work",
    "the member waits for its turn": lambda state: state.places[MEMBER] in ("ring", "gate"),
    "a letter waits in the tray": lambda state: state.world.tray,
    "somebody waits for a job": lambda state: state.world.job,
}
OTHERS: dict[str, list[tuple[Step, Place]]] = {
    "messages": [(network, "")],
    "messages and letters": [(network, ""), (sender, "append")],
    "messages and jobs": [(network, ""), (caller, "first")],
    "letters and jobs": [(sender, "append"), (caller, "first")],
}


@pytest.mark.parametrize("others", OTHERS)
def test_nothing_waits_for_ever_and_never_do_both_read(others: str) -> None:
    walk = Walk(start(coming=3), [(member, "look"), (thread, "look"), *OTHERS[others]], may_rest)
    assert len(walk.next) > 300
    assert not [state for state in walk.next if both(state)]
    assert {state.world.turn[0] for state in walk.next} == set(Holder)
    for what, unfinished in UNFINISHED.items():
        stuck = walk.waits_for_ever(unfinished)
        assert stuck is None, "\n".join([what, *map(str, walk.way(stuck))])


def test_a_thread_that_ends_leaves_nobody_waiting() -> None:
    walk = Walk(start(coming=2), [(member, "look"), (failing_thread, "look"), (network, "")], may_rest)
    assert {"raised", "gate"} <= {state.places[MEMBER] for state in walk.next}
    assert not [state for state in walk.next if both(state)]
    waits = UNFINISHED["the member waits for its turn"]
    assert walk.waits_for_ever(waits) is None
    unread = walk.waits_for_ever(lambda state: state.world.inbox and state.places[MEMBER] not in ("work", "raised"))
    assert unread is None, "\n".join(map(str, walk.way(unread)))


class Former(NamedTuple):
    """What the threads saw of each other in the first version, which could hang."""

    attended: int = 0
    seen: int = 0
    mine: bool = False
    visiting: bool = False
    parked: bool = False
    reading: Holder = Holder.NOBODY  # who holds the lock
    news: bool = False
    inbox: bool = False
    coming: int = 1
    ear: bool = False


def former_member(world: Former, place: Place) -> Outcomes:
    """`attend` as it was; it visits a few times."""
    match place:
        case "work" if world.attended < 3:
            return [(world, "look")]
        case "look" if world.attended < 3:
            return [(world._replace(news=False), "work")] if world.news else [(world, "count")]
        case "count":
            return [(world._replace(attended=world.attended + 1), "visit")]
        case "visit":
            return [(world._replace(visiting=True), "try")]
        case "try":
            if world.reading is Holder.NOBODY:
                return [(world._replace(reading=Holder.MEMBER), "poll")]
            return [(world._replace(ear=True), "lock")]
        case "lock" if world.reading is Holder.NOBODY:
            return [(world._replace(reading=Holder.MEMBER), "poll")]
        case "poll" if world.news or world.inbox:
            return [(world._replace(inbox=False, news=True), "leave")]
        case "leave":
            return [(world._replace(visiting=False), "release")]
        case "release":
            return [(world._replace(reading=Holder.NOBODY), "wake")]
        case "wake":
            return [(world._replace(ear=world.ear or world.parked), "look")]
    return []


def former_thread(world: Former, place: Place) -> Outcomes:
    """`_round` as it was: it armed itself if the member's count had not changed since the last round."""
    armed = world.reading is Holder.THREAD
    match place:
        case "look":
            mine = world.seen == world.attended
            world = world._replace(seen=world.attended, parked=False, mine=mine)
            return [(world, "poll" if mine and armed else "park" if mine else "disarm")]
        case "disarm":
            return [(world._replace(reading=Holder.NOBODY) if armed else world, "poll")]
        case "park":
            return [(world._replace(parked=True), "arm")]
        case "arm":
            if world.visiting or world.reading is not Holder.NOBODY:
                return [(world, "poll")]
            return [(world._replace(parked=False, reading=Holder.THREAD), "poll")]
        case "poll" if world.ear or not (armed or world.parked) or (armed and world.inbox):
            return [(world._replace(ear=False), "read")]
        case "read":
            news = world.news or (armed and world.inbox)
            return [(world._replace(inbox=world.inbox and not armed, news=news), "look")]
    return []


def test_the_walk_finds_the_fault_that_was_there() -> None:
    actors = [(former_member, "look"), (former_thread, "look"), (network, "")]
    walk = Walk(Former(), actors, may_rest)
    stuck = walk.waits_for_ever(lambda state: state.places[MEMBER] in ("try", "lock"))
    assert stuck is not None
    assert stuck.world.reading is Holder.THREAD


def test_the_walk_finds_a_wakeup_that_is_left_out() -> None:
    def silent(world: World, place: Place) -> Outcomes:
        return [(world, "look")] if place == "wake" else member(world, place)

    walk = Walk(start(coming=2), [(silent, "look"), (thread, "look"), (network, "")], may_rest)
    assert walk.waits_for_ever(UNFINISHED["a message waits in the socket"]) is not None


def test_turns_between_real_threads() -> None:
    turn, inside, rounds = Turn(), [], 20_000
    ear = threading.Event()

    def other() -> None:
        while turn.holder is not Holder.MEMBER or not done.is_set():
            if turn.look(False) is Share.READ:
                inside.append(1)
                assert len(inside) == 1
                inside.pop()
            ear.wait(0.001)
            ear.clear()
            if done.is_set():
                return

    done = threading.Event()
    partner = threading.Thread(target=other)
    partner.start()
    for _ in range(rounds):
        if not turn.ask():
            ear.set()
            turn.wait()
        inside.append(1)
        assert len(inside) == 1
        inside.pop()
        if turn.give_back():
            ear.set()
    done.set()
    partner.join()


def test_real_ends_under_delays_at_random(monkeypatch: pytest.MonkeyPatch) -> None:
    """The I/O thread itself: threads are held up at every step, epochs change in between, all messages arrive."""
    chance = random.Random(3)

    def held_up(plain: Callable[..., Any]) -> Callable[..., Any]:
        def step(*words: Any) -> Any:
            if chance.random() < 0.3:
                time.sleep(chance.choice([0, 0.0005, 0.002, 0.012]))
            result = plain(*words)
            if chance.random() < 0.3:
                time.sleep(chance.choice([0, 0.0005, 0.002, 0.012]))
            return result

        return step

    for owner, name in ((Turn, "ask"), (Turn, "give_back"), (Turn, "look"), (Wakeup, "ring"), (Wakeup, "silence")):
        monkeypatch.setattr(owner, name, held_up(getattr(owner, name)))
    over = threading.Event()
    with pair() as ends:

        def disturb() -> None:
            while not over.is_set():
                ends.worker.io_thread.call(lambda: None)
                time.sleep(chance.random() * 0.03)

        disturber = threading.Thread(target=disturb)
        disturber.start()
        try:
            for tag in range(250):
                begin = time.monotonic()
                ends.driver.post(0, tag, np.ones(9, np.uint8))
                if chance.random() < 0.3:
                    time.sleep(chance.choice([0.001, 0.015, 0.03]))  # a kernel
                receive(ends.worker, 1, tag)
                ends.worker.post(1, tag, np.ones(9, np.uint8))
                receive(ends.driver, 0, tag)
                assert time.monotonic() - begin < 5
        finally:
            over.set()
            disturber.join()
