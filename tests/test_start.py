"""It starts whatever it finds: broken settings, no home, damaged kernels, what a crash left."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from lyapstudio.core import kernel_cache
from lyapstudio.core.build import build
from lyapstudio.core.kernel_cache import DAMAGED as KERNELS_DAMAGED
from lyapstudio.ui.reporting import ENDED, GO_ON, WRONG
from lyapstudio.ui.settings import DAMAGED

ROOT = Path(__file__).parent.parent
CACHE = os.environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")
SAID = "SAID "
NAMES = ("HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_STATE_HOME")
CONF = Path("xdg_config_home") / "Lyapunov Studio" / "lyapstudio.conf"
LOGS = Path("xdg_data_home") / "Lyapunov Studio" / "lyapstudio" / "logs"

START = """
import sys
from PySide6.QtCore import QTimer
from lyapstudio import app
from lyapstudio.ui.reporting import Reporter

{before}
begin = Reporter.begin


def watched(self):
    begin(self)
    window = self._window
    {act}

    def look():
        if window.session.frame is None or window.session.frame.problem is None:
            QTimer.singleShot(50, look)
            return
        self._look()
        print({mark!r} + window.notice.words, flush=True)
        window.close()

    QTimer.singleShot(50, look)


Reporter.begin = watched
sys.exit(app.start({file!r}))
"""


@pytest.fixture
def begun(tmp_path):
    """Start the program in an empty home, or in what a test makes of it; what its notice says."""
    for name in NAMES:
        (tmp_path / name.lower()).mkdir()

    def begin(
        act: str = "pass", file: str = "", code: int = 0, before: str = "", **environment: str
    ) -> str:
        script = START.format(act=act, mark=SAID, file=file or None, before=before)
        known = {name: str(tmp_path / name.lower()) for name in NAMES}
        known |= {"PYTHONPATH": str(ROOT), "XDG_CACHE_HOME": CACHE}
        joined = {**os.environ, **known, **environment}
        done = subprocess.run(
            [sys.executable, "-c", script],
            env={k: v for k, v in joined.items() if v},
            cwd=tmp_path,
            capture_output=True,
            text=True,
            timeout=100,
            check=False,
        )
        assert done.returncode == code, done.stderr
        said = [x for x in done.stdout.splitlines() if x.startswith(SAID)]
        return said[0].removeprefix(SAID) if said else ""

    begin.home = tmp_path
    return begin


def settle(begun, words: str) -> Path:
    """Write the settings file."""
    file = begun.home / CONF
    file.parent.mkdir(parents=True)
    file.write_bytes(words.encode("utf-8", "surrogateescape"))
    return file


def test_a_first_start_says_nothing_and_leaves_nothing_but_its_log(begun):
    assert begun() == ""
    files = [f.name for f in (begun.home / LOGS).iterdir()]
    assert files == ["lyapstudio.log"]
    assert build().version in (begun.home / LOGS / "lyapstudio.log").read_text("utf-8")
    assert begun() == "", "the second start has no news"


@pytest.mark.parametrize(
    "words",
    [
        "[General]\nmode=purple\n",
        "[General]\nmode=one, two, three\nrecent=@Invalid()\n",
        "[General]\ngeometry=12\ncolumns=@Variant(\\0\\0\\0\\x7f\\0)\n",
        "[General]\ngeometry=@ByteArray(garbage)\ncolumns=@ByteArray(\\xff\\0)\n",
        "[General]\nrecent=@Size(3 4)\nfolder=@Point(1 2)\nmode=@Rect(1 2 3 4)\n",
        "[General\nmode=dark\n",
        "no settings at all \udcff\udc80 [[[\n===",
    ],
)
def test_damaged_settings_are_said_once(begun, words):
    settle(begun, words)
    assert DAMAGED in begun()
    assert DAMAGED not in begun()


def test_settings_of_another_version_are_taken_over(begun):
    settle(begun, "[General]\nmode=dark\nunknown=7\nrecent=/nowhere/a.lyap\nversion=0.0.1\n")
    assert begun() == f"Version {build().version}: see what changed."
    assert begun() == ""


@pytest.mark.parametrize("home", ["", "a file", "nowhere"])
def test_without_a_home_it_starts_and_says_so(begun, home):
    """A folder below a file cannot be made, not even by root."""
    (begun.home / "a file").write_text("")
    place = "" if not home else str(begun.home / home / "below")
    if home == "nowhere":
        place = "/proc/nowhere"
    said = begun(**dict.fromkeys((*NAMES, "XDG_CACHE_HOME"), place))
    assert ("cannot be" in said) == bool(home), said
    if home:
        assert "log cannot be written" in said
        assert "kernels cannot be kept" in said


def test_damaged_kernels_are_compiled_anew_and_said_once(begun):
    """Every file of a copy of the cache is cut short, or has one bit turned over."""
    kept = kernel_cache.own_folder()
    if not any(kept.glob("*.kernel")):
        pytest.skip("no kernels have been compiled yet")
    folder = begun.home / "cache" / "lyapstudio" / "kernels" / kernel_cache.stamp()
    shutil.copytree(kept, folder)
    for k, file in enumerate(sorted(folder.glob("*.kernel"))):
        body = bytearray(file.read_bytes())
        if k % 2:
            body[len(body) // 2] ^= 16
        file.write_bytes(body if k % 2 else body[:100])
    cache = str(begun.home / "cache")
    assert begun(XDG_CACHE_HOME=cache) == KERNELS_DAMAGED
    assert begun(XDG_CACHE_HOME=cache) == ""


def test_after_a_fault_outside_of_python_the_next_start_tells_and_logs_it(begun):
    begun("import faulthandler; faulthandler._sigsegv()", code=-11)
    assert begun() == ENDED
    log = (begun.home / LOGS / "lyapstudio.log").read_text("utf-8")
    assert "Segmentation fault" in log
    assert "in watched" in log
    assert begun() == ""


def test_a_kill_leaves_work_and_the_next_start_offers_it(begun):
    change = "from lyapstudio.document import edits; import os, signal; "
    change += "window.session.edit(lambda d: edits.set_seed(d, 77), 'seed'); window.desk.keep(); "
    begun(change + "os.kill(os.getpid(), signal.SIGKILL)", code=-9)
    agree = "from lyapstudio.ui.dialogs import ask; ask.ask_recover = lambda *about: True"
    look = "assert window.session.setup.seed == 77; window.desk.may_close = lambda: True"
    assert begun(look, before=agree) == ENDED


def test_a_fault_in_a_slot_is_said_and_logged_and_the_window_lives(begun):
    said = begun("QTimer.singleShot(0, window, lambda: 1 // 0)")
    assert said.startswith(f"{WRONG}: ZeroDivisionError")
    assert said.endswith(GO_ON)
    assert "ZeroDivisionError" in (begun.home / LOGS / "lyapstudio.log").read_text("utf-8")


def test_a_fault_in_a_thread_is_said_too(begun):
    said = begun(
        "import threading; t = threading.Thread(target=lambda: [].pop()); t.start(); t.join()"
    )
    assert said.startswith(f"{WRONG}: IndexError")


def test_a_document_is_opened_by_its_name(begun):
    from lyapstudio.document import files
    from lyapstudio.document.examples import example

    files.save(example("letters").build(), begun.home / "my letters.lyap")
    act = "assert window.desk.title == 'my letters', window.desk.title"
    assert begun(act, "my letters.lyap") == ""


def test_an_installed_program_says_in_the_window_what_it_cannot_open(begun):
    """It was started by a click: nobody reads a terminal."""
    said = begun(file="no such.lyap", before="app.frozen = lambda: True")
    assert said == "There is no file called no such.lyap in that folder. Check its name."


def test_the_version_is_told_at_once():
    done = subprocess.run(
        [sys.executable, "-m", "lyapstudio", "--version"],
        env=dict(os.environ, PYTHONPATH=str(ROOT)),
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.strip() == f"lyapstudio {build().line}"
