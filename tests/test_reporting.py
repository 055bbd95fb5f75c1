"""What is given for a report holds nothing private; what is not foreseen is said with a way on."""

from __future__ import annotations

import json
import threading
from dataclasses import replace
from logging.handlers import RotatingFileHandler
from pathlib import Path

import pytest
from PySide6.QtGui import QGuiApplication

from lyapstudio.core import build as builds
from lyapstudio.core import private
from lyapstudio.core.errors import UserError
from lyapstudio.core.logbook import BYTES, LOG, Logbook, log
from lyapstudio.core.private import scrubbed
from lyapstudio.engine.explain import explain
from lyapstudio.ui import news
from lyapstudio.ui.dialogs.about import AboutDialog
from lyapstudio.ui.dialogs.topics import find, topics
from lyapstudio.ui.reporting import COPIED, COPY
from lyapstudio.ui.settings import keep
from tests.test_window import window

__all__ = ["window"]

HOMES = ["/home/Max Müller", "/home/o'brien", "/Users/李雷", "/srv/a(b)[c]+d", "/home/x.y", "/root"]
USERS = ["Max Müller", "o'brien", "李雷", "a(b)[c]+d", "e", "x.y"]


@pytest.fixture
def person(monkeypatch):
    """Be somebody else."""

    def be(home: str, user: str) -> None:
        for name in ("HOME", "USERPROFILE"):
            monkeypatch.setenv(name, home)
        for name in ("USER", "LOGNAME", "USERNAME"):
            monkeypatch.setenv(name, user)
        monkeypatch.setattr("platform.node", lambda: "labor-7.example.org")

    return be


@pytest.mark.parametrize("home", HOMES)
@pytest.mark.parametrize("user", USERS)
def test_no_home_and_no_name_survives(person, home, user):
    person(home, user)
    text = "\n".join(
        [
            f'  File "{home}/venv/lib/python3.11/site-packages/lyapstudio/ui/desk.py", line 3',
            f"PermissionError: [Errno 13] Permission denied: '{home}/Meine Daten/geheim plan.lyap'",
            f"Compiled kernels cannot be kept in {home}/.cache/x: Read-only file system.",
            f"The program ended unexpectedly, without saving “{user}’s plan”.",
            f"file://{private.quote(home)}/Plan.lyap, on labor-7.example.org",
            f"{user} was here.",
        ]
    )
    clean = scrubbed(text)
    for secret in (home, "geheim", "Meine Daten", "Plan", "plan", "labor-7"):
        assert secret not in clean, clean
    assert "lyapstudio/ui/desk.py" in clean
    assert not private._word(user).search(clean.replace("<", " <"))
    assert "Read-only file system" in clean


@pytest.mark.parametrize(
    ("text", "clean"),
    [
        (r"C:\Users\Max\Desktop\a b.lyap: not found", "<path>: not found"),
        (r"\\server\share\secret file\x.npy: gone", "<path>: gone"),
        ("'/mnt/Top Secret/x y.csv' is no table", "'<path>' is no table"),
        ("my-weights.npz gives the weight twice", "<file> gives the weight twice"),
        ("“patient 7” is the same as “A”", "“…” is the same as “…”"),
        ("a ratio of 3/4 and/or 1 / 2", "a ratio of 3/4 and/or 1 / 2"),
        ("ValueError: x (camera.py:32). Go on.", "ValueError: x (camera.py:32). Go on."),
        ("Trial 12.lyap of Ann is damaged", "<file> is damaged"),
    ],
)
def test_what_goes_and_what_stays(text, clean):
    assert scrubbed(text, ["Trial 12.lyap of Ann"]) == clean


def test_details_say_what_matters_and_nothing_private(window, person, tmp_path):
    person("/home/Max Müller", "Max Müller")
    session, desk = window.session, window.desk
    desk.path = Path("/home/Max Müller/Patienten/Befund Meier.lyap")
    named = tuple(replace(p, name=f"Patient {k}") for k, p in enumerate(session.document.patterns))
    session.edit(lambda d: replace(d, title="Befund Meier", patterns=named), "rename")
    book = Logbook(tmp_path)
    window.reporter.book = book
    try:
        raise ValueError("Befund Meier in /home/Max Müller/Patienten: Patient 3 is wrong")
    except ValueError as error:
        session.failed.emit(explain(error))
    text = window.reporter.details()
    book.close()
    for secret in ("Max", "Müller", "Meier", "Befund", "Patient", "/home", "Cat"):
        assert secret not in text, text
    for word in ("Lyapunov Studio", "Qt ", "Python ", "numba 0.", "Hopfield 1982", "96 × 96"):
        assert word in text, text
    assert "low rank" in text
    assert "ValueError" in text
    assert "no GPU" in text


def test_a_fault_of_the_program_offers_its_details(window):
    notice = window.notice
    window.session.failed.emit("Choose another size.")
    assert notice.words == "Choose another size."
    assert not notice.action.isVisibleTo(notice)
    window.session.failed.emit(explain(UserError("Choose a number.")))
    assert not notice.action.isVisibleTo(notice)
    try:
        [].pop()
    except IndexError as error:
        window.session.failed.emit(explain(error))
    assert notice.words.startswith("The run stopped: IndexError")
    assert notice.action.text() == COPY
    notice.action.click()
    assert notice.words == COPIED
    assert "IndexError" in QGuiApplication.clipboard().text()


def test_the_menu_copies_too(window):
    window.menus.actions["details"].trigger()
    assert QGuiApplication.clipboard().text().startswith("Lyapunov Studio")


# the log


def test_a_log_is_bounded_and_remembers_the_end(tmp_path):
    book = Logbook(tmp_path)
    for k in range(30_000):
        log.info("line %s of a long story that somebody has to keep short", k)
    assert book.tail()[-1].endswith("line 29999 of a long story that somebody has to keep short")
    assert len(book.tail()) <= 200
    book.close()
    book.close()
    sizes = {f.name: f.stat().st_size for f in tmp_path.iterdir()}
    assert set(sizes) == {LOG, f"{LOG}.1"}
    assert sum(sizes.values()) <= 2 * BYTES
    assert not [h for h in log.handlers if isinstance(h, RotatingFileHandler)]


def test_two_programs_at_once_are_no_crash(tmp_path):
    one, two = Logbook(tmp_path), Logbook(tmp_path)
    assert two.crashes == ()
    one.close()
    two.close()
    three = Logbook(tmp_path)
    assert three.crashes == ()
    three.close()


def test_what_is_left_over_is_a_crash_and_is_told_once(tmp_path):
    (tmp_path / "running-1-a.lock").write_text("")
    (tmp_path / "running-1-a.txt").write_text("Fatal Python error: " + "x" * 100_000)
    (tmp_path / "running-2-b.lock").write_text("")
    book = Logbook(tmp_path)
    assert [len(c.trace) for c in sorted(book.crashes, key=lambda c: c.trace)] == [0, 8000]
    book.close()
    again = Logbook(tmp_path)
    assert again.crashes == ()
    again.close()
    assert "Fatal Python error" in (tmp_path / LOG).read_text("utf-8")


def test_a_log_that_cannot_be_written_is_told(tmp_path):
    (tmp_path / "file").write_text("")
    book = Logbook(tmp_path / "file" / "logs")
    assert "cannot be written" in book.complaint
    log.warning("still remembered")
    assert book.tail()[-1].endswith("still remembered")
    book.close()


def test_faults_without_a_trace_are_explained(tmp_path):
    assert explain(ValueError("x")) == "The run stopped: ValueError: x. Restart to go on."


# what it says of itself


def test_a_build_tells_what_it_is(tmp_path, monkeypatch):
    monkeypatch.setattr(builds, "resource", lambda name: tmp_path / name)
    made = builds.build.__wrapped__
    assert made().line == builds.__version__
    told = {"version": "1.2", "commit": "0123456789abcdef", "built": "2026-05-04T10:00", "id": "q"}
    (tmp_path / "build.json").write_text(json.dumps(told))
    assert made().line == "1.2 (0123456789ab, 2026-05-04)"
    assert made().id == "q"
    for damaged in (
        "",
        "[]",
        "{",
        '{"id": 7}',
        "\udcff".encode("utf-8", "surrogatepass").decode("latin1"),
    ):
        (tmp_path / "build.json").write_text(damaged)
        assert made().line == builds.__version__


def test_about_leads_to_licences_and_changes(qtbot, window):
    for page, heading in (("Licences", "Licences"), ("What changed", "What changed")):
        dialog = AboutDialog(window, window.reporter)
        assert builds.build().version in dialog._caption.text()
        buttons = {b.text(): b for b in dialog.findChildren(type(dialog.main))}
        buttons[page].click()
        window.errands.show_help(dialog.turned_to)
        assert heading in window.errands._help.page.toPlainText()


def test_help_holds_the_list_of_changes_and_the_licences():
    assert find("changes")[0].title == "What changed"
    assert "<h3>0.1.0" in topics()["changes"].html
    assert "MIT" in topics()["licences"].html


def test_changes_become_a_page():
    page = news.to_html(
        "# Changes\n\n## 1.0 <b>\n\nIt **stands**.\n\n- one\n  more\n- `two` & *so*\n"
    )
    assert page == (
        "<h3>1.0 &lt;b&gt;</h3><p>It <b>stands</b>.</p>"
        "<ul><li>one more</li><li><code>two</code> &amp; <i>so</i></li></ul>"
    )


def test_an_update_is_news_once(window):
    assert news.updated() == ""
    keep("version", "0.0.1")
    assert news.updated() == f"Version {builds.build().version}: see what changed."
    assert news.updated() == ""
    keep("version", "0.0.1")
    window.reporter.begin()
    assert window.notice.action.text() == "What changed"
    window.notice.action.click()
    assert window.errands._help.topic == "changes"


def test_what_is_found_at_the_start_shares_one_notice(window):
    window.reporter.say("The log is full.")
    window.reporter.say("The cache is old.")
    assert window.notice.words == "The log is full. The cache is old."
    window.notice.hide()
    window.reporter.say("Another.")
    assert window.notice.words == "Another."


def test_the_hooks_are_taken_back(window, tmp_path):
    before = threading.excepthook
    book = Logbook(tmp_path)
    window.reporter.hook(book)
    assert threading.excepthook is not before
    window.reporter.unhook()
    assert threading.excepthook is threading.__excepthook__
    book.close()
