"""Where things lie that the threads of a team and the driver share: see `team_loop`."""

from __future__ import annotations


class Layout:
    """Offsets in the control block, in bytes. What different threads write lies on different cache lines."""

    GENERATION = 0  # i32: raised with every job
    SLEEPERS = 4  # i32: threads that do not spin any more
    STOP = 8  # i32: threads end when it is not 0
    GATE = 64  # i32: threads inside, plus OPEN while more may enter
    KERNEL = 128  # the job: address of the kernel,
    ARGUMENTS = 136  # of its argument block,
    TILES = 144  # number of tiles,
    CHUNK = 152  # tiles that are taken at a time
    CANCEL = 160  # i32: nobody begins another tile when it is not 0
    LOG = 168  # address of memory where threads write when they worked, as `Log` says; 0: they do not
    NEXT = 192  # the shared counter of tiles
    RAISED = 256  # i32: floating-point exceptions of all threads
    RANGE = 320  # 2 x i64: what the driver has taken and not yet run
    MUTEX = 384
    CONDITION = 448
    SIZE = 512


class Log:
    """Where threads write when they worked: words of 64 bits."""

    COUNT = 0  # rows that were begun
    ROOM = 1  # rows that there is room for
    HEAD = 2  # words before the first row
    ROW = 3  # words of a row: the thread, when it began and when it ended, in nanoseconds


__all__ = ["Layout", "Log"]
