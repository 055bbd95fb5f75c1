"""Where the files in `resources/` are: beside the package in a checkout, inside it in a wheel."""

from pathlib import Path

_PACKAGE = Path(__file__).parent.parent


def resource(*parts: str) -> Path:
    """The path of a bundled file or folder."""
    inside = _PACKAGE / "resources"
    root = inside if inside.is_dir() else _PACKAGE.parent / "resources"
    return root.joinpath(*parts)


def changelog() -> Path:
    """The list of changes: a resource where the program is installed, else the checkout's."""
    inside = resource("CHANGELOG.md")
    return inside if inside.is_file() else _PACKAGE.parent / "CHANGELOG.md"
