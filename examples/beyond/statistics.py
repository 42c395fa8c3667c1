"""Statistics of a file that is four times as large as memory may be: it is read piece by piece."""

import sys
import tempfile

import ramba as np


def main():
    rows = int(sys.argv[1]) if len(sys.argv) > 1 else 100_000
    with tempfile.TemporaryDirectory() as folder:
        made = np.arange(rows * 200.0).reshape(rows, 200)
        np.save(f"{folder}/run.h5", np.sin(made) + made / made.size, "u", chunks=(rows // 50, 200), compression="gzip")
        del made
        run = np.Dataset(f"{folder}/run.h5", "u")
        with np.config.set(memory_limit=run.nbytes // 4):
            u = run[...]
            mean = u.mean(axis=0)
            spread = np.sqrt(((u - mean) ** 2).mean(axis=0))
            print(f"{run.shape}: mean {float(mean.mean()):.6f}, spread {float(spread.mean()):.6f}")
            print(f"least {float(u.min()):.6f}, greatest {float(u.max()):.6f}, above 1: {int((u > 1).sum())}")
            print(f"of every tenth row {float(run[::10].mean()):.6f}")


if __name__ == "__main__":
    main()
