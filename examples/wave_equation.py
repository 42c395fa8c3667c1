"""The wave equation in two dimensions: a drop falls into a basin with an island, the border absorbs."""

import sys

import numpy as np


def simulate(size, turns):
    """Heights after each tenth turn at a gauge, and at the end everywhere."""
    y, x = np.ogrid[0:size, 0:size]
    now = np.exp(-((x - size // 3) ** 2 + (y - size // 3) ** 2) / (size / 40) ** 2)
    before = now.copy()
    island = (x - size * 2 // 3) ** 2 + (y - size // 2) ** 2 < (size // 10) ** 2
    edge = np.minimum(np.minimum(x, size - 1 - x), np.minimum(y, size - 1 - y))
    damping = 1 - 0.05 * np.clip(1 - edge / (size / 12), 0, 1) ** 2
    gauge = []
    for turn in range(turns):
        after = np.zeros_like(now)
        spread = now[:-2, 1:-1] + now[2:, 1:-1] + now[1:-1, :-2] + now[1:-1, 2:] - 4 * now[1:-1, 1:-1]
        after[1:-1, 1:-1] = 2 * now[1:-1, 1:-1] - before[1:-1, 1:-1] + 0.25 * spread
        after *= damping
        after[island] = 0
        before, now = now * damping, after
        if turn % 10 == 0:
            gauge.append(now[size // 2, size // 2])
    return now, np.array(gauge)


def main():
    size = int(sys.argv[1]) if len(sys.argv) > 1 else 400
    heights, gauge = simulate(size, 300)
    print("gauge", np.round(gauge[::3], 5))
    print(f"highest {heights.max():.6f}, lowest {heights.min():.6f}, energy {(heights**2).sum():.5f}")
    print("arrival", int(np.argmax(np.abs(gauge))) * 10)


if __name__ == "__main__":
    main()
