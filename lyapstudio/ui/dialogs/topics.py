"""What the help knows: pages of their own, and what models, rules and wirings say themselves."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from lyapstudio.core.model import Direction
from lyapstudio.core.resources import resource
from lyapstudio.models import models
from lyapstudio.ui import news
from lyapstudio.weights import dreams
from lyapstudio.weights.rules import rules
from lyapstudio.weights.wiring import wirings

WINDOW, MEANING, LEARNING = "The window", "What it means", "A network that learns"
MODELS, RULES, WIRING, PROGRAM = "Models", "Learning rules", "Wiring", "The program"
DREAMS = "Unlearning (dreaming)"

PAGES: tuple[tuple[str, str, str, str], ...] = (
    ("panel:patterns", WINDOW, "Patterns", "patterns"),
    ("panel:cue", WINDOW, "Cue", "cue"),
    ("panel:network", WINDOW, "Network", "network"),
    ("panel:wiring", WINDOW, "Wiring", "wiring"),
    ("panel:editing", WINDOW, "Weights by hand", "editing"),
    ("panel:state", WINDOW, "Neuron state", "state"),
    ("panel:time", WINDOW, "Time", "time"),
    ("function", MEANING, "Lyapunov function", "function"),
    ("panel:overlap", MEANING, "Overlap", "overlap"),
    ("panel:overtime", MEANING, "Over time", "overtime"),
    ("panel:neuron", MEANING, "One neuron", "neuron"),
    ("panel:weights", MEANING, "Weights", "weights"),
    ("panel:matrix", MEANING, "The weight matrix", "matrix"),
    ("panel:statistics", MEANING, "The weights in numbers", "statistics"),
    ("symmetry", MEANING, "Symmetry", "symmetry"),
    ("panel:data", LEARNING, "Data", "data"),
    ("panel:learning", LEARNING, "Learning", "learning"),
    ("panel:fields", LEARNING, "Receptive fields", "fields"),
    ("panel:example", LEARNING, "One example", "example"),
    ("panel:readout", LEARNING, "Readout", "readout"),
    ("panel:pad", LEARNING, "The pad", "pad"),
    ("results", LEARNING, "How well it reads", "results"),
    ("files", PROGRAM, "Files", "files"),
    ("keys", PROGRAM, "Keys and mouse", "keys"),
)
"""Topic id, group, title, file in resources/help."""

WHY = {Direction.FALLS: "function#why", Direction.RISES: "function#climb"}
"""The part of the page on the function that explains the badge."""


@dataclass(frozen=True)
class Topic:
    """One page; `html` is its rich text."""

    id: str
    group: str
    title: str
    html: str


@cache
def topics() -> dict[str, Topic]:
    """Every topic by id, in the order of the list."""
    pages = [
        Topic(id, group, title, resource("help", f"{file}.html").read_text("utf-8"))
        for id, group, title, file in PAGES
    ]
    spoken = [
        Topic(f"model:{id}", MODELS, cls.title, _titled(cls.title, cls.about))
        for id, cls in models().items()
    ]
    spoken += [
        Topic(f"rule:{id}", RULES, cls.title, _titled(cls.title, cls.about))
        for id, cls in rules().items()
    ]
    spoken.append(Topic("dreams", RULES, DREAMS, _titled(DREAMS, dreams.ABOUT)))
    spoken += [
        Topic(f"wiring:{id}", WIRING, cls.title, _titled(cls.title, cls.about))
        for id, cls in wirings().items()
    ]
    last = [page for page in pages if page.group == PROGRAM]
    last.append(Topic("changes", PROGRAM, "What changed", news.changes()))
    last.append(Topic("licences", PROGRAM, "Licences", news.licences()))
    first = [page for page in pages if page.group != PROGRAM]
    return {topic.id: topic for topic in (*first, *spoken, *last)}


def find(id: str) -> tuple[Topic, str]:
    """The topic of an id and the anchor in it.

    `id` is a topic's, with or without "panel:", perhaps with "#anchor"; the symbol of a Lyapunov
    function ("E", "½L", "L") means why it moves as it does. What is unknown: the first page.
    """
    known = topics()
    ways = {f.symbol: f.direction for cls in models().values() for f in cls.functions}
    if id in ways:
        id = WHY[ways[id]]
    name, _, anchor = id.partition("#")
    topic = known.get(name) or known.get(f"panel:{name}")
    return (topic, anchor) if topic else (next(iter(known.values())), "")


def _titled(title: str, html: str) -> str:
    """Every page begins with a heading of the first rank."""
    if "<h2>" in html:
        return html
    if "<h3>" in html:
        return html.replace("<h3>", "<h2>", 1).replace("</h3>", "</h2>", 1)
    return f"<h2>{title}</h2>{html}"
