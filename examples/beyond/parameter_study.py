"""Kuramoto's oscillators: how strongly do they have to be coupled to swing together? An actor for each coupling."""

import sys

import numpy

import ramba

OSCILLATORS = 60


@ramba.remote
class Crowd:
    """Oscillators with different frequencies, pulled towards their common phase."""

    def __init__(self, coupling):
        self.coupling = coupling
        self.frequency = numpy.tan(numpy.pi * (numpy.arange(1, OSCILLATORS + 1) / (OSCILLATORS + 1) - 0.5)) / 2
        self.phase = 2.399963 * numpy.arange(OSCILLATORS)

    @ramba.jit
    def run(self, steps):
        """Goes on for so many steps; gives how much they swung together in their second half."""
        total = 0.0
        for step in range(steps):
            x = numpy.cos(self.phase).mean()
            y = numpy.sin(self.phase).mean()
            pull = y * numpy.cos(self.phase) - x * numpy.sin(self.phase)
            self.phase = self.phase + 0.02 * (self.frequency + self.coupling * pull)
            if step >= steps // 2:
                total += numpy.sqrt(x * x + y * y)
        return total / (steps - steps // 2)


def main():
    steps = int(sys.argv[1]) if len(sys.argv) > 1 else 20_000
    couplings = [0.25, 0.5, 0.75, 1.0, 1.5, 2.0, 3.0, 4.0]
    crowds = [Crowd.remote(coupling) for coupling in couplings]
    for coupling, together in zip(couplings, ramba.get([crowd.run.remote(steps) for crowd in crowds])):
        print(f"coupling {coupling:4.2f}: {together:.3f} " + "#" * int(40 * together))


if __name__ == "__main__":
    main()
