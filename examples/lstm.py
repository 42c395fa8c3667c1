"""An LSTM with random weights reads sequences in batches; a linear layer on its last state is fitted to a target."""

import sys

import numpy as np


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def lstm(inputs, wx, wh, bias):
    """The last hidden state for inputs (turns x batch x features)."""
    turns, batch, _ = inputs.shape
    size = wh.shape[0]
    hidden = np.zeros((batch, size))
    cell = np.zeros((batch, size))
    for turn in range(turns):
        gates = inputs[turn] @ wx + hidden @ wh + bias
        entering, forgetting, leaving = (sigmoid(gates[:, k * size : (k + 1) * size]) for k in range(3))
        cell = forgetting * cell + entering * np.tanh(gates[:, 3 * size :])
        hidden = leaving * np.tanh(cell)
    return hidden


def main():
    batch = int(sys.argv[1]) if len(sys.argv) > 1 else 1000
    rng = np.random.default_rng(12)
    turns, features, size = 40, 8, 64
    inputs = rng.normal(size=(turns, batch, features))
    wx = rng.normal(0, 0.3, (features, 4 * size))
    wh = rng.normal(0, 0.1, (size, 4 * size))
    bias = np.concatenate([np.zeros(size), np.ones(size), np.zeros(2 * size)])
    hidden = lstm(inputs, wx, wh, bias)
    target = inputs[-5:].mean(axis=(0, 2))
    known = np.column_stack([hidden, np.ones(batch)])
    layer = np.linalg.solve(known.T @ known + 0.1 * np.eye(size + 1), known.T @ target)
    guess = known @ layer
    print(f"hidden {hidden.mean():.6f} {hidden.std():.6f} {np.abs(hidden).max():.6f}")
    print(f"correlation {np.corrcoef(guess, target)[0, 1]:.5f}")
    print("first guesses", np.round(guess[:5], 4))


if __name__ == "__main__":
    main()
