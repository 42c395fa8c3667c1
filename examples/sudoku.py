"""Sudoku by masks: which digits a cell may have is a 9 x 9 x 9 array of bools; guesses where nothing follows."""

import sys

import numpy as np

EASY = "530070000600195000098000060800060003400803001700020006060000280000419005000080079"
HARD = "800000000003600000070090200050007000000045700000100030001000068008500010090000400"
ROW, COLUMN = np.indices((9, 9))
BOX = ROW // 3 * 3 + COLUMN // 3


def place(possible, row, column, digit):
    """Puts a digit, and takes it from row, column and box."""
    possible[(ROW == row) | (COLUMN == column) | (BOX == BOX[row, column]), digit] = False
    possible[row, column] = False
    possible[row, column, digit] = True


def propagate(possible):
    """Puts what has only one place or one digit, until nothing follows any more; False if there is no solution."""
    done = np.zeros((9, 9), dtype=bool)
    while True:
        count = possible.sum(axis=2)
        single = (count == 1) & ~done
        if not count.all() or not single.any():
            return bool(count.all())
        for row, column in np.argwhere(single):
            if possible[row, column].any():
                place(possible, row, column, possible[row, column].argmax())
            done[row, column] = True


def solve(possible, guesses):
    """The solution as digits, or None."""
    if not propagate(possible):
        return None
    if possible.sum() == 81:
        return possible.argmax(axis=2) + 1
    count = possible.sum(axis=2)
    row, column = np.unravel_index(np.where(count > 1, count, 10).argmin(), (9, 9))
    for digit in np.flatnonzero(possible[row, column]):
        guesses.append(digit)
        place(tried := possible.copy(), row, column, digit)
        if (found := solve(tried, guesses)) is not None:
            return found
    return None


def main():
    for puzzle in (EASY, HARD)[: int(sys.argv[1]) if len(sys.argv) > 1 else 2]:
        given = np.array(list(puzzle), dtype=int).reshape(9, 9)
        possible, guesses = np.ones((9, 9, 9), dtype=bool), []
        for row, column in np.argwhere(given > 0):
            place(possible, row, column, given[row, column] - 1)
        print(solve(possible, guesses), f"{len(guesses)} guesses", sep="\n")


if __name__ == "__main__":
    main()
