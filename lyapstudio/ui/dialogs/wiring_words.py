"""What the wiring's dialog says of a wiring, in figures and sentences."""

from __future__ import annotations

from lyapstudio.analysis.wired import Wired
from lyapstudio.ui.numerals import THIN, figure, place, whole
from lyapstudio.weights.cost import size_text

FACTS = {
    "connections": "Every direction counts: a symmetric pair has two.",
    "a neuron, on average": "How many others a neuron hears.",
    "of all pairs": "How full the matrix is.",
    "of memory": "For the weights along these connections and the lists of who hears whom.",
}


def fact_texts(found: Wired) -> dict[str, str]:
    """Caption of `FACTS` -> its value."""
    about = "" if found.full else "≈ "
    count = whole(round(found.count)) if found.full else millions(found.count)
    values = (
        about + count,
        about + figure(found.mean, 1),
        percent(found.share),
        f"about {size_text(found.nbytes)}",
    )
    return dict(zip(FACTS, values, strict=True))


def percent(share: float) -> str:
    """Two figures below one per cent, one decimal above, and 100 only for all."""
    value = 100 * share
    if value >= 1:
        value = min(round(value, 1), 99.9) if share < 1 else 100.0
        return f"{figure(value, 0 if value == round(value) else 1)} %"
    return f"{figure(float(f'{value:.2g}'))} %"


def millions(count: float) -> str:
    """Like "52.2 million"."""
    return f"{figure(count / 1e6, 1)} million"


def neuron_line(found: Wired, neuron: int, heard: int) -> str:
    """Like "Row 14, column 14 hears 48 others. Click on another one."."""
    row, col = place(neuron, found.cols)
    itself = " and itself" if found.wiring.own else ""
    others = f"{whole(heard) if heard else 'no'} other{'' if heard == 1 else 's'}"
    return (
        f"Row {whole(row)}, column {whole(col)} (framed) hears {others}{itself}. "
        "Click on another neuron."
    )


def matrix_line(found: Wired, level: float) -> str:
    """How the matrix is to be read."""
    N = found.rows * found.cols
    if len(found.blocks) == N:
        return "A row for each neuron, marked in the column of everyone it hears."
    side = N / len(found.blocks)
    wide = figure(side, 0 if side >= 10 or side == round(side) else 1)
    return (
        f"Row: who listens; column: to whom. A dot is {wide} × {wide} pairs, "
        f"at most {percent(level)} connected.".replace(" × ", "\u00a0×\u00a0").replace(
            THIN, "\u202f"
        )
    )


def degrees_line(found: Wired) -> str:
    """The least and the most."""
    low, high = int(found.degrees.min()), int(found.degrees.max())
    if low == high:
        return f"Every neuron hears exactly {whole(low)}."
    return f"From {whole(low)} to {whole(high)}. A bar is tall where many neurons hear so many."


def symmetry_line(found: Wired) -> str:
    """Whether the energy is a Lyapunov function, and why not."""
    w = found.wiring
    lost = "so the energy is no Lyapunov function and may rise."
    if not found.symmetric:
        return f"<b>Not symmetric</b>: some hear a neuron that does not hear them, {lost}"
    broken = []
    if w.antisymmetry:
        broken.append(f"an antisymmetric part of k = {figure(w.antisymmetry, 2)} is added")
    if w.inhibitory:
        broken.append("Dale’s law takes weights away in one direction only")
    if broken:
        return f"<b>Connected both ways, with unequal weights</b>: {' and '.join(broken)}, {lost}"
    return (
        "<b>Symmetric</b>: whoever is heard hears back, so the energy is a Lyapunov function if "
        "the weights are symmetric, too."
    )


def isolation_line(found: Wired) -> str:
    """A warning where neurons are on their own, or ""."""
    alone, few = found.isolated, ""
    if not alone:
        return ""
    if not found.full:
        few = f" of the {whole(found.rows * found.cols)} that are shown"
    if alone == 1:
        return (
            f"One neuron{few} is isolated: it hears nobody, and nobody hears it, so no memory can "
            "correct it. Choose more connections."
        )
    return (
        f"{whole(alone)} neurons{few} are isolated: they hear nobody, and nobody hears them, so no "
        "memory can correct them. Choose more connections."
    )


def size_line(found: Wired, rows: int, cols: int) -> str:
    """That the pictures show a smaller sheet, or ""."""
    if found.full:
        return ""
    return (
        f"{rows} × {cols} neurons would have about {millions(found.count)} connections, "
        f"too many to be made for a look. The pictures show the same recipe on a sheet of "
        f"{found.rows} × {found.cols}; the four figures are those of the whole network."
    )
