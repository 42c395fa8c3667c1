"""Heat in a plate: a stencil, which workers compute on their own rows and two of their neighbours'."""

import sys

import ramba as np


@np.stencil
def laplacian(t):
    """How much an element differs from its neighbours; 0 at the edges, which keep their temperature."""
    return t[-1, 0] + t[1, 0] + t[0, -1] + t[0, 1] - 4 * t[0, 0]


def main():
    n = int(sys.argv[1]) if len(sys.argv) > 1 else 2000
    plate = np.zeros((n, n))
    plate[0] = 100.0
    plate[:, -1] = np.linspace(100.0, 0.0, n)
    for _ in range(50):
        plate += 0.2 * laplacian(plate)
    print(f"mean {float(plate.mean()):.6f}")
    print("diagonal", " ".join(f"{float(plate[k, -1 - k]):.4f}" for k in (1, 3, 10)))


if __name__ == "__main__":
    main()
