"""The help: a list of topics, and the page of the chosen one."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QTextBrowser,
    QVBoxLayout,
    QWidget,
)

from lyapstudio.ui.dialogs.frame import prepare_window, stand_in_the_middle
from lyapstudio.ui.dialogs.topics import find, topics
from lyapstudio.ui.theme import theme

ID = Qt.ItemDataRole.UserRole
LIST_WIDTH = 220
SIZE = (860, 640)
PAGE_MARGIN = 28

PAGE_SHEET = """
body {{ color: {text}; font-size: {s14}px; }}
h2 {{ font-size: {s22}px; font-weight: 600; margin-top: 0; margin-bottom: {s10}px; }}
h3 {{ font-size: {s15}px; font-weight: 600; margin-top: {s18}px; margin-bottom: {s4}px; }}
p {{ margin-top: {s6}px; margin-bottom: {s6}px; line-height: 145%; }}
li {{ margin-bottom: {s4}px; line-height: 145%; }}
td {{ padding: {s4}px {s16}px {s4}px 0; }}
.formula {{ font-size: {s17}px; margin: {s12}px 0 {s12}px {s24}px; }}
a {{ color: {accent}; }}
"""


class HelpWindow(QWidget):
    """Stays beside the window, and comes back after it was closed: `show_topic`."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent, Qt.WindowType.Window)
        prepare_window(self, "Help", delete=False)
        self.search = QLineEdit()
        self.search.setPlaceholderText("Search the help")
        self.search.setClearButtonEnabled(True)
        self.search.setAccessibleName("Search the help")
        self.search.setToolTip("Only pages that hold all these words stay in the list.")
        self.list = QListWidget()
        self.list.setAccessibleName("Topics")
        self.list.setToolTip("What there is to read; a click turns to the page.")
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.page = QTextBrowser()
        self.page.setOpenExternalLinks(False)
        self.page.setAccessibleName("Help page")
        self.page.document().setDocumentMargin(PAGE_MARGIN)
        self._shown = ""
        self._placed = False
        left = QVBoxLayout()
        left.setSpacing(8)
        left.addWidget(self.search)
        left.addWidget(self.list, 1)
        row = QHBoxLayout(self)
        row.setContentsMargins(16, 16, 16, 16)
        row.setSpacing(16)
        row.addLayout(left)
        row.addWidget(self.page, 1)
        self.resize(*SIZE)
        self._fill()
        self.search.textChanged.connect(self._filter)
        self.list.currentItemChanged.connect(self._chosen)
        self.page.anchorClicked.connect(lambda url: self._turn_to(url.toString()))
        self.page.setOpenLinks(False)
        QShortcut(QKeySequence(Qt.Key.Key_Escape), self, self.close)
        theme().changed.connect(self._restyle)
        self._restyle()
        self._turn_to(next(iter(topics())))

    @property
    def topic(self) -> str:
        """The id of the page that is shown."""
        return self._shown

    def show_topic(self, id: str) -> None:
        """Come up with the page of a topic, a panel, or a function’s symbol."""
        if not self._placed:
            self._placed = True  # from now on where the reader put it
            stand_in_the_middle(self)
        self.show()
        self.raise_()
        self.activateWindow()
        self._turn_to(id)

    def _turn_to(self, id: str) -> None:
        topic, anchor = find(id)
        item = self._items[topic.id]
        if item.isHidden():
            self.search.clear()
        self.list.setCurrentItem(item)
        if anchor:
            self.page.scrollToAnchor(anchor)

    def _fill(self) -> None:
        self._items: dict[str, QListWidgetItem] = {}
        self._headers: dict[str, QListWidgetItem] = {}
        for topic in topics().values():
            if topic.group not in self._headers:
                header = QListWidgetItem(topic.group)
                header.setFlags(Qt.ItemFlag.NoItemFlags)
                self.list.addItem(header)
                self._headers[topic.group] = header
            item = QListWidgetItem(f"   {topic.title}")
            item.setData(ID, topic.id)
            self.list.addItem(item)
            self._items[topic.id] = item

    def _filter(self, words: str) -> None:
        """Only topics whose page holds all the words."""
        wanted = words.lower().split()
        groups = set()
        first = None
        for topic in topics().values():
            page = f"{topic.title} {topic.html}".lower()
            fits = all(word in page for word in wanted)
            self._items[topic.id].setHidden(not fits)
            if fits:
                groups.add(topic.group)
                first = first or topic
        for group, header in self._headers.items():
            header.setHidden(group not in groups)
        current = self._items.get(self._shown)
        if first is not None and (current is None or current.isHidden()):
            self.list.setCurrentItem(self._items[first.id])

    def _chosen(self, item: QListWidgetItem | None) -> None:
        if item is not None and item.data(ID):
            self._shown = item.data(ID)
            self._show_page()

    def _show_page(self) -> None:
        if self._shown:
            topic = topics()[self._shown]
            self.page.setHtml(topic.html)
            self.setWindowTitle(f"Help: {topic.title}")

    def _restyle(self) -> None:
        t = theme()
        self.list.setFixedWidth(t.px(LIST_WIDTH))
        self.search.setFixedWidth(t.px(LIST_WIDTH))
        sizes = {f"s{n}": t.px(n) for n in (4, 6, 10, 12, 14, 15, 16, 17, 18, 22, 24)}
        sheet = PAGE_SHEET.format(text=t.name("text"), accent=t.name("accent"), **sizes)
        self.page.document().setDefaultStyleSheet(sheet)
        for header in self._headers.values():
            header.setForeground(t.colour("muted"))
            header.setFont(t.font(11, 600))
        self._show_page()
