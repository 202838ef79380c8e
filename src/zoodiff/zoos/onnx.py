# /// script
# requires-python = ">=3.11"
# dependencies = [
#   "onnx==1.23.2",
#   "huggingface-hub>=0.26",
# ]
# [tool.zoodiff]
# version = "2025.6.27"
# without-dependencies = []
# from-source = []
# network = true
# ///
"""ONNX Model Zoo: the published image classifiers of onnx/models.

The zoo's repository serves no model files since July 2025; its last state, of 27 June 2025, is this zoo's version and
says of every file its name, size and sha256 (`onnx_files.csv` beside this module, each row with its line in a README).
The files live on in the zoo's hub organisation. So a model's graph is, in this order:

1. its own published file, downloaded from the hub and checked against the published size and sha256;
2. a graph in the `onnx` package that was made from it (the "light" graphs of onnx's backend tests: weights replaced by
   ConstantOfShape, names shortened);
3. a stand-in, said to be one: the same network at another opset, or in the zoo that it was exported from. Two things
   are asked of it: a README that says where the file comes from, and weights that fill the published bytes. Bytes alone
   prove no network: CaffeNet's file is 11 bytes larger than AlexNet's, and has its pooling and normalisation swapped.

What has none of these has no graph, and says so.
"""

from __future__ import annotations

import csv
import hashlib
import sys
import urllib.error
import urllib.request
from functools import cache
from pathlib import Path
from typing import Any

from zoodiff.zoos import _skeleton

BATCH = 20

ORGANISATION = "onnxmodelzoo"
"""the zoo's own organisation on the hub, named in its README's deprecation notice"""

MIRROR = "legacy_models"
"""the organisation's copy of the whole repository, paths kept (iree-org/iree-test-suites#101); single models are in
repositories of their own, each named as its file without the ending"""

UNREACHABLE = "the hub cannot be reached"
GONE = "the hub has no such file"
ABSENT = (
    "its file could not be downloaded ({why}): onnx/models serves no files since July 2025. Where the hub can be "
    "reached, `zoodiff gather onnx` fetches it from the organisation onnxmodelzoo"
)


def prove() -> None:
    """Raise unless the table and the light graphs that it names can be read."""
    import onnx

    for name, row in files().items():
        if row["graph"].startswith("light_"):
            onnx.load_from_string(_light(row["graph"]).read_bytes())
            return
        if len(row["sha256"]) != 64:
            raise RuntimeError(f"onnx_files.csv has no sha256 for {name}")
    raise RuntimeError("onnx_files.csv names no light graph")


def names() -> list[str]:
    """Every model file of the zoo's validated image classification, in its READMEs' order."""
    return list(files())


def gather(name: str, folder: Path) -> dict[str, Any]:
    """Write the model's skeleton into `folder`, where there is one, and return its record.

    A downloaded file that is not the published one raises ValueError.
    """
    row = files()[name]
    record: dict[str, Any] = {"name": name, "title": row["title"], "weights": [_weights(row)]}
    weights = record["weights"][0]
    try:
        import onnx

        published = download(row)
    except UnavailableError as why:
        if row["graph"].startswith("light_"):
            weights["graph"] = f"{name}.onnx"
            (folder / weights["graph"]).write_bytes(_light(row["graph"]).read_bytes())
            record["note"] = f"The graph is {row['graph']}.onnx of onnx=={onnx.__version__}. {_evidence(row)}"
        elif row["graph"]:
            record |= {"stand_in": row["graph"], "stand_in_reason": _evidence(row)}
        else:
            record["graph_missing"] = {"type": "Unmeasured", "reason": ABSENT.format(why=why)}
        return record
    weights["graph"] = f"{name}.onnx"
    (folder / weights["graph"]).write_bytes(_skeleton.strip(onnx.load(published, load_external_data=False)))
    record["note"] = "The graph is the published file's own."
    return record


def check(name: str, weights: str, gain: float, scale: float, path: Path) -> None:
    """Raise: there is no framework's model to hold the graphs against."""
    raise NotImplementedError("the zoo publishes ONNX files: nothing was converted")


# ---------------------------------------------------------------- what is published


@cache
def files() -> dict[str, dict[str, str]]:
    """The table of published files by name, which is a file's name without its ending."""
    with Path(__file__).with_name("onnx_files.csv").open(encoding="utf-8", newline="") as table:
        return {row["name"]: row for row in csv.DictReader(table)}


def _weights(row: dict[str, str]) -> dict[str, Any]:
    """The record of a file's one set of weights, without its graph."""
    shape = [int(size) if size.isdigit() else None for size in row["input_shape"].split()]
    return {
        "id": "published",
        "default": True,
        "file": Path(row["path"]).name,
        "bytes": int(row["bytes"]),
        "sha256": row["sha256"],
        "preprocessing": preprocessing(row),
        **({"input_shape": shape} if shape else {}),
        **({"classes": int(row["classes"])} if row["classes"] else {}),
    }


def _evidence(row: dict[str, str]) -> str:
    """Why a graph is taken for a file's: where the README says that it comes from, and how far the weights fill it."""
    filled = 4 * int(row["parameters"])
    size = int(row["bytes"])
    text = (
        f"{row['readme']}:{row['origin_line']} says: {row['origin']!r}. The graph's {int(row['parameters']):,} "
        f"parameters are {filled:,} bytes as float32, {filled / size:.3%} of the file's {size:,}"
    )
    if row["export_bytes"]:
        export = int(row["export_bytes"])
        text += f"; MXNet 1.9.1's own export of it has {export:,} bytes, {export - size:+,}"
    return text + "."


def _light(name: str) -> Path:
    """A light graph inside the installed onnx package."""
    import onnx

    return Path(onnx.__file__).parent / "backend" / "test" / "data" / "light" / f"{name}.onnx"


IMAGENET = {
    "channel_order": "RGB",
    "layout": "NCHW",
    "scale": [0, 1],
    "mean": [0.485, 0.456, 0.406],
    "std": [0.229, 0.224, 0.225],
}

TWO_WAYS = (
    "the README names imagenet_preprocess.py, which has two ways: the shorter side to 256 and a centre crop of 224 "
    "(given here), and with MXNet a squash to 224 x 224"
)

STATED: dict[str, tuple[int, dict[str, Any]]] = {
    "efficientnet-lite4": (
        66,
        {
            "resize": [256],
            "crop": [224, 224],
            "interpolation": "bilinear",
            "antialias": False,
            "channel_order": "RGB",
            "layout": "NHWC",
            "scale": [0, 255],
            "mean": [127.0, 127.0, 127.0],
            "std": [128.0, 128.0, 128.0],
        },
    ),
    "googlenet": (
        67,
        {
            "resize": [224, 224],
            "channel_order": "BGR",
            "layout": "NCHW",
            "scale": [0, 255],
            "mean": [103.939, 116.779, 123.68],
            "note": "mean in the order of the network's channels",
        },
    ),
    "mnist": (34, {"resize": [28, 28], "layout": "NCHW", "scale": [0, 1], "note": "grayscale, white on black"}),
    "mobilenet": (37, {**IMAGENET, "resize": [256], "crop": [224, 224], "interpolation": "bilinear", "note": TWO_WAYS}),
    "resnet": (73, {**IMAGENET, "resize": [256], "crop": [224, 224]}),
    "shufflenet": (51, {**IMAGENET, "resize": [256], "crop": [224, 224]}),
    "squeezenet": (
        43,
        {**IMAGENET, "resize": [256], "crop": [224, 224], "interpolation": "bilinear", "note": TWO_WAYS},
    ),
    "vgg": (53, {**IMAGENET, "resize": [256], "crop": [224, 224], "interpolation": "bilinear", "note": TWO_WAYS}),
}
"""by README: the line that states the preprocessing, and what it states for all models of that README"""


def preprocessing(row: dict[str, str]) -> dict[str, Any]:
    """What the model's README says of pictures; where it leaves that open, a reason."""
    stated = STATED.get(Path(row["readme"]).parent.name)
    if stated is None:
        return {"type": "Unmeasured", "reason": f"{row['readme']} states none"}
    line, steps = stated
    source = {"repository": row["repository"], "path": row["readme"], "commit": row["commit"], "line": line}
    return {"type": "Preprocessing", **steps, "source": source}


# ---------------------------------------------------------------- the hub


class UnavailableError(Exception):
    """A published file cannot be had; it says why."""


def download(row: dict[str, str]) -> Path:
    """A published file from the hub or from huggingface-hub's resumable cache, proven by size and sha256.

    Raises UnavailableError where the hub has no such file or does not hand it over, and ValueError where the file is
    not the published one; it is then taken out of the cache. A record is the same however the hub fails: what exactly
    happened is printed, for the log.
    """
    from huggingface_hub import errors, hf_hub_download

    why = GONE if reachable() else UNREACHABLE
    for repository, path in ((row["name"], f"{row['name']}.onnx"), (MIRROR, row["path"])):
        try:
            file = hf_hub_download(f"{ORGANISATION}/{repository}", path, local_files_only=not reachable())
        except errors.LocalEntryNotFoundError as fault:  # not in the cache, and the hub did not say
            why = UNREACHABLE
            print(f"{repository}/{path}: {fault.__cause__ or fault}", file=sys.stderr)
        except (errors.EntryNotFoundError, errors.RepositoryNotFoundError):
            continue
        except errors.HfHubHTTPError as fault:
            why = UNREACHABLE
            print(f"{repository}/{path}: {fault}", file=sys.stderr)
        else:
            verify(Path(file), row)
            return Path(file)
    raise UnavailableError(why)


@cache
def reachable() -> bool:
    """Whether the hub answers at all: asked once, as huggingface-hub tries on and on."""
    from huggingface_hub.constants import ENDPOINT, HF_HUB_OFFLINE

    try:
        if HF_HUB_OFFLINE:
            raise OSError("huggingface-hub is set to be offline")
        urllib.request.urlopen(ENDPOINT, timeout=10).close()
    except urllib.error.HTTPError:  # an answer
        return True
    except OSError as fault:
        print(f"{ENDPOINT}: {fault}", file=sys.stderr)
        return False
    return True


def verify(file: Path, row: dict[str, str]) -> None:
    """Raise ValueError unless a file has the published size and sha256; one that has not is deleted."""
    with file.open("rb") as stream:
        digest = hashlib.file_digest(stream, "sha256").hexdigest()
    size = file.stat().st_size
    if (digest, size) == (row["sha256"], int(row["bytes"])):
        return
    file.resolve().unlink()
    file.unlink(missing_ok=True)
    raise ValueError(
        f"{row['name']} from the hub is not the published file: sha256 {digest} and {size} bytes, "
        f"published are {row['sha256']} and {row['bytes']} bytes"
    )
