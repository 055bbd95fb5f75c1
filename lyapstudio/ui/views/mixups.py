"""A confusion matrix in numbers and words."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from lyapstudio.ui.numerals import figure, whole


def percent(part: float, total: float, decimals: int = 2) -> str:
    """2.31 %, or a dash where there is nothing to divide by."""
    return f"{figure(100 * part / total, decimals)} %" if total else "–"


class Mixups:
    """Counts of images by true class and by the class that they were read as.

    counts : (C, C) int64, rows are true classes; errors : the same without its diagonal
    wrong, total : (C,) int64, images of each true class read wrong, and all of them
    """

    def __init__(self, counts: NDArray[np.integer], names: Sequence[str]) -> None:
        self.counts = np.asarray(counts, np.int64)
        self.names = tuple(names)
        self.errors = self.counts.copy()
        np.fill_diagonal(self.errors, 0)
        self.wrong, self.total = self.errors.sum(1), self.counts.sum(1)
        self.most = int(self.errors.max(initial=0))

    @property
    def empty(self) -> bool:
        return not self.counts.any()

    @property
    def headline(self) -> str:
        """How many were read wrong: "231 of 10 000 read wrong (2.31 %)"."""
        if self.empty:
            return ""
        wrong, total = int(self.wrong.sum()), int(self.total.sum())
        return f"{whole(wrong)} of {whole(total)} read wrong ({percent(wrong, total)})"

    @property
    def worst(self) -> str:
        """The commonest error: "Most often: 4 read as 9, 21 times"."""
        if not self.most:
            return "" if self.empty else "All were read rightly."
        true, read = np.unravel_index(int(self.errors.argmax()), self.errors.shape)
        times = "once" if self.most == 1 else f"{whole(self.most)} times"
        return f"Most often: {self.names[true]} read as {self.names[read]}, {times}"

    def of_cell(self, true: int, read: int) -> str:
        """A cell: "21 images of 4 were read as 9."."""
        count, names = int(self.counts[true, read]), self.names
        if true == read:
            of = whole(int(self.total[true]))
            return f"{whole(count)} of {of} images of {names[true]} were read rightly."
        if not count:
            return f"No image of {names[true]} was read as {names[read]}."
        many = "image" if count == 1 else "images"
        verb = "was" if count == 1 else "were"
        return f"{whole(count)} {many} of {names[true]} {verb} read as {names[read]}."

    def of_class(self, true: int) -> str:
        """A row: "24 of 982 images of 4 were read wrong (2.4 %)."."""
        wrong, total = int(self.wrong[true]), int(self.total[true])
        share = percent(wrong, total, 1)
        name = self.names[true]
        return f"{whole(wrong)} of {whole(total)} images of {name} were read wrong ({share})."
