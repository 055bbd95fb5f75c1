"""The eigenvalues of the weights: along the real axis, or as dots in the complex plane."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QPainter, QPen, QShowEvent

from lyapstudio.analysis.spectrum import Spectrum
from lyapstudio.ui.numerals import figure, ticks, whole
from lyapstudio.ui.theme import theme
from lyapstudio.ui.views.charts import LINE, Chart, Heights, digits, heights, paint_bars

BINS = 60
"""Of the histogram, at most."""

RUG = 5
"""Length of the stroke at every eigenvalue, px."""

CROWDED = 0.25
"""Where the strokes cover more of the axis they are left out."""

WAITING = "The eigenvalues have not been computed yet."


def _ends(low: float, high: float) -> str:
    return f"all {digits(low)}" if low == high else f"{digits(low)} to {digits(high)}"


class EigenvaluePlot(Chart):
    """Real: a histogram, and a stroke at each under it. Complex: a dot each, both axes alike.

    `seen` : it came into sight
    """

    seen = Signal()

    def __init__(self) -> None:
        super().__init__("Eigenvalues", WAITING)
        self._spectrum: Spectrum | None = None
        self._edges: NDArray[np.float64] = np.empty(0)
        self._counts: NDArray[np.int64] = np.empty(0, np.int64)
        self._heights = Heights(np.empty(0), [], False)

    def show_spectrum(self, spectrum: Spectrum | None, busy: str = "") -> None:
        """The eigenvalues; while they are computed anew the old ones stay, faint."""
        if spectrum is not None or not busy:
            self._spectrum = spectrum
        self.faint = bool(busy)
        self.show_message(busy or WAITING if spectrum is None else spectrum.sentence)
        known = self._spectrum
        self.caption = busy if known is not None and busy else known.sentence if known else ""
        self._up = []
        if known is not None and not self.empty():
            if known.real:
                self._count(known)
            else:
                self._survey(known)
        self.setAccessibleDescription(f"{self.caption} {self.feet[0]}")
        self.update()

    def show_out_of_date(self) -> None:
        """The weights have changed since."""
        self.faint = self._spectrum is not None
        self.update()

    def empty(self) -> bool:
        return self._spectrum is None or not len(self._spectrum.values)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.seen.emit()

    # --- along the real axis

    def _count(self, known: Spectrum) -> None:
        low, high = float(known.values.min()), float(known.values.max())
        room = 0.04 * (high - low) or 0.1 * abs(high) or 1.0
        self._x = (low - room, high + room)
        ends = _ends(low, high)
        self.feet = (f"eigenvalue λ, {ends}", "eigenvalue λ")
        if not known.complete:
            return
        # bins as fine as the eigenvalues allow; zero is an edge: it parts growth from decay
        bins = int(np.clip(2 * np.sqrt(known.N), 12, BINS))
        width = (high - low) / bins or room
        first = np.floor(low / width + 1e-9) * width if high > low else low - width / 2
        bins = max(1, int(np.ceil((high - first) / width - 1e-9)))
        self._edges = first + width * np.arange(bins + 1, dtype=float)
        at = np.clip(((known.values - first) / width + 1e-9).astype(int), 0, bins - 1)
        self._counts = np.bincount(at, known.repeats, bins).astype(np.int64)
        self._heights = heights(self._counts)
        self._up = self._heights.ticks
        self._x = (min(self._x[0], first), max(self._x[1], float(self._edges[-1])))
        scale = "counts on a log scale" if self._heights.log else "counts"
        self.feet = (f"eigenvalue λ, {ends}; {scale}", f"λ, {ends}; {scale}", f"λ, {scale}")

    def _paint_real(self, painter: QPainter, plot: QRectF, known: Spectrum) -> None:
        t = theme()
        rug = t.px(RUG)
        if self._x[0] < 0 < self._x[1]:
            zero = round(self.place(0.0, plot)) + 0.5
            painter.setPen(QPen(t.colour("muted"), 1))
            painter.drawLine(QPointF(zero, plot.top()), QPointF(zero, plot.bottom()))
        if known.complete:
            above = plot.adjusted(0, 0, 0, -rug - 2)
            bars = [t.colour("bar")] * len(self._counts)
            paint_bars(painter, self, above, self._edges, self._heights.parts, bars)
        places = np.unique([round(self.place(float(x), plot)) for x in known.values])
        if len(places) > CROWDED * plot.width():
            return  # a solid band says nothing
        top = plot.bottom() - (rug if known.complete else 0.8 * plot.height())
        painter.setPen(QPen(t.colour("accent"), 1.5))
        for x in places.tolist():
            painter.drawLine(QPointF(x, top), QPointF(x, plot.bottom()))
            if not known.complete:
                painter.setBrush(t.colour("accent"))
                painter.drawEllipse(QPointF(x, top), t.px(2), t.px(2))

    # --- in the complex plane

    def _survey(self, known: Spectrum) -> None:
        values = known.values
        ends = _ends(float(values.real.min()), float(values.real.max()))
        self.feet = (f"real part of λ, {ends}; imaginary part upwards", f"real part of λ, {ends}")
        self._up = [(0.5, figure(-1.25)), (0.6, "imag.")]  # holds the room; placed when painted

    def _window(self, plot: QRectF) -> tuple[float, float, float]:
        """Middle of the real axis, and half the widths in both directions: scales are equal."""
        assert self._spectrum is not None
        values = self._spectrum.values
        low, high = min(0.0, float(values.real.min())), max(0.0, float(values.real.max()))
        tall = 1.1 * float(np.abs(values.imag).max())
        pixel = max(1.1 * (high - low) / plot.width(), 2 * tall / plot.height(), 1e-300)
        return (low + high) / 2, pixel * plot.width() / 2, pixel * plot.height() / 2

    def _paint_complex(self, painter: QPainter, plot: QRectF, known: Spectrum) -> None:
        t = theme()
        middle, wide, tall = self._window(plot)
        origin = QPointF(self.place(0.0, plot), plot.center().y())
        painter.setPen(QPen(t.colour("muted"), 1))
        for a, b in (
            (QPointF(plot.left(), origin.y()), QPointF(plot.right(), origin.y())),
            (QPointF(origin.x(), plot.top()), QPointF(origin.x(), plot.bottom())),
        ):
            painter.drawLine(a, b)
        few = len(known.values) < 100
        size = 4 if few or plot.height() > t.px(120) else 2
        pen = QPen(t.colour("accent", 255 if few else 170), t.px(size))
        pen.setCapStyle(Qt.PenCapStyle.RoundCap)
        painter.setPen(pen)
        xs = plot.left() + (known.values.real - middle + wide) / (2 * wide) * plot.width()
        ys = plot.center().y() - known.values.imag / (2 * tall) * plot.height()
        painter.drawPoints([QPointF(x, y) for x, y in zip(xs.tolist(), ys.tolist(), strict=True)])

    # --- both

    def plot(self) -> QRectF:
        plot = super().plot()
        known = self._spectrum
        if known is not None and not self.empty() and not known.real:
            middle, wide, tall = self._window(plot)
            self._x = (middle - wide, middle + wide)
            for most in (6, 5, 4, 3):
                numbers = ticks(-tall, tall, most)
                step = (numbers[1][0] - numbers[0][0]) / (2 * tall) if numbers[1:] else 1.0
                if step * plot.height() >= theme().px(LINE):
                    break
            self._up = [(0.5 + y / (2 * tall), f"{words} i") for y, words in numbers]
            plot = super().plot()
            middle, wide, _ = self._window(plot)
            self._x = (middle - wide, middle + wide)
        return plot

    def paint(self, painter: QPainter, plot: QRectF) -> None:
        known = self._spectrum
        assert known is not None
        (self._paint_real if known.real else self._paint_complex)(painter, plot, known)

    def words_at(self, at: float, height: float) -> str:
        known = self._spectrum
        assert known is not None
        near = np.abs(known.values.real - at)
        if not known.real:
            _, _, tall = self._window(self.plot())
            near = np.hypot(near, known.values.imag - (2 * height - 1) * tall)
        k = int(near.argmin())
        value, times = complex(known.values[k]), int(known.repeats[k])
        text = digits(value.real, 4)
        if value.imag:
            sign = "+" if value.imag > 0 else "−"
            text += f" {sign} {digits(abs(value.imag), 4)} i"
        return f"λ = {text}" + (f", {whole(times)} times." if times > 1 else ".")
