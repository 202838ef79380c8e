"""Keras weights: known by name and beginning, run only on a zoo's own network, and never as code."""

from __future__ import annotations

import csv
import json
import subprocess
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from madeup import Ran
from zoodiff.fault import Refusal
from zoodiff.isolate import declare, isolate
from zoodiff.runners.keras import sniff
from zoodiff.validation.runner import Runner

HDF5 = b"\x89HDF\r\n\x1a\n"


def test_known_by_name_and_beginning(tmp_path: Path) -> None:
    for name, head, known in (
        ("a.weights.h5", HDF5, True),
        ("a.H5", HDF5, True),
        ("a.hdf5", HDF5, True),
        ("a.keras", b"PK\x03\x04", True),
        ("a.keras", HDF5, False),
        ("a.h5", b"PK\x03\x04", False),
        ("a.pth", b"PK\x03\x04", False),
    ):
        assert sniff(head, tmp_path / name) == known


def test_weights_without_a_network_need_a_zoo(tmp_path: Path) -> None:
    (tmp_path / "a.h5").write_bytes(HDF5)
    for zoo in ("", "torchvision"):
        with pytest.raises(Refusal, match=r"weights without a network.*\n.*of keras\."), Runner(tmp_path / "a.h5", zoo):
            pass


def test_without_its_environment_it_says_what_is_missing(tmp_path: Path, registry: Path) -> None:
    """A registry that is empty: the environment cannot be built."""
    (tmp_path / "a.h5").write_bytes(HDF5)
    with pytest.raises(Refusal, match="keras"), Runner(tmp_path / "a.h5", "keras", "MobileNetV2/imagenet"):
        pass


DIRECT = """
import sys
from importlib import import_module
import numpy as np

package, module, name, kept, weights, answers, classes, gain = sys.argv[1:]
applications = import_module(package).applications
model = getattr(applications, name)(weights=None, input_shape=(224, 224, 3), classes=int(classes))
random = np.random.default_rng(7)
for variable in model.weights:
    path, shape = getattr(variable, "path", variable.name).partition(":")[0], tuple(variable.shape)
    if "float" not in str(variable.dtype):
        continue
    if len(shape) > 1:
        inputs = np.prod(shape[:2] if "depthwise" in path else shape[:-1])
        value = random.standard_normal(shape) * np.sqrt(float(gain) / inputs)
    elif path.endswith(("gamma", "variance")):
        value = random.uniform(0.5, 1.5, shape)
    else:
        value = random.standard_normal(shape) * 0.1
    variable.assign(value.astype(np.float32))
pictures = getattr(applications, module).preprocess_input(np.load(kept).astype(np.float32))
kernel, bias = [layer for layer in model.layers if layer.weights][-1].weights
kernel.assign(kernel.numpy() / 1000)
for _ in range(2):  # the classes then differ by what the pictures are alone
    score = np.log(np.maximum(model.predict(pictures, verbose=0), 1e-30))
    factor = 2 / (score - score.mean(0)).std()
    bias.assign((bias.numpy() - score.mean(0)) * factor)
    kernel.assign(kernel.numpy() * factor)
(model.save_weights if weights.endswith(".weights.h5") else model.save)(weights)
np.save(answers, model.predict(pictures, verbose=0))
"""
"""Keras as its users call it, without a line of zoodiff: random weights into a file, and what it answers to pictures"""


def direct(
    folder: Path, package: str, module: str, name: str, file: str, classes: int = 1000, gain: float = 2
) -> np.ndarray:
    """Run that in the zoo's environment; the scores. With a fitting gain signals neither fade nor burst."""
    words = [package, module, name, folder / "pictures.npy", folder / file, folder / "answers.npy", classes, gain]
    with isolate.environment(declare.zoo("keras"), print) as environment:
        command = [str(word) for word in (environment.python, "-c", DIRECT, *words)]
        done = subprocess.run(command, capture_output=True, text=True, timeout=600)
    assert done.returncode == 0, done.stderr
    scores: np.ndarray = np.load(folder / "answers.npy")
    return scores


PICTURES = 12


@pytest.fixture
def pictures(tmp_path: Path) -> Path:
    """A folder with pictures of 256 x 256, and what is left of them after the usual centre crop."""
    random = np.random.default_rng(3)
    coarse = random.integers(0, 256, (PICTURES, 8, 8, 3), dtype=np.uint8)
    whole = coarse.repeat(32, 1).repeat(32, 2) // 2 + random.integers(0, 128, (PICTURES, 256, 256, 3), dtype=np.uint8)
    for number, pixels in enumerate(whole):
        Image.fromarray(pixels).save(tmp_path / f"{number:02}.png")
    np.save(tmp_path / "pictures.npy", whole[:, 16:240, 16:240])
    return tmp_path


@pytest.mark.live
@pytest.mark.parametrize(
    ("package", "module", "name", "file", "gain"),
    [
        ("keras", "mobilenet_v2", "MobileNetV2", "tf.weights.h5", 2),
        ("keras", "resnet", "ResNet50", "caffe.h5", 1.5),
        ("keras", "densenet", "DenseNet121", "torch.keras", 2),
        ("keras", "mobilenet_v3", "MobileNetV3Small", "inside.weights.h5", 2),
        ("tf_keras", "regnet", "RegNetX002", "older.h5", 2),
    ],
)
def test_it_answers_as_keras_itself(
    package: str, module: str, name: str, file: str, gain: float, pictures: Path, cli: Callable[..., Ran]
) -> None:  # fmt: skip
    """Every mode of preprocessing, and that inside of the network, by Keras' own functions and by the record."""
    scores = direct(pictures, package, module, name, file, gain=gain)
    best = scores.argsort(1)[:, ::-1]
    assert len(set(best[:, 0])) > 3, "the pictures are told apart"
    labels = np.where(np.arange(PICTURES) % 2, best[:, 0], (best[:, 0] + 500) % 1000)
    with (pictures / "index.csv").open("w", newline="") as index:
        rows = [("file", "label"), *((f"{at:02}.png", label) for at, label in enumerate(labels))]
        csv.writer(index).writerows(rows)
    log = pictures / "log"
    ran = cli(
        "verify", f"keras:{name}", "--weights-file", pictures / file, "--data", pictures, "--log", log, "--no-search",
        "--claim", "50", "--json",
    )  # fmt: skip
    assert ran.code == 0, ran.err
    told = json.loads(ran.out)
    assert (told["measured"]["correct"], told["measured"]["n"]) == (PICTURES // 2, PICTURES)
    assert told["run"]["runtime"].startswith(f"{package}==")
    for line in log.read_text().splitlines()[1:]:
        place, answers = line.split()
        row = scores[int(place)]
        found = row[[int(answer) for answer in answers.split(",")]]
        assert np.allclose(found, np.sort(row)[::-1][:5], rtol=2e-3, atol=1e-7)


@pytest.mark.live
def test_what_are_not_its_weights_is_refused(pictures: Path) -> None:
    """Another network's, another number of classes, what is no HDF5 inside, and one that leads to another file."""
    direct(pictures, "keras", "mobilenet_v3", "MobileNetV3Small", "other.weights.h5")
    direct(pictures, "keras", "mobilenet_v2", "MobileNetV2", "ten.weights.h5", classes=10)
    direct(pictures, "keras", "mobilenet_v2", "MobileNetV2", "ten.h5", classes=10)
    (pictures / "torn.h5").write_bytes(HDF5 + bytes(100))
    with zipfile.ZipFile(pictures / "empty.keras", "w") as archive:
        archive.writestr("config.json", "{}")
    linked = "import h5py, sys; h5py.File(sys.argv[1], 'w')['layers'] = h5py.ExternalLink('other.weights.h5', '/')"
    with isolate.environment(declare.zoo("keras"), print) as environment:
        command = [environment.python, "-c", linked, pictures / "linked.weights.h5"]
        subprocess.run([str(word) for word in command], check=True, timeout=60)
    for file, words in (
        ("other.weights.h5", r"holds [\d,]+ numbers, and mobilenetv2\S* has [\d,]+ weights"),
        ("ten.weights.h5", r"holds [\d,]+ numbers, and mobilenetv2\S* has [\d,]+ weights"),
        ("ten.h5", r"its weights are not those of mobilenetv2\S*: .*10"),
        ("torn.h5", "does not load: OSError"),
        ("empty.keras", "the archive holds no model.weights.h5"),
        ("linked.weights.h5", "lies in another file, 'other.weights.h5'"),
    ):
        with pytest.raises(Refusal, match=words), Runner(pictures / file, "keras", "MobileNetV2/imagenet"):
            pass
