"""A stack of pictures: read by pages, freed from its background, smoothed by a stencil, and counted."""

import sys
import tempfile

import tifffile

import ramba as np


def photographed(path, frames, size):
    """Writes a stack: a bright spot that moves over an uneven background."""
    row, column = np.mgrid[:size, :size]
    time = np.arange(frames)[:, None, None]
    distance = (row - size * (time + 1) / (frames + 1)) ** 2 + (column - size / 3) ** 2
    stack = 100 + row + column + 400 * np.exp(-distance / 50)
    tifffile.imwrite(path, stack.astype(np.uint16).asarray(), photometric="minisblack", compression="zlib")


@np.stencil(mode="nearest")
def smooth(a):
    """The mean of nine neighbours, within one picture."""
    return sum(a[0, i, j] for i in (-1, 0, 1) for j in (-1, 0, 1)) / 9


def main():
    size = int(sys.argv[1]) if len(sys.argv) > 1 else 400
    with tempfile.TemporaryDirectory() as folder:
        photographed(f"{folder}/stack.tif", 12, size)
        stack = np.load(f"{folder}/stack.tif")
        background = np.median(stack, axis=0)
        bright = smooth(stack - background) > 50
        print(f"{stack.shape} {stack.dtype}, background {float(background.mean()):.4f}")
        for frame, spot in enumerate(bright[::4]):
            rows, columns = np.nonzero(spot)
            print(f"frame {4 * frame:2}: {rows.size} bright, centre {rows.mean():.3f} {columns.mean():.3f}")


if __name__ == "__main__":
    main()
