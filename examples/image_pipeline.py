"""An image pipeline: blur, edges, equalised histogram, threshold, half the size; written to a file."""

import sys

import numpy as np


def scene(size):
    """A picture with discs, stripes and noise, from 0 to 1."""
    y, x = np.mgrid[0:size, 0:size] / size
    picture = 0.3 + 0.2 * np.sin(40 * x) * (y > 0.6)
    for cx, cy, radius, light in ((0.3, 0.3, 0.2, 0.9), (0.7, 0.4, 0.15, 0.1), (0.5, 0.75, 0.1, 0.7)):
        picture = np.where((x - cx) ** 2 + (y - cy) ** 2 < radius**2, light, picture)
    noise = np.random.default_rng(5).normal(0, 0.05, picture.shape)
    return np.clip(picture + noise, 0, 1)


def blur(picture, weights):
    """Convolution with the same weights along both axes; the border is repeated."""
    half = len(weights) // 2
    for axis in (0, 1):
        padded = np.pad(picture, [(half, half) if a == axis else (0, 0) for a in (0, 1)], mode="edge")
        shifted = [np.take(padded, range(k, k + picture.shape[axis]), axis=axis) for k in range(len(weights))]
        picture = sum(w * part for w, part in zip(weights, shifted))
    return picture


def edges(picture):
    """The length of Sobel's gradient, without the outermost pixels."""
    p = picture
    gx = p[:-2, 2:] + 2 * p[1:-1, 2:] + p[2:, 2:] - p[:-2, :-2] - 2 * p[1:-1, :-2] - p[2:, :-2]
    gy = p[2:, :-2] + 2 * p[2:, 1:-1] + p[2:, 2:] - p[:-2, :-2] - 2 * p[:-2, 1:-1] - p[:-2, 2:]
    return np.hypot(gx, gy)


def equalised(picture):
    """Grey levels so that each of 256 is as frequent as any other."""
    levels = np.minimum((picture * 256).astype(int), 255)
    ranks = np.cumsum(np.bincount(levels.ravel(), minlength=256)) / picture.size
    return ranks[levels]


def main():
    size = int(sys.argv[1]) if len(sys.argv) > 1 else 1000
    smooth = blur(scene(size), np.array([1, 4, 6, 4, 1]) / 16)
    outline = edges(smooth)
    flat = equalised(smooth)
    small = flat[: size // 2 * 2, : size // 2 * 2].reshape(size // 2, 2, size // 2, 2).mean(axis=(1, 3))
    print(f"smooth {smooth.mean():.5f} {smooth.std():.5f}, edges {(outline > 0.3).mean():.5f}")
    print("quartiles", np.round(np.percentile(flat, [25, 50, 75]), 3))
    np.save("small.npy", (small * 255).astype(np.uint8))


if __name__ == "__main__":
    main()
