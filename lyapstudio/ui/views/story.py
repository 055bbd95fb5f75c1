"""What one image does to the weights, in three pictures: it arrives, one wins, one is depressed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from numpy.typing import NDArray
from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QFontMetrics, QImage, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from lyapstudio.ui.numerals import whole
from lyapstudio.ui.theme import theme
from lyapstudio.ui.views.field import symmetric_level
from lyapstudio.ui.views.pictures import Shape, draw_picture, field_picture, image_picture

SIDE = 32
"""Of a picture, px."""

MARK = 3
"""Thickness of the outline of winner and depressed unit, px; it stands around the picture."""


@dataclass(frozen=True)
class Scene:
    """One picture of the strip, its line and its caption."""

    picture: QImage | None
    line: str
    caption: str
    mark: str = ""  # "", "accent" (solid) or "bad" (dashed)


NOTHING = (
    Scene(None, "No image yet", "nothing is learned"),
    Scene(None, "One unit wins", "and moves towards it", "accent"),
    Scene(None, "Another one", "is pushed away", "bad"),
)


def ordinal(rank: int) -> str:
    """The place of a unit among all, from 1: "second", "7th"."""
    if rank in (1, 2, 3):
        return ("first", "second", "third")[rank - 1]
    ending = {1: "st", 2: "nd", 3: "rd"}.get(rank % 10, "th")
    return f"{rank}{'th' if rank % 100 in (11, 12, 13) else ending}"


class Story(QWidget):
    """A strip beneath the mosaic, as wide as it. Units count from 0 here and from 1 in words."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._scenes: tuple[Scene, ...] = NOTHING
        self._told: tuple[Any, ...] | None = None
        self._span: tuple[int, int] | None = None
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName("What this image does to the weights")
        theme().changed.connect(self._restyle)
        self._tell(NOTHING)

    def clear(self) -> None:
        """Nothing has been learned yet."""
        self._told = None
        self._tell(NOTHING)

    def show_update(
        self,
        image: NDArray[Any],
        shape: Shape,
        winner: int | None,
        winner_field: NDArray[Any] | None,
        depressed: int | None = None,
        depressed_field: NDArray[Any] | None = None,
        *,
        rank: int = 2,
        others: int = 0,
        level: float | None = None,
    ) -> None:
        """Tell what one image does.

        image : (N,) uint8 or float in [0, 1]; shape : its rows, columns and depth
        winner_field, depressed_field : (N,) weights
        rank : the place of the depressed unit among all currents, from 1
        others : how many units beside `depressed` are pushed away too
        level : the size of a weight at the ends of the map, such as the mosaic's; None: own
        """
        self._told = (
            image, shape, winner, winner_field, depressed, depressed_field, rank, others, level
        )  # fmt: skip
        scenes = [Scene(image_picture(image, shape), "This image", "arrives")]
        if winner is not None and winner_field is not None:
            picture = _field(winner_field, shape, level)
            name = f"Unit {whole(winner + 1)} wins"
            scenes.append(Scene(picture, name, "and moves towards it", "accent"))
        elif depressed is not None:
            scenes.append(Scene(None, "Nobody wins", "no answer is strong enough", "accent"))
        else:
            scenes.append(Scene(None, "Nobody answers strongly enough", "all weights stay"))
        if depressed is not None and depressed_field is not None:
            picture = _field(depressed_field, shape, level)
            scenes.append(Scene(picture, *_pushed(depressed, rank, others), "bad"))
        elif winner is not None:
            scenes.append(Scene(None, "Nobody is depressed", "the others stay", "bad"))
        self._tell(tuple(scenes))

    def align(self, left: int, width: int) -> None:
        """Stand under the mosaic."""
        self._span = (left, width)
        self.update()

    @property
    def words(self) -> str:
        """The whole story in one line."""
        return "; ".join(f"{scene.line}, {scene.caption}" for scene in self._scenes)

    def _tell(self, scenes: tuple[Scene, ...]) -> None:
        self._scenes = scenes
        self.setToolTip(self.words)
        self.setAccessibleDescription(self.words)
        self.update()

    def _restyle(self) -> None:
        if self._told is not None:  # the maps have other colours
            image, shape, winner, own, depressed, other, rank, others, level = self._told
            self.show_update(
                image, shape, winner, own, depressed, other, rank=rank, others=others, level=level
            )
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(theme().px(560), theme().px(SIDE + 2 * MARK + 6))

    def minimumSizeHint(self) -> QSize:
        return QSize(theme().px(280), theme().px(SIDE + 2 * MARK + 6))

    # --- painting

    def paintEvent(self, event: QPaintEvent) -> None:
        t = theme()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        left, width = self._span or (0, self.width())
        least = min(self.width(), t.px(520))
        if width < least:  # a narrow mosaic: the words need their room
            left, width = max(0, min(left + (width - least) // 2, self.width() - least)), least
        arrow, gap = t.px(36), t.px(12)
        needs = self._rooms(width - arrow - gap * (len(self._scenes) - 2))
        free = width - arrow - sum(needs)
        between = free / max(1, len(needs) - 1)
        x = float(left)
        for k, (scene, need) in enumerate(zip(self._scenes, needs, strict=True)):
            self._paint_scene(painter, scene, QRectF(x, 0, need, self.height()))
            x += need
            if k == 0:
                # with two scenes there is nobody at the right end: the second follows the arrow
                space = arrow + (between if len(needs) > 2 else 0.0)
                self._paint_arrow(painter, QRectF(x, 0, space, self.height()))
                x += space
            else:
                x += between

    def _rooms(self, width: float) -> list[float]:
        """The width of every scene: captions are cut before lines are."""
        t = theme()
        line, caption = QFontMetrics(t.font(13, 600)), QFontMetrics(t.font(11))
        lines = [line.horizontalAdvance(s.line) + 2.0 for s in self._scenes]
        longer = [
            max(0.0, caption.horizontalAdvance(s.caption) + 2.0 - have)
            for s, have in zip(self._scenes, lines, strict=True)
        ]
        short = sum(lines) + sum(longer) + len(lines) * self._beside() - width
        if short > 0:
            kept = max(0.0, 1 - short / max(1.0, sum(longer)))
            short -= sum(longer)
            longer = [kept * more for more in longer]
        if short > 0:
            kept = max(0.0, 1 - short / sum(lines))
            lines = [kept * have for have in lines]
        return [self._beside() + a + b for a, b in zip(lines, longer, strict=True)]

    def _beside(self) -> float:
        """Width of a picture and the gap to its words."""
        return theme().px(SIDE + 2 * MARK + 10)

    def _paint_arrow(self, painter: QPainter, room: QRectF) -> None:
        t = theme()
        glyph = QRectF(0, 0, t.px(16), t.px(16))
        glyph.moveCenter(room.center())
        t.icon("ph.arrow-right", "muted").paint(painter, glyph.toRect())

    def _paint_scene(self, painter: QPainter, scene: Scene, room: QRectF) -> None:
        t = theme()
        mark, side = t.px(MARK), t.px(SIDE)
        top = round((self.height() - side) / 2)
        box = QRectF(round(room.left()) + mark, top, side, side)
        if scene.picture is not None:
            draw_picture(painter, box, scene.picture, rounded=not scene.mark)
        else:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(t.colour("field"))
            painter.drawRoundedRect(box, 6, 6)
        if scene.mark and scene.picture is not None:
            draw_mark(painter, box, scene.mark, mark)
        words = room.adjusted(self._beside(), 0, 0, 0)
        half = t.px(17)
        middle = self.height() / 2
        lines = (
            (scene.line, t.font(13, 600), "text", middle - half),
            (scene.caption, t.font(11), "muted", middle),
        )
        for line, font, role, y in lines:
            painter.setFont(font)
            painter.setPen(t.colour(role))
            short = QFontMetrics(font).elidedText(
                line, Qt.TextElideMode.ElideRight, int(words.width())
            )
            strip = QRectF(words.left(), y, words.width() + 2, half)
            painter.drawText(strip, Qt.AlignmentFlag.AlignVCenter, short)


def draw_mark(painter: QPainter, box: QRectF, role: str, thick: float) -> None:
    """The outline around a picture: solid for who moves near, dashed for who is pushed away."""
    pen = QPen(theme().colour(role), thick)
    if role == "bad":
        pen.setDashPattern([2.4, 1.0])
        pen.setCapStyle(Qt.PenCapStyle.FlatCap)
    painter.setPen(pen)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    half = thick / 2
    painter.drawRoundedRect(box.adjusted(-half, -half, half, half), 2, 2)


def _pushed(unit: int, rank: int, others: int) -> tuple[str, str]:
    """Line and caption of the depressed unit."""
    name = f"Unit {whole(unit + 1)}"
    if others:
        noun = "other" if others == 1 else "others"
        return f"{name} is pushed away", f"and {whole(others)} {noun} with it"
    return f"{name} is {ordinal(rank)}", "and is pushed away"


def _field(weights: NDArray[Any], shape: Shape, level: float | None) -> QImage:
    return field_picture(weights, shape, level or symmetric_level(weights))
