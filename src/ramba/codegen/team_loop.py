"""The loop that every thread of the team runs, as LLVM IR: no Python thread state, no interpreter lock.

All functions work on one control block, laid out in `team_layout.Layout`. A job is published in it, the gate is opened,
the generation is raised and sleepers are woken. Threads enter through the gate, take chunks of tile numbers from a
shared counter, and leave. The driver works as well, then closes the gate and waits until the last one has left: a
thread that wakes up too late finds the gate closed, and nobody waits for it.
"""

from __future__ import annotations

import platform
import signal
import sys

from ramba.codegen.team_layout import Layout, Log

UNFINISHED = -1  # what `start` and `resume` return when their time is over before the job

# the floating-point exceptions of <fenv.h> as NumPy numbers them: divide 1, overflow 2, underflow 4, invalid 8
_X86 = {4: 1, 8: 2, 16: 4, 1: 8}
_ARM = {2: 1, 4: 2, 8: 4, 1: 8}
_RISCV = {8: 1, 4: 2, 2: 4, 16: 8}
_EXCEPTIONS = {"x86_64": _X86, "AMD64": _X86, "aarch64": _ARM, "arm64": _ARM, "riscv64": _RISCV}
_PAUSE = {"x86_64": "call void @llvm.x86.sse2.pause()", "aarch64": "call void @llvm.aarch64.hint(i32 1)"}
_PAUSE |= {"AMD64": _PAUSE["x86_64"], "arm64": _PAUSE["aarch64"]}
_MONOTONIC = 6 if sys.platform == "darwin" else 1  # clockid_t CLOCK_MONOTONIC

_FAULTS = tuple(int(number) for number in (signal.SIGSEGV, signal.SIGBUS, signal.SIGFPE, signal.SIGILL))

SPIN = 50_000  # ns that an idle thread looks for the next job before it sleeps
PATIENCE = 20_000_000  # ns after which the driver returns to Python, which looks for signals
_YIELD_AFTER = 200_000  # ns that the driver waits for the last tiles before it offers its processor to others
_OPEN = 1 << 16


def exceptions() -> dict[int, int]:
    """The floating-point exceptions of this machine, and NumPy's numbers for them."""
    return _EXCEPTIONS.get(platform.machine(), {})


def text() -> str:
    """The module: functions `spawn`, `start`, `resume`, `abandon` and `stop`, and what each thread runs, `worker`."""
    pause = _PAUSE.get(platform.machine(), "")
    declared = pause.replace("call", "declare").replace("i32 1", "i32")
    linux = sys.platform == "linux"
    names = {name.lower(): offset for name, offset in vars(Layout).items() if name.isupper()}
    return (_DECLARATIONS + _CLOCK + _WORK + _WAIT + _WORKER + _WAKE + _DRIVER + _LIFE).format(
        pause=pause,
        declare_pause=declared,
        mask=sum(exceptions()),
        monotonic=_MONOTONIC,
        spin=SPIN,
        patience=PATIENCE,
        yield_after=_YIELD_AFTER,
        unfinished=UNFINISHED,
        set_mask=int(signal.SIG_SETMASK),
        let_through="\n  ".join(f"call i32 @sigdelset(ptr %blocked, i32 {number})" for number in _FAULTS),
        declare_name="declare i32 @pthread_setname_np(i64, ptr)" if linux else "",
        give_name="call i32 @pthread_setname_np(i64 %thread, ptr @name)" if linux else "",
        open=_OPEN,
        closed=~_OPEN,
        log_room=Log.ROOM,
        log_row=Log.ROW,
        log_head=Log.HEAD,
        **names,
    )


_DECLARATIONS = """
declare i32 @clock_gettime(i32, ptr)
declare i32 @feclearexcept(i32)
declare i32 @fetestexcept(i32)
declare i32 @sched_yield()
declare i32 @pthread_mutex_init(ptr, ptr)
declare i32 @pthread_mutex_lock(ptr)
declare i32 @pthread_mutex_unlock(ptr)
declare i32 @pthread_cond_init(ptr, ptr)
declare i32 @pthread_cond_wait(ptr, ptr)
declare i32 @pthread_cond_signal(ptr)
declare i32 @pthread_cond_broadcast(ptr)
declare i32 @pthread_create(ptr, ptr, ptr, ptr)
declare i32 @pthread_join(i64, ptr)
declare i32 @pthread_sigmask(i32, ptr, ptr)
declare i32 @sigfillset(ptr)
declare i32 @sigdelset(ptr, i32)
{declare_pause}
{declare_name}
"""

_CLOCK = """
define internal i64 @now() nounwind {{
  %time = alloca [2 x i64]
  call i32 @clock_gettime(i32 {monotonic}, ptr %time)
  %seconds = load i64, ptr %time
  %rest = getelementptr i64, ptr %time, i64 1
  %nanoseconds = load i64, ptr %rest
  %scaled = mul i64 %seconds, 1000000000
  %sum = add i64 %scaled, %nanoseconds
  ret i64 %sum
}}
"""

# Runs tiles until none is left or the job is cancelled (true), or until the deadline (false).
_WORK = """
define internal i1 @work(ptr %team, ptr %range, i64 %deadline) nounwind {{
  %cleared = call i32 @feclearexcept(i32 {mask})
  %kernel_at = getelementptr i8, ptr %team, i64 {kernel}
  %kernel = load ptr, ptr %kernel_at
  %arguments_at = getelementptr i8, ptr %team, i64 {arguments}
  %arguments = load ptr, ptr %arguments_at
  %tiles_at = getelementptr i8, ptr %team, i64 {tiles}
  %tiles = load i64, ptr %tiles_at
  %chunk_at = getelementptr i8, ptr %team, i64 {chunk}
  %chunk = load i64, ptr %chunk_at
  %cancel_at = getelementptr i8, ptr %team, i64 {cancel}
  %next_at = getelementptr i8, ptr %team, i64 {next}
  %raised_at = getelementptr i8, ptr %team, i64 {raised}
  %range_end = getelementptr i64, ptr %range, i64 1
  %first = load i64, ptr %range
  %last = load i64, ptr %range_end
  %timed = icmp ne i64 %deadline, 0
  br label %step

step:
  %i = phi i64 [ %first, %0 ], [ %after, %ran ], [ %after, %look ]
  %end = phi i64 [ %last, %0 ], [ %bound, %ran ], [ %bound, %look ]
  %cancel = load atomic i32, ptr %cancel_at monotonic, align 4
  %cancelled = icmp ne i32 %cancel, 0
  br i1 %cancelled, label %finished, label %next

next:
  %has = icmp slt i64 %i, %end
  br i1 %has, label %run, label %take

take:
  %taken = atomicrmw add ptr %next_at, i64 %chunk monotonic
  %more = icmp slt i64 %taken, %tiles
  br i1 %more, label %clip, label %finished

clip:
  %full = add i64 %taken, %chunk
  %over = icmp sgt i64 %full, %tiles
  %clipped = select i1 %over, i64 %tiles, i64 %full
  br label %run

run:
  %tile = phi i64 [ %i, %next ], [ %taken, %clip ]
  %bound = phi i64 [ %end, %next ], [ %clipped, %clip ]
  call void %kernel(ptr %arguments, i64 %tile)
  %after = add i64 %tile, 1
  br i1 %timed, label %look, label %ran

ran:
  br label %step

look:
  %time = call i64 @now()
  %late = icmp sgt i64 %time, %deadline
  br i1 %late, label %leave, label %step

finished:
  br label %leave

leave:
  %from = phi i64 [ %after, %look ], [ 0, %finished ]
  %to = phi i64 [ %bound, %look ], [ 0, %finished ]
  %done = phi i1 [ false, %look ], [ true, %finished ]
  store i64 %from, ptr %range
  store i64 %to, ptr %range_end
  %exceptions = call i32 @fetestexcept(i32 {mask})
  %any = icmp ne i32 %exceptions, 0
  br i1 %any, label %report, label %return

report:
  %previous = atomicrmw or ptr %raised_at, i32 %exceptions monotonic
  br label %return

return:
  ret i1 %done
}}
"""

# Returns a generation other than the one seen: spins for a while, then sleeps.
_WAIT = """
define internal i32 @wait(ptr %team, i32 %seen) nounwind {{
  %sleepers_at = getelementptr i8, ptr %team, i64 {sleepers}
  %mutex = getelementptr i8, ptr %team, i64 {mutex}
  %condition = getelementptr i8, ptr %team, i64 {condition}
  %start = call i64 @now()
  %deadline = add i64 %start, {spin}
  br label %spin

spin:
  %count = phi i32 [ 0, %0 ], [ %counted, %again ], [ 0, %clock ]
  %generation = load atomic i32, ptr %team acquire, align 4
  %new = icmp ne i32 %generation, %seen
  br i1 %new, label %return, label %again

again:
  {pause}
  %counted = add i32 %count, 1
  %often = icmp ugt i32 %counted, 32
  br i1 %often, label %clock, label %spin

clock:
  %time = call i64 @now()
  %late = icmp sgt i64 %time, %deadline
  br i1 %late, label %sleep, label %spin

sleep:
  call i32 @pthread_mutex_lock(ptr %mutex)
  ; announced before the generation is read again: the driver raises it before it counts the sleepers
  %slept = atomicrmw add ptr %sleepers_at, i32 1 seq_cst
  br label %check

check:
  %late_generation = load atomic i32, ptr %team seq_cst, align 4
  %awake = icmp ne i32 %late_generation, %seen
  br i1 %awake, label %rise, label %doze

doze:
  call i32 @pthread_cond_wait(ptr %condition, ptr %mutex)
  br label %check

rise:
  %rose = atomicrmw sub ptr %sleepers_at, i32 1 seq_cst
  call i32 @pthread_mutex_unlock(ptr %mutex)
  br label %return

return:
  %result = phi i32 [ %generation, %spin ], [ %late_generation, %rise ]
  ret i32 %result
}}
"""

_WORKER = """
define ptr @worker(ptr %team) nounwind {{
  %range = alloca [2 x i64]
  %range_end = getelementptr i64, ptr %range, i64 1
  %stop_at = getelementptr i8, ptr %team, i64 {stop}
  %gate_at = getelementptr i8, ptr %team, i64 {gate}
  br label %idle

idle:
  %seen = phi i32 [ 0, %0 ], [ %generation, %enter ], [ %generation, %leave ]
  %generation = call i32 @wait(ptr %team, i32 %seen)
  %stop = load atomic i32, ptr %stop_at acquire, align 4
  %stopped = icmp ne i32 %stop, 0
  br i1 %stopped, label %return, label %enter

enter:
  %gate = load atomic i32, ptr %gate_at acquire, align 4
  %open = icmp uge i32 %gate, {open}
  br i1 %open, label %try, label %idle

try:
  %with_me = add i32 %gate, 1
  %swap = cmpxchg ptr %gate_at, i32 %gate, i32 %with_me acq_rel acquire
  %entered = extractvalue {{ i32, i1 }} %swap, 1
  br i1 %entered, label %work, label %enter

work:
  store i64 0, ptr %range
  store i64 0, ptr %range_end
  %log_at = getelementptr i8, ptr %team, i64 {log}
  %log = load ptr, ptr %log_at
  %logged = icmp ne ptr %log, null
  br i1 %logged, label %timed, label %untimed

untimed:
  call i1 @work(ptr %team, ptr %range, i64 0)
  br label %leave
timed:
  %begin = call i64 @now()
  call i1 @work(ptr %team, ptr %range, i64 0)
  %end = call i64 @now()
  %row = atomicrmw add ptr %log, i64 1 monotonic
  %room_at = getelementptr i64, ptr %log, i64 {log_room}
  %room = load i64, ptr %room_at
  %fits = icmp slt i64 %row, %room
  br i1 %fits, label %note, label %leave
note:
  %words = mul i64 %row, {log_row}
  %place = add i64 %words, {log_head}
  %thread_at = getelementptr i64, ptr %log, i64 %place
  %me = ptrtoint ptr %range to i64
  store i64 %me, ptr %thread_at
  %begin_at = getelementptr i64, ptr %thread_at, i64 1
  store i64 %begin, ptr %begin_at
  %end_at = getelementptr i64, ptr %thread_at, i64 2
  store i64 %end, ptr %end_at
  br label %leave

leave:
  %before = atomicrmw sub ptr %gate_at, i32 1 release
  br label %idle

return:
  ret ptr null
}}
"""

_WAKE = """
define internal void @wake(ptr %team, i32 %wanted) nounwind {{
  %sleepers_at = getelementptr i8, ptr %team, i64 {sleepers}
  %mutex = getelementptr i8, ptr %team, i64 {mutex}
  %condition = getelementptr i8, ptr %team, i64 {condition}
  %raised = atomicrmw add ptr %team, i32 1 seq_cst
  %sleepers = load atomic i32, ptr %sleepers_at seq_cst, align 4
  %none = icmp eq i32 %sleepers, 0
  br i1 %none, label %return, label %lock

lock:
  call i32 @pthread_mutex_lock(ptr %mutex)
  %all = icmp uge i32 %wanted, %sleepers
  br i1 %all, label %broadcast, label %signal

broadcast:
  call i32 @pthread_cond_broadcast(ptr %condition)
  br label %unlock

signal:
  %count = phi i32 [ 0, %lock ], [ %counted, %signal ]
  call i32 @pthread_cond_signal(ptr %condition)
  %counted = add i32 %count, 1
  %enough = icmp uge i32 %counted, %wanted
  br i1 %enough, label %unlock, label %signal

unlock:
  call i32 @pthread_mutex_unlock(ptr %mutex)
  br label %return

return:
  ret void
}}
"""

# `start` publishes a job and calls `resume`, which works until the job or its patience is at an end. `abandon` cancels
# a job and waits until nobody works on it: in one call, so that no signal handler comes in between.
_DRIVER = """
define i32 @start(ptr %team, ptr %kernel, ptr %arguments, i64 %tiles, i64 %chunk, i32 %helpers) nounwind {{
  %kernel_at = getelementptr i8, ptr %team, i64 {kernel}
  store ptr %kernel, ptr %kernel_at
  %arguments_at = getelementptr i8, ptr %team, i64 {arguments}
  store ptr %arguments, ptr %arguments_at
  %tiles_at = getelementptr i8, ptr %team, i64 {tiles}
  store i64 %tiles, ptr %tiles_at
  %chunk_at = getelementptr i8, ptr %team, i64 {chunk}
  store i64 %chunk, ptr %chunk_at
  %cancel_at = getelementptr i8, ptr %team, i64 {cancel}
  store atomic i32 0, ptr %cancel_at monotonic, align 4
  %next_at = getelementptr i8, ptr %team, i64 {next}
  store atomic i64 0, ptr %next_at monotonic, align 8
  %raised_at = getelementptr i8, ptr %team, i64 {raised}
  store atomic i32 0, ptr %raised_at monotonic, align 4
  %range = getelementptr i8, ptr %team, i64 {range}
  store i64 0, ptr %range
  %range_end = getelementptr i64, ptr %range, i64 1
  store i64 0, ptr %range_end
  %alone = icmp eq i32 %helpers, 0
  br i1 %alone, label %drive, label %publish

publish:
  %gate_at = getelementptr i8, ptr %team, i64 {gate}
  store atomic i32 {open}, ptr %gate_at release, align 4
  call void @wake(ptr %team, i32 %helpers)
  br label %drive

drive:
  %status = call i32 @resume(ptr %team)
  ret i32 %status
}}

define i32 @resume(ptr %team) nounwind {{
  %range = getelementptr i8, ptr %team, i64 {range}
  %gate_at = getelementptr i8, ptr %team, i64 {gate}
  %raised_at = getelementptr i8, ptr %team, i64 {raised}
  %start = call i64 @now()
  %deadline = add i64 %start, {patience}
  %done = call i1 @work(ptr %team, ptr %range, i64 %deadline)
  br i1 %done, label %close, label %unfinished

close:
  %before = atomicrmw and ptr %gate_at, i32 {closed} acq_rel
  %occupied = icmp ne i32 %before, {open}
  %inside = icmp ne i32 %before, 0
  %must_wait = and i1 %occupied, %inside
  br i1 %must_wait, label %join, label %finished

join:
  %join_start = call i64 @now()
  %polite = add i64 %join_start, {yield_after}
  br label %look

look:
  %count = phi i32 [ 0, %join ], [ %counted, %again ], [ 0, %offer ], [ 0, %clock ]
  %gate = load atomic i32, ptr %gate_at acquire, align 4
  %empty = icmp eq i32 %gate, 0
  br i1 %empty, label %finished, label %again

again:
  {pause}
  %counted = add i32 %count, 1
  %often = icmp ugt i32 %counted, 32
  br i1 %often, label %clock, label %look

clock:
  %time = call i64 @now()
  %long = icmp sgt i64 %time, %polite
  br i1 %long, label %offer, label %look

offer:
  call i32 @sched_yield()
  %late = icmp sgt i64 %time, %deadline
  br i1 %late, label %unfinished, label %look

finished:
  %raised = load atomic i32, ptr %raised_at acquire, align 4
  ret i32 %raised

unfinished:
  ret i32 {unfinished}
}}

define void @abandon(ptr %team) nounwind {{
  %cancel_at = getelementptr i8, ptr %team, i64 {cancel}
  store atomic i32 1, ptr %cancel_at release, align 4
  br label %again

again:
  %status = call i32 @resume(ptr %team)
  %left = icmp eq i32 %status, {unfinished}
  br i1 %left, label %again, label %return

return:
  ret void
}}
"""

# In one piece: an interrupt finds either no threads or all of them. Signals are Python's business, so threads are born
# with those blocked that can be; not those that a fault raises in the very thread that made it.
_LIFE = """
@name = private constant [6 x i8] c"ramba\\00"

define i64 @spawn(ptr %team, ptr %threads, i64 %count) nounwind {{
  %blocked = alloca [128 x i8], align 16
  %before = alloca [128 x i8], align 16
  %mutex = getelementptr i8, ptr %team, i64 {mutex}
  %condition = getelementptr i8, ptr %team, i64 {condition}
  call i32 @pthread_mutex_init(ptr %mutex, ptr null)
  call i32 @pthread_cond_init(ptr %condition, ptr null)
  call i32 @sigfillset(ptr %blocked)
  {let_through}
  call i32 @pthread_sigmask(i32 {set_mask}, ptr %blocked, ptr %before)
  br label %more

more:
  %i = phi i64 [ 0, %0 ], [ %next, %named ]
  %wanted = icmp slt i64 %i, %count
  br i1 %wanted, label %create, label %restore

create:
  %thread_at = getelementptr i64, ptr %threads, i64 %i
  %refused = call i32 @pthread_create(ptr %thread_at, ptr null, ptr @worker, ptr %team)
  %created = icmp eq i32 %refused, 0
  br i1 %created, label %named, label %restore

named:
  %thread = load i64, ptr %thread_at
  {give_name}
  %next = add i64 %i, 1
  br label %more

restore:
  call i32 @pthread_sigmask(i32 {set_mask}, ptr %before, ptr null)
  ret i64 %i
}}

define void @stop(ptr %team, ptr %threads, i64 %count) nounwind {{
  %stop_at = getelementptr i8, ptr %team, i64 {stop}
  store atomic i32 1, ptr %stop_at release, align 4
  call void @wake(ptr %team, i32 65535)
  br label %more

more:
  %i = phi i64 [ 0, %0 ], [ %next, %join ]
  %left = icmp slt i64 %i, %count
  br i1 %left, label %join, label %return

join:
  %thread_at = getelementptr i64, ptr %threads, i64 %i
  %thread = load i64, ptr %thread_at
  call i32 @pthread_join(i64 %thread, ptr null)
  %next = add i64 %i, 1
  br label %more

return:
  ret void
}}
"""
