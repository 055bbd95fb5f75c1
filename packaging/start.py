"""Where the frozen program begins: the same as `python -m lyapstudio`."""

import gc
import os
import sys

gc.set_threshold(20_000, 20, 20)  # at first there are only imports, and those stay

for stream in ("stdout", "stderr"):  # a Windows program without a console has neither
    if getattr(sys, stream) is None:
        setattr(sys, stream, open(os.devnull, "w", encoding="utf-8"))  # noqa: SIM115 - for good

from lyapstudio.cli import main  # noqa: E402 - after the streams, which it writes to

raise SystemExit(main())
