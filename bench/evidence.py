"""Carry over what others measured of the very weights that the zoos publish, each figure with its source.

    python bench/evidence.py CLAIMS PREDICTIONS

CLAIMS is a folder with the published tables (`timm_results_imagenet.csv`, `imagenet_testbed_val.csv`,
`open_model_zoo.csv`), PREDICTIONS one with `imagenet_val_top5.npz` and `same_checkpoint_timm_torchvision.csv`.
Only figures are taken of which it is established that they are about the weights of a snapshot: by the name of the
file of weights, which holds a hash of it, by that hash itself, or by what the measurer's own source says. Writes
src/zoodiff/evidence.csv, and src/zoodiff/paired.csv: how two zoos' networks of one name answered the same images.
"""

from __future__ import annotations

import csv
import sys
from collections.abc import Iterator
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np

from zoodiff.accuracy.evidence import COLUMNS, PAIRED
from zoodiff.reading import names
from zoodiff.reading.reference import snapshot
from zoodiff.record import Preprocessing, Weights

OUT = Path(__file__).parents[1] / "src" / "zoodiff" / "evidence.csv"
IMAGES = 50_000
Row = dict[str, Any]

RESAVED = (
    "torchvision saved the same weights anew in another format, under another name (pytorch/vision#2068): "
    "{old} is {new}"
)
TORCHVISION = {
    "alexnet": "alexnet-owt-4df8aa71.pth",
    "densenet121": "densenet121-a639ec97.pth",
    "densenet161": "densenet161-8d451a50.pth",
    "densenet169": "densenet169-b2777c0a.pth",
    "densenet201": "densenet201-c1103571.pth",
    "inception_v3": "inception_v3_google-1a9a5a14.pth",
    "resnet18": "resnet18-5c106cde.pth",
    "resnet34": "resnet34-333f7ec4.pth",
    "resnet50": "resnet50-19c8e357.pth",
    "resnet101": "resnet101-5d3b4d8f.pth",
    "resnet152": "resnet152-b121ed2d.pth",
    "squeezenet1_0": "squeezenet1_0-a815701f.pth",
    "squeezenet1_1": "squeezenet1_1-f364aa15.pth",
    "vgg11": "vgg11-bbd30ac9.pth",
    "vgg11_bn": "vgg11_bn-6002323d.pth",
    "vgg13": "vgg13-c768596a.pth",
    "vgg13_bn": "vgg13_bn-abd245e5.pth",
    "vgg16": "vgg16-397923af.pth",
    "vgg16_bn": "vgg16_bn-6c64b313.pth",
    "vgg19": "vgg19-dcbb9e9d.pth",
    "vgg19_bn": "vgg19_bn-c79401a0.pth",
}
"""The files of weights that torchvision==0.2.1 (of PyTorch 1.0) names in its modules."""

KERAS = {
    "densenet121_keras": ("DenseNet121", "9d60b8095a5708f2dcce2bca79d332c7"),
    "densenet201_keras": ("DenseNet201", "1ceb130c1ea1b78c3bf6114dbdfd8807"),
    "inceptionresnetv2_keras": ("InceptionResNetV2", "e693bd0210a403b3192acc6073ad2e96"),
    "nasnetlarge_keras": ("NASNetLarge", "11577c9a518f0070763c2b964a382f17"),
    "resnet50_keras": ("ResNet50", "a7b3fe01876f51b976af0dea6bc144eb"),
    "vgg16_keras": ("VGG16", "64373286793e3c8b2b4e3219cbf3544b"),
    "xception_keras": ("Xception", "0a58e3b7378bc2990ea3b43d5981f1f6"),
}
"""The MD5 sums that keras_applications==1.0.6 (of Keras 2.2.4) states; it states none for MobileNet V2."""

PORTED = {
    "inception_v3.tv_in1k": ("torchvision", "inception_v3", "inception_v3.py", 31),
    "inception_v3.tf_in1k": ("tfmg", "inception_v3", "inception_v3.py", 32),
    "inception_resnet_v2.tf_in1k": ("tfmg", "inception_resnet_v2", "inception_resnet_v2.py", 17),
}
"""Weights of timm's whose origin its own source states, in timm==0.4.12, timm/models."""

TESTBED = "mnasnet1_0 mobilenet_v2 resnext101_32x8d resnext50_32x4d shufflenet_v2_x0_5".split()
TESTBED += "shufflenet_v2_x1_0 wide_resnet101_2 wide_resnet50_2 googlenet".split()
"""Models that the testbed takes from torchvision itself, whose files of weights were those of today (IMAGENET1K_V1).

Not MNASNet 0.5: its file has been replaced by torchvision==0.6.0, and which one was measured is not known."""
CADENE = "alexnet inceptionv3 resnet18 resnet34 resnet50 resnet101 resnet152 squeezenet1_0 squeezenet1_1".split()
CADENE += "vgg11 vgg11_bn vgg13 vgg13_bn vgg16 vgg16_bn vgg19 vgg19_bn".split()
"""Those that it takes from pretrainedmodels (0.7.4), whose torchvision_models.py names torchvision's files."""


def main(claims: Path, predictions: Path) -> None:
    """Write the file."""
    rows = [
        *_timm(claims, predictions),
        *_testbed(claims),
        *_open_model_zoo(claims),
        *_recomputed(predictions),
    ]
    rows.sort(key=lambda row: (row["zoo"], row["model"], row["weights"], row["metric"], row["measured_by"]))
    _write(OUT, COLUMNS, rows)
    _write(OUT.with_name("paired.csv"), PAIRED, list(_paired(predictions)))
    print(f"{len(rows)} figures of {len({(r['zoo'], r['model'], r['weights']) for r in rows})} sets of weights")


def _write(path: Path, columns: list[str], rows: list[Row]) -> None:
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, columns, lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


def _table(path: Path) -> list[tuple[int, dict[str, str]]]:
    """The rows of a table, with the line in which each is."""
    with path.open(encoding="utf-8", newline="") as file:
        return list(enumerate(csv.DictReader(file), start=2))


def _weights(zoo: str, model: str, weights: str | None = None) -> Weights:
    record = next(one for one in snapshot(zoo) if one.name == model)
    found = next((w for w in record.weights if w.id == weights), None) if weights else record.chosen()
    assert found is not None, f"{zoo}:{model} has no weights {weights}"
    return found


def _same(weights: Weights, size: int, resize: int | None, interpolation: str | None) -> str:
    """Whether an evaluation prepared images as the zoo says; empty where either does not say."""
    own = weights.preprocessing
    if not isinstance(own, Preprocessing) or own.crop is None or own.resize is None or resize is None:
        return ""
    given = (own.crop[0], own.resize[0], own.interpolation)
    return "yes" if given == (size, resize, interpolation or own.interpolation) else "no"


# ---------------------------------------------------------------- the sources


def _timm(claims: Path, predictions: Path) -> Iterator[Row]:
    results = {row["model"]: (line, row) for line, row in _table(claims / "timm_results_imagenet.csv")}
    shared = [
        (one["timm_model"], "torchvision", one["torchvision_model"], one["weights"], _tagged(one["timm_model"]))
        for _, one in _table(predictions / "same_checkpoint_timm_torchvision.csv")
    ]
    ported = [
        (name, zoo, model, None, f"timm==0.4.12 timm/models/{path}:{line} says where it ported them from")
        for name, (zoo, model, path, line) in PORTED.items()
    ]
    for name, zoo, model, id_, why in shared + ported:
        line, row = results[name]
        weights = _weights(zoo, model, id_)
        size, crop = int(row["img_size"]), float(row["crop_pct"])
        resize = int(size / crop)
        for metric, column in (("acc@1", "top1"), ("acc@5", "top5")):
            yield {
                "zoo": zoo, "model": model, "weights": weights.id, "metric": metric, "value": row[column],
                "measured_by": "timm", "input_size": size,
                "preprocessing": f"shorter side to {resize}, centre crop, {row['interpolation']}",
                "as_the_zoo_prepares": _same(weights, size, resize, row["interpolation"]),
                "same_weights_because": why, "repository": "huggingface/pytorch-image-models",
                "path": "results/results-imagenet.csv", "commit": "aa4b5850", "line": line, "note": f"as {name}",
            }  # fmt: skip


def _tagged(name: str) -> str:
    kind = name.partition(".")[2]
    what = "of SWAG" if kind.startswith("swag") else "of torchvision"
    return f"timm tags them {kind}: weights {what}, which both distribute"


def _testbed(claims: Path) -> Iterator[Row]:
    names = {"googlenet/inceptionv1": "googlenet", "inceptionv3": "inception_v3"}
    for line, row in _table(claims / "imagenet_testbed_val.csv"):
        name = row["model"]
        model = names.get(name, name)
        direct = model in TESTBED
        if not direct and name not in CADENE:
            continue
        weights = _weights("torchvision", model, "IMAGENET1K_V1")
        size, resize = (299, 341) if name == "inceptionv3" else (224, 256)
        if direct:
            why = f"its src/models/torchvision.py takes torchvision's model; torchvision==0.6.0 names {weights.file}"
        else:
            why = _file("pretrainedmodels==0.7.4, which its src/models/cadene.py takes, names", model, weights)
        yield {
            "zoo": "torchvision", "model": model, "weights": weights.id, "metric": "acc@1",
            "value": f"{float(row['val_top1']):.3f}", "measured_by": "imagenet-testbed", "input_size": size,
            "preprocessing": f"shorter side to {resize}, centre crop",
            "as_the_zoo_prepares": _same(weights, size, resize, None), "same_weights_because": why,
            "repository": "modestyachts/imagenet-testbed", "path": "robustness_top1s.csv",
            "commit": "0170eec658d664289d9f61de8f90f967f49abca0", "line": line,
            "note": f"as {name}, column val; a multiple of 0.002, printed as a 32-bit number",
        }  # fmt: skip


def _file(says: str, model: str, weights: Weights) -> str:
    old = TORCHVISION[model]
    return f"{says} {old}" + ("" if old == weights.file else f"; {RESAVED.format(old=old, new=weights.file)}")


def _open_model_zoo(claims: Path) -> Iterator[Row]:
    files: dict[str, tuple[str, str, Weights]] = {}
    for zoo in ("torchvision", "keras", "tfmg"):
        for model in snapshot(zoo):
            files |= {w.file: (zoo, model.name, w) for w in model.weights if w.file}
    for model, old in TORCHVISION.items():
        files.setdefault(old, ("torchvision", model, _weights("torchvision", model, "IMAGENET1K_V1")))
    for _, row in _table(claims / "open_model_zoo.csv"):
        name = row["original_source"].rpartition("/")[2]
        if row["tag"] != "2024.6.0" or name not in files or not row["top1"]:
            continue
        zoo, model, weights = files[name]
        why = f"its model.yml fetches {row['original_source']}"
        if name != weights.file:
            why += f"; {RESAVED.format(old=name, new=weights.file)}"
        for metric, column in (("acc@1", "top1"), ("acc@5", "top5")):
            written = row[column].partition("/")[0].strip()
            yield {
                "zoo": zoo, "model": model, "weights": weights.id, "metric": metric, "value": written.rstrip("%"),
                "measured_by": "Open Model Zoo", "input_size": "", "preprocessing": "", "as_the_zoo_prepares": "",
                "same_weights_because": why, "repository": "openvinotoolkit/open_model_zoo",
                "path": row["source_path"], "commit": row["commit"],
                "line": row["line_top1"] if metric == "acc@1" else "", "date": row["date"],
                "note": f"as {row['model_name_as_written']}, of the original model; written {written}",
            }  # fmt: skip


def _recomputed(predictions: Path) -> Iterator[Row]:
    """Exact counts from published predictions of all 50,000 images."""
    labels = np.arange(IMAGES) // 50
    with np.load(predictions / "imagenet_val_top5.npz") as kept:
        for name in sorted(kept.files):
            established = _predicted(name)
            if established is None:
                continue
            zoo, model, weights, why = established
            right = kept[name] == labels[:, None]
            for metric, correct in (("acc@1", int(right[:, 0].sum())), ("acc@5", int(right.any(axis=1).sum()))):
                yield {
                    "zoo": zoo, "model": model, "weights": weights.id, "metric": metric,
                    "value": f"{100 * correct / IMAGES:.3f}", "correct": correct,
                    "measured_by": "benchmarking-keras-pytorch", "input_size": "", "preprocessing": "",
                    "as_the_zoo_prepares": "", "same_weights_because": why,
                    "repository": "cgnorthcutt/benchmarking-keras-pytorch", "path": "", "commit": "", "line": "",
                    "note": f"counted from its predictions {name}; ties of 16-bit probabilities may move a few",
                }  # fmt: skip


def _paired(predictions: Path) -> Iterator[Row]:
    """Of two zoos' networks of one name: how many images only one of them gets right."""
    labels = np.arange(IMAGES) // 50
    with np.load(predictions / "imagenet_val_top5.npz") as kept:
        known = [(name, found) for name in sorted(kept.files) if (found := _predicted(name)) is not None]
        for (name, one), (other_name, other) in combinations(known, 2):
            called = [names.canonical(zoo, model).architecture for zoo, model, _, _ in (one, other)]
            if one[0] == other[0] or called[0] != called[1]:
                continue
            a, b = (kept[file][:, 0] == labels for file in (name, other_name))
            yield {
                "one_zoo": one[0], "one_model": one[1], "one_weights": one[2].id,
                "other_zoo": other[0], "other_model": other[1], "other_weights": other[2].id,
                "one_only": int((a & ~b).sum()), "other_only": int((b & ~a).sum()), "images": IMAGES,
                "source": f"cgnorthcutt/benchmarking-keras-pytorch: {name}, {other_name}",
            }  # fmt: skip


def _predicted(name: str) -> tuple[str, str, Weights, str] | None:
    """Whose weights a set of predictions is of; None where that is not established."""
    if name in KERAS:
        model, md5 = KERAS[name]
        weights = _weights("keras", model)
        if not weights.note.startswith(f"md5 {md5}"):
            return None
        return "keras", model, weights, f"made with Keras 2.2.4, whose file of weights has the same MD5 {md5}"
    model = name.removesuffix("_pytorch")
    if name == model or model not in TORCHVISION:
        return None
    weights = _weights("torchvision", model, "IMAGENET1K_V1")
    return "torchvision", model, weights, _file("made with torchvision of PyTorch 1.0, which names", model, weights)


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
