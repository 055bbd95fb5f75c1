"""`python -m lyapstudio` is `lyapstudio`."""

from lyapstudio.cli import main

raise SystemExit(main())
