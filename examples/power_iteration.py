"""Power iteration: the slowest decaying mode of random walks between places, and how fast it decays."""

import sys

import numpy as np

rng = np.random.default_rng(3)
places = rng.random((int(sys.argv[1]) if len(sys.argv) > 1 else 600, 2))
distance = np.sqrt(((places[:, None, :] - places[None, :, :]) ** 2).sum(axis=-1))
weights = np.exp(-((distance / 0.15) ** 2))
degree = weights.sum(axis=1)
symmetric = weights / np.sqrt(degree[:, None] * degree[None, :])

stationary = np.sqrt(degree)
stationary /= np.sqrt(stationary @ stationary)  # belongs to the eigenvalue 1
mode = rng.standard_normal(len(places))
for _ in range(300):
    mode = symmetric @ mode
    mode -= (mode @ stationary) * stationary
    mode /= np.sqrt(mode @ mode)
decay = mode @ (symmetric @ mode)

print(f"eigenvalue {float(decay):.6f}")
print(f"{int((mode * np.sign(mode[0]) > 0).sum())} places on one side of {len(places)}")
