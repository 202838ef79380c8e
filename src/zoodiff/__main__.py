"""The command's way in: what a user did wrong is one message, what we did wrong is a log that can be pasted."""

from __future__ import annotations

import io
import os
import sys


def main() -> None:
    """Run `zoodiff` and exit.

    0: done; 1: something was found or skipped, under --strict; 2: usage or input error; 3: our fault; 130: interrupted.
    """
    for stream in (sys.stdout, sys.stderr):  # what a terminal or a pipe cannot write is spelled out
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    try:
        from zoodiff.app import run

        code = run(sys.argv[1:])
        sys.stdout.flush()
    except KeyboardInterrupt:
        print("interrupted", file=sys.stderr)
        code = 130
    except BrokenPipeError:  # the reader of our output has gone: not an error
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        code = 0
    sys.exit(code)


if __name__ == "__main__":
    main()
