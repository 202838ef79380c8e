"""The figures: what they hold is what the tables say, and they can be read without colour, network or luck."""

from __future__ import annotations

import xml.etree.ElementTree as ET
import zlib
from dataclasses import replace
from pathlib import Path

import pytest

from madeup import SIZE, bench, timed
from zoodiff.record import Unmeasured
from zoodiff.survey.speed import weigh
from zoodiff.survey.study import Study
from zoodiff.views import figures as view
from zoodiff.views._figure import COLOURS, SHAPES


@pytest.fixture(scope="module")
def folder(study: Study, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the figures of the study are, and one of an earlier study that this one has no data for."""
    if view.missing():
        pytest.skip(view.missing())
    folder = tmp_path_factory.mktemp("report")
    (folder / "figures").mkdir()
    (folder / "figures" / "top5-spreads.svg").touch()
    with_top1 = tuple(
        replace(group, entries=tuple(replace(entry, top5=Unmeasured("not in this test")) for entry in group.entries))
        for group in study.groups
    )
    paths = view.write(replace(study, groups=with_top1), folder)
    page = {"figures.html", "vega.js", "vega-licences.txt", "charts.js"}
    assert sorted(path for path in paths if path.name not in page) == sorted((folder / "figures").iterdir())
    return folder / "figures"


def text_of(svg: Path) -> set[str]:
    return {element.text for element in ET.parse(svg).iter() if element.tag.endswith("text") and element.text}


def test_each_figure_of_which_there_are_data_is_written_as_svg_and_png(folder: Path) -> None:
    found = sorted(path.name for path in folder.iterdir())
    assert found == [
        f"{name}.{kind}" for name in ("mac-ratios", "noise", "overview", "top1-spreads") for kind in ("png", "svg")
    ]
    for path in folder.iterdir():
        assert path.read_bytes().startswith(b"\x89PNG" if path.suffix == ".png" else b"<svg")


def test_spreads_name_architectures_zoos_numbers_versions_and_units(folder: Path) -> None:
    said = text_of(folder / "top1-spreads.svg")
    assert {"resnet50-v1", "vgg16", "1.230 points", "0.292 points", "74.9 … 76.130"} <= said
    assert {"alpha", "beta", "gamma"} <= said
    assert any("gamma 0.3 (2026-01-02)" in text for text in said)
    assert any("%" in text for text in said)


def test_ratios_are_of_one_convention_with_their_input_sizes(folder: Path) -> None:
    said = text_of(folder / "mac-ratios.svg")
    assert {"4 times", "0.22 M @ 32 … 0.88 M @ 64"} <= said
    assert any("zoodiff's convention" in text for text in said)


def test_the_same_study_gives_the_same_bytes(study: Study, folder: Path, tmp_path: Path) -> None:
    first, *_ = view.figures(study)
    again = tmp_path / "again.svg"
    first.draw().save(str(again))
    assert again.read_bytes() == (folder / f"{first.name}.svg").read_bytes()


def test_a_picture_loses_nothing_by_being_squeezed(study: Study, folder: Path) -> None:
    import vl_convert

    png = vl_convert.svg_to_png((folder / "top1-spreads.svg").read_text(encoding="utf-8"), scale=2)
    small = view._squeezed(png)
    assert len(small) < len(png)
    assert pixels(small) == pixels(png)


def pixels(png: bytes) -> bytes:
    """The size and the filtered rows of a PNG; a wrong checksum raises."""
    found, at = [], 8
    while at < len(png):
        length, kind = int.from_bytes(png[at : at + 4]), png[at + 4 : at + 8]
        data = png[at + 8 : at + 8 + length]
        assert zlib.crc32(kind + data) == int.from_bytes(png[at + 8 + length : at + 12 + length])
        found.append((kind, data))
        at += 12 + length
    assert found[-1] == (b"IEND", b"")
    return found[0][1] + zlib.decompress(b"".join(data for kind, data in found if kind == b"IDAT"))


def test_the_noise_floor_parts_what_chance_explains(study: Study) -> None:
    """resnet50-v1's 1.23 points are beyond, vgg16's 0.292 are not."""
    (figure,) = [figure for figure in view.figures(study) if figure.name == "noise"]
    assert figure.title == "More than chance: 1 of 2 spreads of claimed top-1 accuracy"
    assert "resnet50-v1 1.23 points (one network)" in figure.words
    assert "vgg16" not in figure.words


def test_zoos_differ_by_shape_and_by_colour() -> None:
    assert len(set(COLOURS)) == len(set(SHAPES)) == len(COLOURS) == len(SHAPES)


def test_figures_are_told_in_words_too(study: Study) -> None:
    words = {figure.name: figure.words for figure in view.figures(study)}
    assert "resnet50-v1 1.230 points (74.9 … 76.130); vgg16 0.292 points (71.3 … 71.592)" in words["top1-spreads"]
    # alexnet of gamma has a graph that is not its own, <img ...> has none: 6 of 8 can be shown
    assert "Not shown: 2 " in words["overview"]


def test_where_nothing_can_draw_nothing_is_written_and_it_says_why(
    study: Study, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(view, "find_spec", lambda _: None)
    assert view.write(study, tmp_path) == list(tmp_path.iterdir()) == [tmp_path / "figures.html"]
    assert "zoodiff[figures]" in view.missing()


def test_cost_against_time_is_drawn_where_there_are_times(study: Study, tmp_path: Path) -> None:
    macs = {f"alpha:m{at}": (at + 1) * 10**8 for at in range(12)}
    models = [timed(ref, value / 1e8 + 3 * (at % 2)) for at, (ref, value) in enumerate(macs.items())]
    weighed = weigh([(ref, "net", value, SIZE) for ref, value in macs.items()], bench(*models))
    [figure] = [one for one in view.figures(replace(study, speed=weighed)) if one.name == "cost-and-time"]
    assert "one mark per model" in figure.words
    if not view.missing():
        figure.draw().save(str(tmp_path / "f.svg"))
        assert any("milliseconds of one run" in text for text in text_of(tmp_path / "f.svg"))
