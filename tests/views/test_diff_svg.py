"""The picture: well-formed, static, of one size with what it shows, and nothing that a file says can act in it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from xml.etree import ElementTree

import msgspec
import onnx
import pytest

from madeup import ROOT, Ran
from networks import network
from zoodiff.comparison.difference import Difference
from zoodiff.comparison.diffing import diff
from zoodiff.comparison.sidebyside import lay
from zoodiff.views import diff_svg

SVG = "{http://www.w3.org/2000/svg}"
EVIL = "<script>alert(1)</script>&amp;\"'\x1b[2J"


def hostile(strides: int) -> onnx.ModelProto:
    """A network whose tensors' names are markup."""
    text = "net (float[1,8,16,16] x) => (float[] y) { a = Conv <strides = [S, S]> (x, w) y = Relu (a) }"
    model = network(text.replace("S", str(strides)), w=(8, 8, 3, 3))
    for node in model.graph.node:
        for names in (node.input, node.output):
            names[:] = [EVIL + name if name in "ax" else name for name in names]
    model.graph.input[0].name = EVIL + "x"
    return model


@pytest.fixture(scope="module")
def difference() -> Difference:
    return diff("torchvision:resnet50", "keras:ResNet50")


def texts(svg: str) -> list[str]:
    return ["".join(text.itertext()) for text in ElementTree.fromstring(svg).iter(f"{SVG}text")]


def test_it_is_well_formed_and_loads_nothing(difference: Difference) -> None:
    svg = diff_svg.draw(difference)
    tags = {element.tag.removeprefix(SVG) for element in ElementTree.fromstring(svg).iter()}
    assert tags <= {"svg", "title", "desc", "style", "rect", "text", "tspan", "path", "g"}
    assert svg.count("http") == 1  # the name space
    assert "url(" not in svg
    assert "@import" not in svg


def test_each_span_is_drawn_within_the_frame(difference: Difference) -> None:
    root = ElementTree.fromstring(diff_svg.draw(difference))
    width, height = (float(root.attrib[name]) for name in ("width", "height"))
    tops = [float(g.attrib["transform"][len("translate(") : -1].split(",")[1]) for g in root.findall(f"{SVG}g")]
    assert len(tops) == len(lay(difference).spans)
    assert tops == sorted(tops)
    assert tops[-1] + 24 <= height
    boxes = [box for box in root.iter(f"{SVG}rect") if box.get("x")]
    assert max(float(box.attrib["x"]) + float(box.attrib["width"]) for box in boxes) < width


def test_it_says_each_difference_its_share_and_both_sides_of_a_change(difference: Difference) -> None:
    said = texts(diff_svg.draw(difference))
    for number, cause in enumerate(difference.differences, start=1):
        assert any(text.startswith(f"#{number} ") and cause.words in text for text in said)
    assert "#1 −231.21 M MACs, 100 % of gap" in said
    at = said.index("Conv 1x1, 128, /1")
    assert "Conv 1x1, 128, /2" in said[at:]


def test_what_a_file_says_is_text() -> None:
    difference = diff(hostile(1), hostile(2))
    svg = diff_svg.draw(msgspec.structs.replace(difference, left=difference.left | {"ref": EVIL}))
    assert any(EVIL.replace("\x1b", "\ufffd") in text for text in texts(svg))
    assert not list(ElementTree.fromstring(svg).iter(f"{SVG}script"))


def test_the_command_writes_it(cli: Callable[..., Ran], tmp_path: Path) -> None:
    path = tmp_path / "new" / "picture.svg"
    ran = cli("diff", "torchvision:resnet18", "torchvision:resnet34", "--svg", path)
    assert ran.code == 0
    assert str(path) in ran.err
    assert path.read_text().startswith("<svg")
    assert cli("diff", "torchvision:resnet18", "torchvision:resnet34", "--svg", tmp_path).code == 2
    quiet = cli("diff", "torchvision:resnet18", "torchvision:resnet34", "--svg", path, "--quiet")
    assert quiet.err == ""


def test_two_runs_give_the_same_bytes(difference: Difference) -> None:
    assert diff_svg.draw(difference) == diff_svg.draw(diff("torchvision:resnet50", "keras:ResNet50"))


def test_the_picture_in_the_documents_is_what_the_command_draws(difference: Difference) -> None:
    """Made again by: zoodiff diff torchvision:resnet50 keras:ResNet50 --svg docs/resnet50.svg."""
    assert (ROOT / "docs" / "resnet50.svg").read_text(encoding="utf-8") == diff_svg.draw(difference)
