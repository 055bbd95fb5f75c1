"""The program as a person meets it: a real X window, a keyboard, a mouse, a screenshot."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
CACHE = os.environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")
TOOLS = ("Xvfb", "xdotool", "import")
MISSING = [tool for tool in TOOLS if shutil.which(tool) is None]

pytestmark = pytest.mark.skipif(bool(MISSING), reason=f"not installed: {', '.join(MISSING)}")


@pytest.fixture(scope="module")
def screen():
    """A screen of its own (`-displayfd` picks a free number), with a window manager if there."""
    reading, writing = os.pipe()
    command = [
        "Xvfb",
        "-displayfd",
        str(writing),
        "-screen",
        "0",
        "1280x800x24",
        "-nolisten",
        "tcp",
    ]
    server = subprocess.Popen(command, pass_fds=[writing], stderr=subprocess.DEVNULL)
    os.close(writing)
    with os.fdopen(reading) as answer:
        display = f":{answer.readline().strip()}"
    manager = None
    if shutil.which("openbox"):
        manager = subprocess.Popen(
            ["openbox"], env=dict(os.environ, DISPLAY=display), stderr=subprocess.DEVNULL
        )
    yield display
    for process in (manager, server):
        if process is not None:
            process.terminate()
            process.wait(10)


class Person:
    """Someone at the screen: presses, draws, looks."""

    def __init__(self, display: str, home: Path) -> None:
        self.environment = dict(os.environ, DISPLAY=display, QT_QPA_PLATFORM="xcb", HOME=str(home))
        self.environment |= {"PYTHONPATH": str(ROOT), "XDG_CACHE_HOME": CACHE}
        for name in ("CONFIG", "DATA", "STATE"):
            self.environment[f"XDG_{name}_HOME"] = str(home / name.lower())

    def does(self, *words: str) -> str:
        command = ["xdotool", *words]
        done = subprocess.run(
            command, env=self.environment, capture_output=True, text=True, timeout=30, check=False
        )
        return done.stdout.strip()

    def sees(self, path: Path) -> Path:
        subprocess.run(
            ["import", "-window", "root", str(path)], env=self.environment, timeout=30, check=True
        )
        return path

    def waits(self, done, seconds: float = 40.0) -> bool:
        end = time.monotonic() + seconds
        while not done() and time.monotonic() < end:
            time.sleep(0.2)
        return done()


def colours(path: Path) -> int:
    from PIL import Image

    with Image.open(path) as picture:
        return len(picture.convert("RGB").getcolors(1 << 24))


def differ(a: Path, b: Path) -> bool:
    from PIL import Image, ImageChops

    with Image.open(a) as first, Image.open(b) as second:
        return (
            ImageChops.difference(first.convert("RGB"), second.convert("RGB")).getbbox() is not None
        )


def test_a_person_recalls_a_memory_draws_and_leaves(screen, tmp_path):
    person = Person(screen, tmp_path)
    program = subprocess.Popen(
        [sys.executable, "-m", "lyapstudio"],
        env=person.environment,
        cwd=tmp_path,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        name = "Lyapunov Studio"
        assert person.waits(lambda: bool(person.does("search", "--onlyvisible", "--name", name)))
        window = person.does("search", "--onlyvisible", "--name", name).split()[0]
        person.does("windowfocus", "--sync", window)
        time.sleep(2.5)  # the network gets ready
        before = person.sees(tmp_path / "before.png")
        assert colours(before) > 20
        person.does("key", "9")  # full speed
        person.does("key", "space")
        after = tmp_path / "after.png"
        assert person.waits(lambda: differ(before, person.sees(after)), 90)  # kernels may be cold
        time.sleep(1.5)
        person.sees(after)
        person.does("mousemove", "500", "300", "mousedown", "1")
        for x in range(500, 660, 10):
            person.does("mousemove", str(x), "320")
        person.does("mouseup", "1")
        time.sleep(0.5)
        assert differ(after, person.sees(tmp_path / "drawn.png"))
        person.does("key", "ctrl+q")
        assert program.wait(20) == 0
        assert "Traceback" not in program.stderr.read()
    finally:
        if program.poll() is None:
            program.kill()
        program.wait()
        program.stderr.close()
    assert not list(tmp_path.rglob("autosave/*.lyap"))
