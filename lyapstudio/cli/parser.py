"""How the command line reads its words."""

from __future__ import annotations

import argparse
import sys
from typing import NoReturn


class Parser(argparse.ArgumentParser):
    """Errors are one line on standard error, exit status 2."""

    def error(self, message: str) -> NoReturn:
        """Say what to do and leave."""
        print(f"lyapstudio: {message} (try: lyapstudio --help)", file=sys.stderr)
        raise SystemExit(2)


def takes_settings(parser: argparse.ArgumentParser) -> None:
    """The document and what `settings.changed` makes of it."""
    parser.add_argument("source", metavar="FILE|example:NAME")
    parser.add_argument("--seed", type=int, help="another seed")
    parser.add_argument(
        "--set",
        action="append",
        default=[],
        metavar="NAME=VALUE",
        help="a parameter; or rule=NAME, wiring=NAME, weights=FILE, model=NAME, data=mnist, "
        "data=ready:NAME, data=PATH. A name that several have is the model's, then the rule's; "
        "wiring.seed and readout.epochs are another's",
    )
