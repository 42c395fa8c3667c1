"""A program on two workers, for a browser: `waves.py report PATH` or `waves.py dashboard`."""

from __future__ import annotations

import sys
import threading

import ramba as np
from ramba.engine import ENGINE


def sweep(field: np.ndarray) -> float:
    for _ in range(10):
        field[1:-1, 1:-1] += 0.2 * (
            field[:-2, 1:-1] + field[2:, 1:-1] + field[1:-1, :-2] + field[1:-1, 2:] - 4 * field[1:-1, 1:-1]
        )
    return float(field.sum())


def main() -> None:
    np.init(backend="processes", workers=2)
    globals()["field"] = field = np.zeros((1000, 1000))
    field[400:600, 400:600] = 1
    if sys.argv[1] == "report":
        with np.profile(sys.argv[2]):
            for _ in range(3):
                sweep(field)
            float(np.sqrt(np.sort(np.abs(field), axis=0)).mean())
        return
    board = np.dashboard()
    print(board.url, *(member.pid for member in ENGINE.backend.link.members), flush=True)
    going = threading.Event()
    going.set()

    def listen() -> None:
        for line in sys.stdin:
            (going.clear if line.strip() == "wait" else going.set)()

    threading.Thread(target=listen, daemon=True).start()
    while True:
        going.wait()
        sweep(field)


if __name__ == "__main__":
    main()
