"""Adam (Kingma & Ba 2015): the step that the readout and its baselines learn by."""

# mypy: disallow-untyped-defs=False
from __future__ import annotations

import math

import numpy as np

from lyapstudio.core.kernel import kernel

MEAN, SQUARE, FLOOR = 0.9, 0.999, 1e-8
"""How slowly the running means forget, and what keeps the division finite: Adam's own values."""

Arrays = dict[str, np.ndarray]
"""What is learned, or a gradient of it: float32 arrays by name."""


@kernel
def adam_move(w, g, mean, square, step, floor):
    """Take g into the running means, then w -= step * mean / (sqrt(square) + floor); all flat."""
    slow, fast = np.float32(1 - MEAN), np.float32(1 - SQUARE)
    for i in range(len(w)):
        mean[i] += slow * (g[i] - mean[i])
        square[i] += fast * (g[i] * g[i] - square[i])
        w[i] -= step * mean[i] / (np.sqrt(square[i]) + floor)


class Adam:
    """The running means of some arrays' gradients.

    means, squares : float32 arrays, named and shaped like what is learned
    steps : moves made so far
    """

    def __init__(self, means: Arrays, squares: Arrays, steps: int) -> None:
        self.means, self.squares, self.steps = means, squares, steps

    @classmethod
    def fresh(cls, learned: Arrays) -> Adam:
        """Nothing seen yet."""
        zeros = [{k: np.zeros_like(a) for k, a in learned.items()} for _ in range(2)]
        return cls(zeros[0], zeros[1], 0)

    def copy(self) -> Adam:
        """Arrays of its own."""
        return Adam(copied(self.means), copied(self.squares), self.steps)

    def move(self, learned: Arrays, gradient: Arrays, rate: float) -> None:
        """One step down the gradient, in place."""
        self.steps += 1
        root = math.sqrt(1 - SQUARE**self.steps)
        step = np.float32(rate * root / (1 - MEAN**self.steps))
        for name, w in learned.items():
            adam_move(
                w.reshape(-1),
                gradient[name].reshape(-1),
                self.means[name].reshape(-1),
                self.squares[name].reshape(-1),
                step,
                np.float32(FLOOR * root),
            )


def copied(arrays: Arrays) -> Arrays:
    """The same names, arrays of their own."""
    return {name: a.copy() for name, a in arrays.items()}
