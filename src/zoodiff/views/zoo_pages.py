"""zoos.html and zoos/NAME.html: how often each zoo is highest and lowest, and all that one zoo offers."""

from __future__ import annotations

from pathlib import Path

from zoodiff import unit
from zoodiff.record import Snapshot
from zoodiff.survey.study import Study
from zoodiff.survey.tables import METRICS, table1
from zoodiff.views import _site

FOLDER = "zoos"
_NAMES = {"acc@1": "Claimed top-1", "acc@5": "Claimed top-5", "macs": "Multiply-accumulates"}


def write(study: Study, folder: Path) -> list[Path]:
    """Write the table of all zoos and a page for each."""
    ranks = list(zip(*(table1(study, metric) for metric in METRICS), strict=True))
    listed = _site.page(folder, "zoos.html", "zoos.html", study, metrics=METRICS, metric_names=_NAMES, ranks=ranks)
    pages = [_page(study, snapshot, folder) for snapshot in study.snapshots]
    _site.clear(folder / FOLDER, pages)
    return [listed, *pages]


def _page(study: Study, snapshot: Snapshot, folder: Path) -> Path:
    zoo = snapshot.zoo
    entries = sorted((entry for entry in study.entries if entry.zoo == zoo), key=lambda entry: entry.ref)
    return _site.page(
        folder,
        f"{FOLDER}/{_site.slug(zoo)}.html",
        "zoo.html",
        study,
        snapshot=snapshot,
        module=unit.find("zoos", zoo) if zoo in unit.ids("zoos") else None,
        entries=entries,
        names={entry.naming.architecture for entry in entries},
        shared=sum(1 for group in study.shared if zoo in group.zoos),
        claimed=sum(1 for entry in entries if entry.value("acc@1") is not None),
        graphs=sum(1 for entry in entries if entry.params is not None and not entry.network.stand_in),
        findings=[f for f in study.findings if any(ref.startswith(f"{zoo}:") for ref in f.models)],
    )
