"""From a zoo's own release to records: every model that it ships, with its graph or the reason why there is none."""

from __future__ import annotations

import datetime
import difflib
import hashlib
import shutil
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from packaging.utils import canonicalize_name
from packaging.version import Version

from zoodiff import __version__, child, disk
from zoodiff.fault import Refusal
from zoodiff.gathering.guests import DEFAULT, Limits, Run
from zoodiff.gathering.returned import records
from zoodiff.gathering.step import Progress, Step, lines
from zoodiff.gathering.work import Work
from zoodiff.isolate import declare, isolate
from zoodiff.isolate.declare import Needs
from zoodiff.reading import store
from zoodiff.record import Model, Provenance, Snapshot


def gather(
    zoo: str | Path,
    version: str | None = None,
    only: Iterable[str] | None = None,
    root: Path | None = None,
    progress: Progress = lines,
    limits: Limits = DEFAULT,
) -> Snapshot:
    """Gather a zoo's models in an environment of their own, and write the snapshot under `root`.

    `zoo` is a zoo's id or a zoo file, `version` another released version than the declared one, `only` the models to
    take; with `only` and no `root` nothing is written, since a part is no snapshot. What was finished before an
    interruption is used again. A model that fails is a record with its reason.

    Raises Refusal where the environment cannot be built, the zoo cannot be asked for its models, the disk is full or
    the time is up; KeyboardInterrupt on Ctrl-C and SIGTERM, with all children ended and no snapshot written.
    """
    chosen = declare.zoo(zoo, version)

    def say(words: str) -> None:
        progress(Step(words))

    with child.interruptible(), isolate.environment(chosen, say) as environment:
        work = Work(chosen, environment)
        with disk.writing(work.folder):
            work.prepare()
            names = _wanted(work.ask(), only)
            say(f"{chosen}'s own code runs {work.network}")
            failed = Run(work, names, progress, limits).run()
            models, skeletons = records(work.models, names, failed)
        snapshot = _snapshot(work, models)
        if only is None or root is not None:
            store.write(snapshot, skeletons, root)
        shutil.rmtree(work.folder)
    return snapshot


def document(snapshot: Snapshot) -> dict[str, Any]:
    """A snapshot's outline as the JSON document that `gather --json` prints."""
    return {
        "format": 1,
        "kind": "gathered",
        "zoo": snapshot.zoo,
        "version": snapshot.version,
        "as_of": snapshot.as_of,
        "models": [
            {
                "name": m.name,
                "weights": [w.id for w in m.weights],
                "missing": m.graph_missing and m.graph_missing.reason,
            }
            for m in snapshot
        ],
        "packages": snapshot.provenance.packages,
    }


def _wanted(names: Sequence[str], only: Iterable[str] | None) -> list[str]:
    if only is None:
        return list(names)
    wanted = list(only)
    for name in wanted:
        if name not in names:
            near = ", ".join(difflib.get_close_matches(name, names, n=5)) or ", ".join(names[:5])
            raise Refusal(f"the zoo has no model {name!r}", f"Near: {near}.")
    return wanted


def _snapshot(work: Work, models: Sequence[Model]) -> Snapshot:
    here, environment, needs = work.here, work.environment, work.zoo.needs
    today = datetime.datetime.now(datetime.UTC).date().isoformat()
    sha = hashlib.sha256(environment.lock.encode()).hexdigest()
    provenance = Provenance(today, here.python, here.platform, here.packages, sha, __version__, environment.notes)
    return Snapshot(store.FORMAT, work.zoo.id, _version(needs, here.packages), today, tuple(models), provenance)


def _version(needs: Needs, packages: Mapping[str, str]) -> str:
    if needs.version is not None:
        return needs.version
    installed = {canonicalize_name(name): version for name, version in packages.items()}
    return Version(installed[canonicalize_name(needs.version_of or "")]).public
