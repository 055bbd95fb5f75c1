"""The statistics of the weights: numbers, and three charts that follow every edit."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QEvent, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFontMetrics, QHelpEvent, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from lyapstudio.analysis.connectivity import Summary
from lyapstudio.analysis.spectrum import Spectrum
from lyapstudio.core.param import Choice
from lyapstudio.ui.numerals import figure, place, whole
from lyapstudio.ui.parts.segmented import Segmented
from lyapstudio.ui.theme import theme
from lyapstudio.ui.views.charts import digits
from lyapstudio.ui.views.distributions import DegreeBars, WeightHistogram, per_cent
from lyapstudio.ui.views.eigenvalues import EigenvaluePlot
from lyapstudio.ui.views.settling import fitting

ROW = 16
"""Height of a row of numbers, px."""

STACKED = 350
"""From this height on all charts are shown together, px."""

ROOMY = 226
"""From this height on a single chart leaves room for all numbers, px."""

LEFT = 0.56
"""Share of the width that the left numbers take."""

CHOICES = (
    Choice("weights", "Weights", "How strong the connections are."),
    Choice("eigenvalues", "Eigenvalues", "What the weights amplify, and how much."),
    Choice("degrees", "Degrees", "How many connections a neuron has."),
)


@dataclass(frozen=True)
class Number:
    """A number with its name, in wordings from long to short; a tip says what it means."""

    name: str
    wordings: Sequence[str]
    tip: str


def numbers(summary: Summary, cols: int) -> tuple[tuple[Number, ...], ...]:
    """What the numbers say, row by row; the first rows matter most."""
    count = summary.connections
    many = f"≈ {whole(round(float(f'{count:.3g}')))}" if summary.sampled else whole(count)
    rows = [
        (
            Number(
                "connections",
                (many,),
                "Weights between two neurons that are not zero.",
            ),
            Number(
                "of all pairs",
                (per_cent(summary.share),),
                "Connections as a share of all that are possible, without self-couplings.",
            ),
        ),
        (_symmetry(summary, cols),),
        (
            Number(
                "mean ± sd",
                _mean(summary),
                "Mean and standard deviation of the connections.",
            ),
            Number(
                "degree",
                _degree(summary),
                "How many neurons one listens to: the mean, the fewest and the most.",
            ),
        ),
        (
            Number("range", _range(summary), "The least and the largest connection."),
            Number(
                "Dale’s law",
                (_dale(summary.dale),),
                "A neuron keeps it whose outgoing weights all have one sign.",
            ),
        ),
        (
            Number(
                "",
                (f"{_selves(summary)}; {_isolated(summary)}",),
                "Self-couplings lead from a neuron to itself. An isolated neuron neither hears "
                "another one nor is heard.",
            ),
        ),
    ]
    if summary.words:
        drawn = f"from {whole(summary.sampled)} neurons drawn at random"
        few = drawn if summary.sampled else "asymmetry estimated"
        rows.append((Number("", (few,), summary.words),))
    return tuple(rows)


def symmetry_words(summary: Summary, cols: int) -> tuple[str, ...]:
    """How symmetric the weights are, in wordings from long to short."""
    if not summary.asymmetry:
        return ("symmetric",)
    at = summary.most_asymmetric
    where = f", most at neuron ({', '.join(map(whole, place(at, cols)))})" if at is not None else ""
    if summary.asymmetry > 0.999999:
        return (f"antisymmetric{where}", "antisymmetric")
    about = "about " if summary.probed else ""
    part = f"{about}{per_cent(summary.asymmetry)}"
    return (
        f"asymmetric: {part} of the weights’ size{where}",
        f"asymmetric by {part}{where}",
        f"asymmetric by {part}",
    )


def _symmetry(summary: Summary, cols: int) -> Number:
    tip = (
        "The size of what differs between the weights of each pair, (W − Wᵀ)/2, as a share of the "
        "size of W: 0 is symmetric, 100 % antisymmetric."
    )
    return Number("", symmetry_words(summary, cols), tip)


def _mean(summary: Summary) -> tuple[str, ...]:
    if not summary.connections:
        return ("–",)
    size = summary.sd or abs(summary.mean)
    return tuple(
        f"{_fine(summary.mean, size, n)} ± {_fine(summary.sd, size, n) if summary.sd else '0'}"
        for n in (3, 2, 1)
    )


def _range(summary: Summary) -> tuple[str, ...]:
    if not summary.connections:
        return ("–",)
    least, largest = summary.least, summary.largest
    if least == largest:
        return (f"all {digits(least)}",)
    size = largest - least
    return tuple(f"{_fine(least, size, n)} to {_fine(largest, size, n)}" for n in (3, 2, 1))


def _fine(value: float, size: float, count: int) -> str:
    """A number with so many digits of what is as large as `size`."""
    if not 1e-5 <= size < 1e6:
        return digits(value, count)
    return figure(value, max(0, count - 1 - math.floor(math.log10(size))))


def _dale(share: float) -> str:
    if share == 1:
        return "kept by all"
    return f"kept by {per_cent(share)}" if share else "kept by none"


def _selves(summary: Summary) -> str:
    count, negative = summary.self_couplings, summary.negative_selves
    if not count:
        return "no self-couplings"
    about = "≈ " if summary.sampled else ""
    which = ", all negative" if negative == count else f", {whole(negative)} negative"
    noun = "self-coupling" if count == 1 else "self-couplings"
    if count == negative == 1:
        which = ", negative"
    return f"{about}{whole(count)} {noun}{which if negative else ''}"


def _isolated(summary: Summary) -> str:
    count = summary.isolated
    if not count:
        return "no isolated neurons"
    return f"{whole(count)} isolated neuron{'' if count == 1 else 's'}"


def _degree(summary: Summary) -> tuple[str, ...]:
    into = summary.into
    if into.least == into.largest:
        return (whole(into.least),)
    mean = figure(into.mean, 0 if into.mean >= 100 else 1)
    return (f"{mean}, {whole(into.least)}–{whole(into.largest)}", mean)


class Numbers(QWidget):
    """Rows of a name and its number, two in a row where they are short."""

    def __init__(self) -> None:
        super().__init__()
        self._rows: tuple[tuple[Number, ...], ...] = ()
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName("The weights in numbers")
        theme().changed.connect(self.update)

    def show_rows(self, rows: tuple[tuple[Number, ...], ...]) -> None:
        """Row by row; those that have no room are not shown."""
        self._rows = rows
        said = [f"{n.name} {n.wordings[0]}".strip() for row in rows for n in row]
        self.setAccessibleDescription("; ".join(said))
        self.update()

    def count(self) -> int:
        return len(self._rows)

    def _boxes(self, row: int) -> list[QRectF]:
        t = theme()
        top, tall, wide = row * t.px(ROW), t.px(ROW), self.width()
        if len(self._rows[row]) == 1:
            return [QRectF(0, top, wide, tall)]
        left = round(LEFT * wide)
        return [QRectF(0, top, left - t.px(10), tall), QRectF(left, top, wide - left, tall)]

    def paintEvent(self, event: QPaintEvent) -> None:
        t = theme()
        painter = QPainter(self)
        metrics = QFontMetrics(t.font(11))
        indents = [
            max((metrics.horizontalAdvance(r[k].name) for r in self._rows if len(r) > 1), default=0)
            for k in (0, 1)
        ]
        vcentre = Qt.AlignmentFlag.AlignVCenter
        for row, several in enumerate(self._rows):
            for k, (number, box) in enumerate(zip(several, self._boxes(row), strict=True)):
                painter.setFont(t.font(11))
                painter.setPen(t.colour("muted"))
                painter.drawText(box, vcentre, number.name)
                lead = 0 if len(several) == 1 else indents[k] + t.px(8)
                if len(several) > 1 or row == 1:
                    painter.setFont(t.font(11, 600))
                    painter.setPen(t.colour("text"))
                room = box.adjusted(lead, 0, 0, 0)
                painter.drawText(room, vcentre, fitting(painter, number.wordings, room.width()))

    def event(self, event: QEvent) -> bool:
        if isinstance(event, QHelpEvent):
            words = ""
            for row, several in enumerate(self._rows):
                for number, box in zip(several, self._boxes(row), strict=True):
                    if box.contains(event.pos().toPointF()):
                        words = f"{number.wordings[0]}. {number.tip}" if number.name else number.tip
            QToolTip.showText(event.globalPos(), words, self)
            return True
        return super().event(event)


class ConnectivityView(QWidget):
    """Weights, eigenvalues and degrees: one of them at a time where there is little room.

    `spectrum_wanted` : the eigenvalues came into sight and are out of date
    """

    spectrum_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.choice = Segmented(CHOICES, self)
        self.choice.set_value("weights")
        self.weights, self.eigenvalues, self.degrees = (
            WeightHistogram(),
            EigenvaluePlot(),
            DegreeBars(),
        )
        self.numbers = Numbers()
        for part in (self.weights, self.eigenvalues, self.degrees, self.numbers):
            part.setParent(self)
        self._stale = self._asked = False
        self.choice.chosen.connect(lambda _: self._arrange())
        self.eigenvalues.seen.connect(self._ask)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setAccessibleName("Statistics of the weights")
        theme().changed.connect(self._restyle)
        self.clear()

    def show_summary(self, summary: Summary, cols: int) -> None:
        """The numbers and the distributions; the eigenvalues are out of date from now on.

        cols : of the sheet of neurons: where a neuron is, is said as (row, column)
        """
        self.weights.show_summary(summary)
        self.degrees.show_summary(summary)
        self.numbers.show_rows(numbers(summary, cols))
        self._stale, self._asked = True, False
        self.eigenvalues.show_out_of_date()
        self._arrange()
        self._ask()

    def show_spectrum(self, spectrum: Spectrum | None, busy: str = "") -> None:
        """The eigenvalues; or None and what is being done: then the old ones stay, faint."""
        self.eigenvalues.show_spectrum(spectrum, busy)
        if spectrum is not None:
            self._stale = False

    def clear(self) -> None:
        """Nothing to show yet."""
        self.weights.show_summary(None)
        self.degrees.show_summary(None)
        self.numbers.show_rows(())
        self.eigenvalues.show_spectrum(None)
        self._stale = self._asked = False
        self._arrange()

    def choose(self, which: str) -> None:
        """Bring one chart into sight: weights, eigenvalues or degrees."""
        self.choice.set_value(which)
        self._arrange()

    @property
    def stacked(self) -> bool:
        """Whether all charts are shown together."""
        return self.height() >= theme().px(STACKED)

    def sizeHint(self) -> QSize:
        return QSize(theme().px(328), theme().px(300))

    def minimumSizeHint(self) -> QSize:
        return QSize(theme().px(280), theme().px(150))

    def resizeEvent(self, event: QResizeEvent) -> None:
        self._arrange()

    def _restyle(self) -> None:
        self.updateGeometry()
        self._arrange()

    def _ask(self) -> None:
        if self._stale and not self._asked and self.eigenvalues.isVisible():
            self._asked = True
            self.spectrum_wanted.emit()

    def _arrange(self) -> None:
        t, wide, tall = theme(), self.width(), self.height()
        rows = self.numbers.count() if tall >= t.px(ROOMY) else min(2, self.numbers.count())
        beneath = rows * t.px(ROW)
        self.numbers.setGeometry(0, tall - beneath, wide, beneath)
        charts = {
            "weights": self.weights,
            "eigenvalues": self.eigenvalues,
            "degrees": self.degrees,
        }
        gap, stacked = t.px(8), self.stacked
        self.choice.setVisible(not stacked)
        for chart in charts.values():
            chart.set_titled(stacked)
        room = tall - beneath - gap
        if stacked:
            upper, apart = round((room - 2 * gap) * 0.45), t.px(20)
            half = (wide - apart) // 2
            self.weights.setGeometry(0, 0, half, upper)
            self.degrees.setGeometry(half + apart, 0, wide - half - apart, upper)
            lower = upper + 2 * gap
            self.eigenvalues.setGeometry(0, lower, wide, room - lower)
        else:
            top = self.choice.height() + t.px(6)
            self.choice.setGeometry(0, 0, wide, self.choice.height())
            for chart in charts.values():
                chart.setGeometry(0, top, wide, max(0, room - top))
        for name, chart in charts.items():
            chart.setVisible(stacked or name == self.choice.value)
