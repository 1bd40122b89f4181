"""The printer's child, `python -m integrations.documents.press SECONDS FORM`: data in, a file out, the end."""

from __future__ import annotations

import json
import os
import resource
import signal
import sys

from integrations.documents.paper import picture_phone, print_paper


def main() -> None:
    """Print one paper: `pdf` of all parts, `png` of the first. It never outlives SECONDS, unkilled."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    signal.alarm(int(sys.argv[1]))
    # The bot is worth more than a report: on a busy machine this waits.
    os.nice(5)
    # Whatever a library prints must not stand in the file.
    answer = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    parts = json.load(sys.stdin.buffer)
    answer.write(picture_phone(parts[0]) if sys.argv[2] == "png" else print_paper(parts))
    answer.flush()


if __name__ == "__main__":
    main()
