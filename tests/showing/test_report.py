"""Handing a study to the views: files are written, and --strict knows what counts as found."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from zoodiff.fault import Refusal
from zoodiff.showing import report
from zoodiff.survey.study import Study


def test_every_file_that_is_returned_is_there(zoos: None, study: Study, tmp_path: Path) -> None:
    written = report.write(study, tmp_path / "new" / "report")
    assert {"results.json", "models.parquet", "claims.parquet", "findings.parquet", "index.html"} <= {
        path.name for path in written
    }
    assert all(path.stat().st_size for path in written)


def test_a_folder_that_is_a_file_is_refused(study: Study, tmp_path: Path) -> None:
    (tmp_path / "report").write_text("in the way")
    with pytest.raises(Refusal, match="report"):
        report.write(study, tmp_path / "report")


def test_found_means_more_than_information(study: Study) -> None:
    assert report.found(study)
    measured = tuple(group for group in study.groups if group.architecture == "vgg16")
    assert not report.found(replace(study, findings=(), groups=measured))
