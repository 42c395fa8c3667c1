"""The n queens by breadth: all ways to fill one row more are made at once, as rows of three arrays of bits."""

import sys

import numpy as np


def solutions(n):
    """The number of solutions, and how many boards were alive after each row."""
    columns = np.zeros(1, dtype=np.int64)
    left = np.zeros(1, dtype=np.int64)
    right = np.zeros(1, dtype=np.int64)
    alive = []
    bits = 1 << np.arange(n, dtype=np.int64)
    for _ in range(n):
        taken = (columns | left | right)[:, None]
        board, place = np.nonzero((taken & bits) == 0)
        bit = bits[place]
        columns = columns[board] | bit
        left = (left[board] | bit) << 1
        right = (right[board] | bit) >> 1
        alive.append(len(columns))
    return len(columns), alive


def main():
    n = int(sys.argv[1]) if len(sys.argv) > 1 else 11
    for size in range(4, n + 1):
        count, alive = solutions(size)
        print(f"{size:2} queens: {count:6} solutions, at most {max(alive):7} boards")


if __name__ == "__main__":
    main()
