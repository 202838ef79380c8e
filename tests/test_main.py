"""The command as a process: exit codes, a closed pipe, Ctrl-C."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap
from pathlib import Path

SECONDS = 120


def command(*arguments: str) -> list[str]:
    return [sys.executable, "-m", "zoodiff", *arguments]


def test_help_is_done() -> None:
    done = subprocess.run(command("--help"), capture_output=True, text=True, timeout=SECONDS)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("Usage: zoodiff")


def test_what_the_user_did_wrong_is_two_and_no_traceback(tmp_path: Path) -> None:
    missing = str(tmp_path / "missing.onnx")
    done = subprocess.run(command("measure", missing), capture_output=True, text=True, timeout=SECONDS)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith(f"error: no file {missing!r}")
    assert "Traceback" not in done.stderr


def test_a_reader_that_has_gone_is_no_error() -> None:
    code = textwrap.dedent("""
        from zoodiff import app
        from zoodiff.__main__ import main
        app.run = lambda _: print("x" * 2_000_000) or 0
        main()
    """)
    process = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    assert process.stdout is not None
    assert process.stderr is not None
    process.stdout.close()
    error = process.stderr.read()
    process.stderr.close()
    assert (process.wait(SECONDS), error) == (0, b"")


def test_interrupted_is_130() -> None:
    code = textwrap.dedent("""
        import sys, time
        from zoodiff import app
        def wait(room, which=None):
            print("ready", file=sys.stderr, flush=True)
            time.sleep(60)
        import zoodiff.showing.listed
        zoodiff.showing.listed.listing = wait
        sys.argv = ["zoodiff", "list", "zoos"]
        from zoodiff.__main__ import main
        main()
    """)
    environment = {**os.environ, "PYTHONUNBUFFERED": "1"}
    process = subprocess.Popen(
        [sys.executable, "-c", code], stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment
    )
    assert process.stderr is not None
    assert process.stderr.readline() == b"ready\n"
    process.send_signal(signal.SIGINT)
    out, error = process.communicate(timeout=SECONDS)
    assert (process.returncode, out, error) == (130, b"", b"interrupted\n")
