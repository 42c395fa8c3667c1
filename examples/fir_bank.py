"""A bank of FIR filters: windowed sincs divide a signal into bands; the energy of each over time."""

import sys

import numpy as np


def band(low, high, taps, rate):
    """The impulse response of a band pass."""
    t = np.arange(taps) - (taps - 1) / 2
    response = 2 * high / rate * np.sinc(2 * high / rate * t) - 2 * low / rate * np.sinc(2 * low / rate * t)
    return response * np.hamming(taps)


def filtered(signal, response):
    """Convolution by overlapping views: each row of a window view is a scalar product."""
    windows = np.lib.stride_tricks.sliding_window_view(signal, len(response))
    return windows @ response[::-1]


def main():
    n = int(sys.argv[1]) if len(sys.argv) > 1 else 200_000
    rate, taps = 8000.0, 129
    t = np.arange(n) / rate
    chirp = np.sin(2 * np.pi * (100 * t + 1500 * t**2 / t[-1]))
    signal = chirp + 0.1 * np.random.default_rng(16).normal(size=n)
    bounds = [100, 300, 700, 1500, 2500, 3500]
    print("band        " + " ".join(f"{k:>7}" for k in range(5)))
    for low, high in zip(bounds[:-1], bounds[1:]):
        out = filtered(signal, band(low, high, taps, rate))
        pieces = out[: len(out) // 5 * 5].reshape(5, -1)
        print(f"{low:5}-{high:<5} " + " ".join(f"{x:7.4f}" for x in (pieces**2).mean(axis=1)))
    direct = np.convolve(signal[:2000], band(300, 700, taps, rate), mode="valid")
    print(f"difference to convolve {np.abs(direct - filtered(signal[:2000], band(300, 700, taps, rate))).max():.0e}")


if __name__ == "__main__":
    main()
