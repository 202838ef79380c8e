"""Names that graphs do not bear out are one finding with an honest name; those that state a variant are told too."""

from __future__ import annotations

from pathlib import Path

from madeup import own_home, published, write_snapshot
from zoodiff.reading.paper import blueprint
from zoodiff.record import Model
from zoodiff.survey import compare
from zoodiff.survey.finding import Finding
from zoodiff.survey.stated import Row, counted, stated, table


def found(folder: Path, file: str, *models: Model) -> list[Finding]:
    """What the rule finds of models in a zoo whose file is one paper's network."""
    with own_home(folder):
        write_snapshot("one", "1.0", models, {"model.onnx": blueprint(file).build(224).SerializeToString()})
        return [finding for finding in compare.audit().findings if finding.id == "naming" and finding.models]


def test_claims_that_fail_alike_are_one_finding(tmp_path: Path) -> None:
    both = (published("resnet50", "model.onnx"), published("ResNet50_v1", "model.onnx", title="ResNet-50"))
    [finding] = found(tmp_path, "resnet50-v1.5", *both)
    assert finding.title.endswith("and 1 more claim to be resnet50-v1; an honest name: resnet50-v1.5")
    assert finding.severity == "low"
    assert set(finding.models) == {"one:resnet50", "one:ResNet50_v1"}
    assert finding.evidence["states"] == "architecture"
    assert finding.evidence["held_against"] == "paper:resnet50-v1"
    assert finding.evidence["titles"] == {"one:ResNet50_v1": "ResNet-50"}


def test_a_stated_variant_is_told_as_such(tmp_path: Path) -> None:
    [finding] = found(tmp_path, "vgg16", published("vgg16_bn"))
    assert (finding.title, finding.severity) == ("one:vgg16_bn states a variant of vgg16", "info")


def test_silent_where_the_graph_is_what_the_name_says_or_nothing_tells(tmp_path: Path) -> None:
    assert not found(
        tmp_path, "vgg16", published("vgg16", "model.onnx"), published("vgg19"), published("efficientnet_b0")
    )


def test_all_names_are_counted_for_tables(tmp_path: Path) -> None:
    with own_home(tmp_path):
        models = (published("resnet50", "model.onnx"), published("vgg16_bn"), published("vgg19"))
        file = blueprint("resnet50-v1.5").build(224).SerializeToString()
        write_snapshot("one", "1.0", models, {"model.onnx": file})
        study = compare.audit()
        assert counted(study) == table(stated(study))
        assert counted(study) == (
            Row("based on", 0, 0, 0, 0),
            Row("variant", 1, 0, 0, 1),
            Row("architecture", 2, 0, 1, 1),
        )
        assert counted(compare.audit(["vgg19"])) == ()
