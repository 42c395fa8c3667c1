"""A Kalman filter that follows many targets at once: position and speed from noisy positions."""

import sys

import numpy as np


def track(measured, step, noise, drift):
    """Estimated positions and speeds of all targets after every measurement (turns x targets x 2)."""
    turns, targets = measured.shape
    move = np.array([[1.0, step], [0.0, 1.0]])
    look = np.array([[1.0, 0.0]])
    process = drift**2 * np.array([[step**4 / 4, step**3 / 2], [step**3 / 2, step**2]])
    state = np.zeros((targets, 2, 1))
    covariance = np.broadcast_to(np.eye(2) * 100, (targets, 2, 2))
    found = np.empty((turns, targets, 2))
    for turn in range(turns):
        state = move @ state
        covariance = move @ covariance @ move.T + process
        innovation = measured[turn][:, None, None] - look @ state
        spread = look @ covariance @ look.T + noise**2
        gain = covariance @ look.T / spread
        state = state + gain @ innovation
        covariance = (np.eye(2) - gain @ look) @ covariance
        found[turn] = state[:, :, 0]
    return found


def main():
    targets = int(sys.argv[1]) if len(sys.argv) > 1 else 4000
    rng = np.random.default_rng(4)
    times = np.arange(100) * 0.1
    truth = rng.normal(0, 10, targets) + times[:, None] * rng.normal(0, 3, targets)
    measured = truth + rng.normal(0, 1.0, truth.shape)
    found = track(measured, 0.1, 1.0, 0.05)
    for turn in (5, 20, 50, 99):
        error = np.sqrt(((found[turn, :, 0] - truth[turn]) ** 2).mean())
        print(f"after {turn:3} measurements: error {error:.4f}, measured {np.std(measured[turn] - truth[turn]):.4f}")
    print("first target", np.round(found[-1, 0], 4))


if __name__ == "__main__":
    main()
