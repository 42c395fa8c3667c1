"""Metropolis sampling: many chains at once walk over a banana-shaped density."""

import sys

import numpy as np


def log_density(x, y):
    """A normal distribution, bent."""
    return -0.5 * (x / 2) ** 2 - 0.5 * ((y - 0.3 * x**2) / 0.7) ** 2


def sample(chains, turns, width, rng):
    """The states of all chains after each turn (turns x chains x 2), and the share of accepted steps."""
    state = rng.normal(0, 0.1, (chains, 2))
    level = log_density(state[:, 0], state[:, 1])
    trace = np.empty((turns, chains, 2))
    accepted = 0
    for turn in range(turns):
        offered = state + rng.normal(0, width, state.shape)
        new = log_density(offered[:, 0], offered[:, 1])
        accept = np.log(rng.random(chains)) < new - level
        state = np.where(accept[:, None], offered, state)
        level = np.where(accept, new, level)
        accepted += accept.sum()
        trace[turn] = state
    return trace, accepted / (turns * chains)


def main():
    chains = int(sys.argv[1]) if len(sys.argv) > 1 else 2000
    trace, accepted = sample(chains, 300, 1.2, np.random.default_rng(20))
    warm = trace[100:]
    x, y = warm[..., 0], warm[..., 1]
    print(f"accepted {accepted:.5f}")
    print(f"x {x.mean():.4f} {x.std():.4f}, y {y.mean():.4f} {y.std():.4f}")
    within, between = warm.var(axis=0).mean(axis=0), warm.mean(axis=0).var(axis=0)
    print("mixing", np.round(np.sqrt(1 + between / within), 4))
    counts, _, _ = np.histogram2d(x.ravel(), y.ravel(), bins=(8, 6), range=[(-5, 5), (-2, 6)])
    for row in counts.T[::-1]:
        print(" ".join(f"{int(c):7}" for c in row))


if __name__ == "__main__":
    main()
