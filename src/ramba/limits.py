"""The limits of who computes: NumPy at once, a flush of one operation, the interpreter, a compiled kernel.

The rule is in docs/performance.md, the functions that apply it are in `ramba.engine.choice` and, for C, in
native/recording.h. Only what a program does decides, never time: sizes, costs and counts. Sizes are in multiples of the
setting `eager_size`, costs in what NumPy needs to add one element.
"""

# times the eager size of elements that are NumPy's at once, if all that is read is there
FEW = 8  # additions: NumPy has so many done while they are recorded and run
CHAIN = 2  # additions that a second one most likely follows: more are recorded, where the short ways are in C
ASKED = 9  # questions whose answers are bools, as comparisons: NumPy has them by the vector, and they begin no chain
MOST_ALONE = 20  # additions that were looked at alone the last time, or fold all of an array; then threads are worth it
PICKED = 8  # elements that index arrays pick
SLABBED = (
    64  # elements of an array, reductions of whose slices wait for others: fewer are reduced in the time of recording
)
BOOLS = 128  # bools folded by the vector while a fold is recorded and run
SCANNED = 64  # words of 8 bytes looked at by the vector for an extreme, while a kernel is called
MOST_TIMES = 128  # that anything is allowed

# operations
MOST_PENDING = 512  # recorded: the planner's time grows with them, a kernel's benefit does not
MOST_PARTS = 4096  # picks and their reductions that wait for something that makes one operation of all of them
MOST_FEW = 24  # recorded in a row on few elements: NumPy would have done them, had nothing been pending
MOST_NEW = 4  # plans of few elements, made for one flush each: the places of their slices move
HIGHEST_COST = 4  # of one operation that a flush leaves to NumPy

# additions of elements, the work of a kernel
EARNED = 10_000_000  # interpreted so far: at 1 to 3 ns each, about the time that compiling takes
PER_RUN = 50_000  # that could be done while a kernel is interpreted, whatever it does
SHORT = 1 << 19  # and accesses, that are over before another thread is awake: some 50 us
