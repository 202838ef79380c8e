"""The command line: runs one verb, and says what went wrong so that one can act on it."""

from __future__ import annotations

import errno
import sys

import click

from zoodiff import __version__
from zoodiff.fault import Refusal, plain
from zoodiff.verb import print_json
from zoodiff.verbs.comparing import conform, diff, identify
from zoodiff.verbs.gathering import gather
from zoodiff.verbs.looking import claims, explain, list_
from zoodiff.verbs.measuring import bench, measure
from zoodiff.verbs.studying import audit, reproduce
from zoodiff.verbs.verifying import verify

LATER = ("history", "check")
"""Verbs whose names are taken; this version does not have them."""


class Verbs(click.Group):
    """The verbs in the order in which they were added, which is that in which one meets them; click sorts them."""

    def list_commands(self, _: click.Context) -> list[str]:
        """Name all verbs, in that order."""
        return list(self.commands)


@click.group(
    cls=Verbs,
    commands=[measure, diff, identify, conform, list_, explain, audit, reproduce, claims, verify, bench, gather],
    epilog="Start with: zoodiff audit resnet50",
    no_args_is_help=True,
    context_settings={"show_default": True},
)
@click.version_option(__version__, message="zoodiff %(version)s", help="Print the version.")
def app() -> None:
    """Same name, same network? Measures and compares pre-trained neural networks across model zoos."""


def run(arguments: list[str]) -> int:
    """Run one command and return its exit code; no error leaves as a traceback unless --debug is given."""
    debug = "--debug" in arguments
    arguments = [argument for argument in arguments if argument != "--debug"]
    as_json = "--json" in arguments
    try:
        if arguments and arguments[0] in LATER:
            raise Refusal(f"{arguments[0]!r} is not in this version", "See: zoodiff --help")
        return _invoke(arguments)
    except click.exceptions.Exit as done:
        return done.exit_code
    except Refusal as refusal:
        if debug:
            import traceback

            traceback.print_exc()
        print(f"error: {refusal}", file=sys.stderr)
        if as_json:
            error = {"ref": _reference(arguments), "error": refusal.message, "hint": refusal.hint}
            print_json({"format": 1, "kind": "error", **error})
        return 2
    except KeyboardInterrupt:
        print("interrupted", file=sys.stderr)
        return 130
    except click.ClickException as error:  # a usage error, which knows how to show itself
        error.show()
        return error.exit_code
    except Exception as error:
        if debug or isinstance(error, BrokenPipeError):
            raise
        _confess(error, arguments)
        return 3


def _invoke(arguments: list[str]) -> int:
    try:
        # Not `app.main`: it has its own ways with Ctrl-C and a closed pipe.
        with app.make_context("zoodiff", arguments.copy()) as context:
            return app.invoke(context) or 0
    except OSError as error:
        if error.errno not in (errno.ENOSPC, errno.EDQUOT):
            raise
        hint = "Free some space, and run it again. Files for the time of a run are put where TMPDIR says."
        raise Refusal(f"the disk is full: {error}", hint) from error


def _reference(arguments: list[str]) -> str | None:
    """The first argument that is no option's value: what the command was about; None where there is none."""
    verb = app.commands.get(arguments[0])
    if verb is None:
        return None
    with verb.make_context(arguments[0], arguments[1:], resilient_parsing=True) as context:
        values = [context.params[p.name] for p in verb.params if p.param_type_name == "argument"]
    first = values[0] if values else None
    if isinstance(first, list | tuple):
        first = first[0] if first else None
    return None if first is None else str(first)


def _confess(error: Exception, arguments: list[str]) -> None:
    import os
    import platform
    import tempfile
    import traceback

    report = "\n".join(
        [
            f"zoodiff {__version__}, Python {platform.python_version()}, {platform.platform()}",
            f"arguments: {arguments}",
            "".join(traceback.format_exception(error)),
        ]
    )
    handle, path = tempfile.mkstemp(prefix="zoodiff-fault-", suffix=".log")
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write(report)
    print(f"error: this is a fault of zoodiff, not yours: {type(error).__name__}: {plain(str(error))}", file=sys.stderr)
    print(f"Its log is in {path}; please paste it into an issue. --debug shows it here.", file=sys.stderr)
