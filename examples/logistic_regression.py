"""Logistic regression by gradient descent with momentum."""

import sys

import numpy as np


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def fit(features, labels, rounds, rate=0.5, momentum=0.9):
    """Weights, and the loss before every twentieth round."""
    weights = np.zeros(features.shape[1])
    velocity = np.zeros_like(weights)
    losses = []
    for turn in range(rounds):
        chance = sigmoid(features @ weights)
        if turn % 20 == 0:
            chance = np.clip(chance, 1e-12, 1 - 1e-12)
            losses.append(-np.mean(labels * np.log(chance) + (1 - labels) * np.log(1 - chance)))
        gradient = features.T @ (chance - labels) / len(labels)
        velocity = momentum * velocity - rate * gradient
        weights = weights + velocity
    return weights, losses


def main():
    n = int(sys.argv[1]) if len(sys.argv) > 1 else 100_000
    rng = np.random.default_rng(3)
    truth = rng.normal(size=10)
    features = np.column_stack([rng.normal(size=(n, 9)), np.ones(n)])
    labels = (rng.random(n) < sigmoid(features @ truth)).astype(float)
    weights, losses = fit(features, labels, 100)
    right = ((features @ weights > 0) == (labels > 0.5)).mean()
    print("loss", np.round(losses, 5))
    print("weights", np.round(weights, 3))
    print("truth  ", np.round(truth, 3))
    print(f"right {right:.4f}")


if __name__ == "__main__":
    main()
