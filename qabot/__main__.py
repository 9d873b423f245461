"""`qabot`, and `python -m qabot`."""

from __future__ import annotations

import sys


def main() -> None:
    """The console script. Ctrl-C ends it in silence from its first import on."""
    try:
        from qabot.cli import main as command

        command()
    except KeyboardInterrupt:
        sys.exit(130)


if __name__ == "__main__":
    main()
