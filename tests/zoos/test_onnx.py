"""The ONNX Model Zoo: its table, the evidence for each graph, and downloads from a hub that may be good or bad."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

from zoodiff.zoos import _skeleton
from zoodiff.zoos import onnx as zoo

EVIDENCE = Path(__file__).parents[2].parent / "shared" / "evidence" / "models"


@pytest.fixture
def no_hub(monkeypatch: pytest.MonkeyPatch) -> None:
    def nothing(_: dict[str, str]) -> Path:
        raise zoo.UnavailableError("the test has no hub")

    monkeypatch.setattr(zoo, "download", nothing)


def parameters(light: str) -> int:
    """Elements of a light graph's weights, counted by evaluating every shape that it fills."""
    graph = onnx.load(zoo._light(light)).graph
    tensors = {tensor.name: numpy_helper.to_array(tensor) for tensor in graph.initializer}
    filled = [tensors[node.input[0]] for node in graph.node if node.op_type == "ConstantOfShape"]
    kept = [tensor for tensor in tensors.values() if tensor.dtype == np.float32]
    return sum(int(np.prod(shape)) for shape in filled) + sum(tensor.size for tensor in kept)


# ---------------------------------------------------------------- the table


def test_every_published_file_is_a_model_of_its_own() -> None:
    assert len(zoo.names()) == len({row["path"] for row in zoo.files().values()}) == 119


def test_each_light_graph_serves_one_file_and_has_the_stated_parameters() -> None:
    served = {row["graph"]: row for row in zoo.files().values() if row["graph"].startswith("light_")}
    assert set(served) == {path.stem for path in zoo._light("x").parent.glob("light_*.onnx")}
    for light, row in served.items():
        assert row["opset"] == "9"
        assert int(row["parameters"]) == parameters(light)


def test_weights_fill_the_published_bytes_of_every_graph_that_is_taken_for_a_file() -> None:
    """They cannot exceed the file, and what is left is names and operators: under 1 % in the smallest file."""
    taken = [row for row in zoo.files().values() if row["graph"]]
    assert len(taken) == 9 + 59
    for row in taken:
        assert 0.99 < 4 * int(row["parameters"]) / int(row["bytes"]) <= 1, row["name"]
        if row["export_bytes"]:
            assert abs(int(row["export_bytes"]) / int(row["bytes"]) - 1) < 0.0005, row["name"]


def test_stand_ins_in_this_zoo_have_graphs_of_their_own() -> None:
    for row in zoo.files().values():
        place, _, name = row["graph"].partition(":")
        if place == "onnx":
            assert zoo.files()[name]["graph"].startswith("light_")


@pytest.mark.usefixtures("no_hub")
def test_what_quantisation_made_has_no_stand_in(tmp_path: Path) -> None:
    record = zoo.gather("squeezenet1.0-12-int8", tmp_path)
    assert "stand_in" not in record
    assert "the test has no hub" in record["graph_missing"]["reason"]
    assert record["weights"][0]["bytes"] == 1_293_388
    assert not list(tmp_path.iterdir())


@pytest.mark.usefixtures("no_hub")
def test_a_light_graph_is_handed_over_as_it_is(tmp_path: Path) -> None:
    record = zoo.gather("squeezenet1.0-9", tmp_path)
    assert (tmp_path / record["weights"][0]["graph"]).read_bytes() == zoo._light("light_squeezenet").read_bytes()
    assert "99.793%" in record["note"]
    assert "stand_in" not in record


@pytest.mark.usefixtures("no_hub")
def test_a_stand_in_says_how_far_it_agrees(tmp_path: Path) -> None:
    record = zoo.gather("resnet50-v2-7", tmp_path)
    assert record["stand_in"] == "gluon:resnet50_v2"
    assert "99.939%" in record["stand_in_reason"]  # 4 x 25,595,060 / 102,442,452
    assert "-2,332" in record["stand_in_reason"]
    assert "MXNet ResNet-v2 ==> ONNX ResNet-v2" in record["stand_in_reason"]
    assert "graph" not in record["weights"][0]


@pytest.mark.usefixtures("no_hub")
def test_caffenet_is_not_taken_for_alexnet(tmp_path: Path) -> None:
    alexnet, caffenet = (int(zoo.files()[name]["bytes"]) for name in ("bvlcalexnet-9", "caffenet-9"))
    assert caffenet - alexnet == 11
    assert "graph_missing" in zoo.gather("caffenet-9", tmp_path)


def test_preprocessing_is_what_the_readme_states_or_why_not() -> None:
    stated = zoo.preprocessing(zoo.files()["resnet50-v2-7"])
    assert (stated["resize"], stated["crop"], stated["source"]["line"]) == ([256], [224, 224], 73)
    assert zoo.preprocessing(zoo.files()["bvlcalexnet-12"])["type"] == "Unmeasured"


def test_a_real_published_file_becomes_a_skeleton() -> None:
    file = EVIDENCE / "shufflenet-v2-12-int8.onnx"
    if not file.exists():
        pytest.skip("needs shared/evidence beside the repository")
    zoo.verify(file, zoo.files()["shufflenet-v2-12-int8"])
    model = onnx.load(file)
    operators = [node.op_type for node in model.graph.node if node.op_type != "Constant"]
    dims = {tensor.name: list(tensor.dims) for tensor in model.graph.initializer}
    skeleton = _skeleton.strip(model)
    assert len(skeleton) < file.stat().st_size / 4
    graph = onnx.load_from_string(skeleton).graph
    assert [node.op_type for node in graph.node] == operators
    assert dims.items() <= {tensor.name: list(tensor.dims) for tensor in graph.initializer}.items()


# ---------------------------------------------------------------- the hub


def published() -> bytes:
    """A small model with a weight above the limit."""
    weight = numpy_helper.from_array(np.ones((100, 20), np.float32), "weight")
    graph = helper.make_graph(
        [helper.make_node("MatMul", ["x", "weight"], ["y"])],
        "g",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, [1, 100])],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, [1, 20])],
        [weight],
    )
    return bytes(helper.make_model(graph).SerializeToString())


class Hub(ThreadingHTTPServer):
    """A hub on loopback: paths it has, with their bytes or the status with which it fails."""

    def __init__(self, has: dict[str, bytes | int]) -> None:
        super().__init__(("127.0.0.1", 0), Answer)
        self.has = has
        self.asked: list[tuple[str, str]] = []

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"


class Answer(BaseHTTPRequestHandler):
    server: Hub

    def do_GET(self) -> None:
        self.answer()

    def do_HEAD(self) -> None:
        self.answer()

    def answer(self) -> None:
        self.server.asked.append((self.command, self.path))
        found = self.server.has.get(self.path.lstrip("/"), 404)
        self.send_response(found if isinstance(found, int) else 200)
        if found == 404:
            self.send_header("X-Error-Code", "EntryNotFound")
        body = found if isinstance(found, bytes) else b""
        self.send_header("Content-Length", str(len(body)))
        self.send_header("ETag", f'"{hashlib.sha256(body).hexdigest()}"')
        self.send_header("X-Repo-Commit", "0" * 40)
        self.end_headers()
        if self.command == "GET":
            self.wfile.write(body)

    def log_message(self, *_: Any) -> None:
        pass


@pytest.fixture
def hub() -> Iterator[Hub]:
    server = Hub({})
    thread = Thread(target=server.serve_forever)
    thread.start()
    yield server
    server.shutdown()
    server.server_close()
    thread.join()


OWN = "onnxmodelzoo/tiny-1/resolve/main/tiny-1.onnx"
MIRRORED = "onnxmodelzoo/legacy_models/resolve/main/validated/tiny/model/tiny-1.onnx"

GUEST = """
import json, sys
from pathlib import Path
from zoodiff.zoos import onnx as zoo
zoo.files()["tiny-1"] = json.loads(sys.argv[2])
print(json.dumps(zoo.gather("tiny-1", Path(sys.argv[1]))))
"""


def gather(folder: Path, address: str, content: bytes = b"", offline: str = "0") -> subprocess.CompletedProcess[str]:
    """Gather a model named tiny-1 in a process of its own, whose hub is at `address`."""
    pytest.importorskip("huggingface_hub", reason="needs the extra `hub`")
    content = content or published()
    row = dict(zoo.files()["resnet50-v2-7"]) | {
        "name": "tiny-1",
        "path": "validated/tiny/model/tiny-1.onnx",
        "bytes": str(len(content)),
        "sha256": hashlib.sha256(content).hexdigest(),
        "graph": "",
    }
    own = {"HF_ENDPOINT": address, "HF_HOME": str(folder / "cache"), "HF_HUB_OFFLINE": offline, "NO_PROXY": "*"}
    environment = {**os.environ, **own, "PYTHONPATH": os.pathsep.join(sys.path)}
    command = [sys.executable, "-c", GUEST, str(folder), json.dumps(row)]
    return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=120, check=False)


@pytest.mark.parametrize("place", [OWN, MIRRORED])
def test_a_good_file_becomes_the_models_own_graph(tmp_path: Path, hub: Hub, place: str) -> None:
    hub.has[place] = published()
    record = json.loads(gather(tmp_path, hub.address).stdout)
    graph = onnx.load(tmp_path / record["weights"][0]["graph"], load_external_data=False).graph
    assert [list(tensor.dims) for tensor in graph.initializer] == [[100, 20]]
    assert not graph.initializer[0].raw_data
    assert "graph_missing" not in record
    assert "stand_in" not in record


def test_a_file_in_the_cache_is_not_fetched_again(tmp_path: Path, hub: Hub) -> None:
    hub.has[OWN] = published()
    first = gather(tmp_path, hub.address).stdout
    fetched = hub.asked.count(("GET", f"/{OWN}"))
    assert gather(tmp_path, hub.address).stdout == first
    assert hub.asked.count(("GET", f"/{OWN}")) == fetched
    assert gather(tmp_path, "http://127.0.0.1:9").stdout == first
    assert gather(tmp_path, hub.address, offline="1").stdout == first


def test_a_wrong_file_is_an_error_that_names_both_hashes_and_leaves_the_cache(tmp_path: Path, hub: Hub) -> None:
    wrong = published() + b"\0"
    hub.has[OWN] = wrong
    done = gather(tmp_path, hub.address)
    assert done.returncode == 1
    for content in (wrong, published()):
        assert hashlib.sha256(content).hexdigest() in done.stderr
    hub.has[OWN] = published()
    assert "graph" in json.loads(gather(tmp_path, hub.address).stdout)["weights"][0]


@pytest.mark.parametrize(
    ("status", "why", "logged"),
    [(404, zoo.GONE, ""), (403, zoo.UNREACHABLE, "403"), (418, zoo.UNREACHABLE, "418")],
)
def test_a_hub_that_fails_is_a_reason(tmp_path: Path, hub: Hub, status: int, why: str, logged: str) -> None:
    hub.has |= {OWN: status, MIRRORED: status}
    done = gather(tmp_path, hub.address)
    assert json.loads(done.stdout)["graph_missing"]["reason"] == zoo.ABSENT.format(why=why)
    assert logged in done.stderr


def test_a_record_does_not_depend_on_how_the_hub_could_not_be_reached(tmp_path: Path, hub: Hub) -> None:
    """No retries either: they would take minutes."""
    hub.has |= {OWN: 403, MIRRORED: 403}
    nowhere = {"http://127.0.0.1:9": "refused", "http://hub.invalid": "known"}
    found = [gather(tmp_path, hub.address), gather(tmp_path, hub.address, offline="1")]
    for address, logged in nowhere.items():
        found.append(gather(tmp_path, address))
        assert logged in found[-1].stderr
    assert len({done.stdout for done in found}) == 1
    assert zoo.UNREACHABLE in found[0].stdout
