"""Gathering outlasts whatever a zoo's code does, and never leaves half a snapshot."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import textwrap
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

import toyzoo
from zoodiff.fault import Refusal
from zoodiff.gathering import gather
from zoodiff.gathering.gather import Limits, Step
from zoodiff.isolate import guest, isolate
from zoodiff.isolate.declare import Zoo
from zoodiff.places import caches
from zoodiff.reading import entries, store
from zoodiff.record import Preprocessing, Unmeasured


@pytest.fixture(scope="session")
def shared_cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One cache for all tests here: the toy zoos share an environment without packages, built once."""
    return tmp_path_factory.mktemp("cache")


@pytest.fixture(autouse=True)
def places(shared_cache: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ZOODIFF_CACHE", str(shared_cache))
    monkeypatch.setenv("ZOODIFF_HOME", str(tmp_path / "home"))
    monkeypatch.setattr(entries, "BUNDLED", tmp_path / "bundled")


def missing(zoo: Path, **limits: float) -> dict[str, str]:
    """Gather quietly; the reason of each model that has no graph."""
    found = gather.gather(zoo, progress=lambda _: None, limits=Limits(**limits))  # type: ignore[arg-type]
    return {model.name: model.graph_missing.reason for model in found if model.graph_missing}


def test_a_zoo_becomes_a_snapshot(tmp_path: Path) -> None:
    steps: list[Step] = []
    names = ["one", "two/b", "-three", "4.0", ".."]
    made = gather.gather(toyzoo.write(tmp_path, names), progress=steps.append)
    read = store.load("toy")
    assert set(made.models) == set(read.models)
    assert [model.name for model in made] == names
    assert (made.zoo, made.version, made.format) == ("toy", "1.0", store.FORMAT)
    assert store.skeleton("toy", "1.0", "gtwo_b.onnx") == toyzoo.skeleton()
    assert str(made.models[0].claims[0].value) == "76.1"
    assert made.provenance.packages == {}
    assert made.provenance.python == ".".join(map(str, sys.version_info[:3]))
    assert len(made.provenance.lock) == 64
    assert "no committed lock" in made.provenance.notes[0]
    assert (steps[-1].done, steps[-1].total, steps[-1].failed) == (5, 5, 0)
    assert not list((caches() / "work").iterdir())


def test_a_part_is_no_snapshot(tmp_path: Path) -> None:
    zoo = toyzoo.write(tmp_path, ["one", "two"])
    made = gather.gather(zoo, only=["two"], progress=lambda _: None)
    assert [model.name for model in made] == ["two"]
    assert entries.snapshots() == []
    gather.gather(zoo, only=["two"], root=tmp_path / "part", progress=lambda _: None)
    assert (tmp_path / "part" / "toy" / "1.0" / "snapshot.json").is_file()
    with pytest.raises(Refusal, match="no model 'tow'") as refusal:
        gather.gather(zoo, only=["tow"], progress=lambda _: None)
    assert "two" in refusal.value.hint


def test_what_fails_is_a_value_with_its_reason(tmp_path: Path) -> None:
    zoo = toyzoo.write(
        tmp_path,
        ["good", "raises", "exits", "nameless", "nan", "set", "typo", "unwritten", "garbage", "traversal", "after"],
        """
        record = {"name": name, "weights": [{"id": "w", "graph": "a.onnx"}]}
        if name == "raises":
            raise ValueError("first line\\nno such layer")
        if name == "exits":
            sys.exit("wrong usage")
        if name == "nameless":
            return {"name": "other", "weights": [{"id": "w"}]}
        if name == "nan":
            return {"name": name, "weights": [{"id": "w", "params": float("nan")}]}
        if name == "set":
            return {"name": name, "weights": {1}}
        if name == "typo":
            return {"name": name, "weights": [{"id": "w", "grahp": "a.onnx"}]}
        if name == "unwritten":
            return record
        if name == "garbage":
            (folder / "a.onnx").write_bytes(GRAPH[:40])
            return record
        if name == "traversal":
            return {"name": name, "weights": [{"id": "w", "graph": "../good/ggood.onnx"}]}
        """,
    )
    reasons = missing(zoo)
    assert list(reasons) == [
        "raises", "exits", "nameless", "nan", "set", "typo", "unwritten", "garbage", "traversal",
    ]  # fmt: skip
    assert "no such layer" in reasons["raises"]
    assert reasons["exits"] == "SystemExit: wrong usage"
    assert "of 'other'" in reasons["nameless"]
    assert "JSON" in reasons["nan"]
    assert "not JSON serializable" in reasons["set"]
    assert "grahp" in reasons["typo"]
    assert "was not written" in reasons["unwritten"]
    assert "not a readable ONNX file" in reasons["garbage"] or "truncated" in reasons["garbage"]
    assert "no plain file name" in reasons["traversal"]


def test_one_graph_for_two_models_must_be_the_same(tmp_path: Path) -> None:
    zoo = toyzoo.write(
        tmp_path,
        ["a", "b", "c"],
        """
        graph = GRAPH + (b"\\x12\\x01x" if name == "c" else b"")  # another producer's name
        (folder / "shared.onnx").write_bytes(graph)
        return {"name": name, "weights": [{"id": "w", "graph": "shared.onnx"}]}
        """,
    )
    assert list(missing(zoo)) == ["c"]


def test_preprocessing_need_not_be_tagged() -> None:
    record = b'{"name":"a","weights":[{"id":"w","preprocessing":%s}]}'
    stated = gather.decode(record % b'{"resize":[256]}', "a").weights[0].preprocessing
    assert stated == Preprocessing(resize=(256,))
    assert gather.decode(record % b'{"reason":"no"}', "a").weights[0].preprocessing == Unmeasured("no")


def test_flood_of_output_does_not_hang(tmp_path: Path) -> None:
    flood = "os.write(2, b'x' * 700_000); os.write(1, b'y' * 700_000)"
    began = time.monotonic()
    assert missing(toyzoo.write(tmp_path, ["a", "b"], flood), model=60.0) == {}
    assert time.monotonic() - began < 30


CONNECT = """
import socket
with socket.create_connection(("127.0.0.1", {port}), timeout=10):
    pass
"""


@pytest.fixture
def server() -> Iterator[socket.socket]:
    """Somebody on this machine who listens."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        yield listening


def test_a_zoos_code_has_no_network(tmp_path: Path, server: socket.socket) -> None:
    if why := no_namespaces():
        pytest.skip(f"this system makes no network namespaces: {why}")
    steps: list[Step] = []
    zoo = toyzoo.write(tmp_path, ["a"], CONNECT.format(port=server.getsockname()[1]))
    (model,) = gather.gather(zoo, progress=steps.append)
    assert model.graph_missing
    assert "Network is unreachable" in model.graph_missing.reason
    assert "toy's own code runs without a network" in [step.words for step in steps]


def test_a_zoo_that_asks_for_the_network_has_it_and_that_is_said(tmp_path: Path, server: socket.socket) -> None:
    steps: list[Step] = []
    body = CONNECT.format(port=server.getsockname()[1])
    zoo = toyzoo.write(tmp_path, ["a"], body, more="network = true")
    (model,) = gather.gather(zoo, progress=steps.append)
    assert model.graph_missing is None
    assert "toy's own code runs with your network: the zoo asks for it" in [step.words for step in steps]


def test_where_the_system_keeps_the_network_that_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The guest is another process: a system that refuses is one whose library has no such call."""
    library = tmp_path / "ctypes.py"
    library.write_text("class CDLL:\n    def __init__(self, *_, **__): pass\n")
    stage = isolate.stage

    def without(zoo: Zoo, folder: Path) -> Path:
        file = stage(zoo, folder)
        shutil.copy(library, folder)
        return file

    monkeypatch.setattr(isolate, "stage", without)
    steps: list[Step] = []
    (model,) = gather.gather(toyzoo.write(tmp_path, ["a"]), progress=steps.append)
    assert model.graph_missing is None
    assert "toy's own code runs with your network: not on this system" in [step.words for step in steps]


def no_namespaces() -> str:
    """Why this system makes no network namespaces; a process of its own tries, since it cannot come back."""
    code = "import sys; sys.path.insert(0, sys.argv[1]); import guest; print(guest.leave_network())"
    command = [sys.executable, "-I", "-c", code, str(Path(guest.__file__).parent)]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()


def named(name: str) -> str:
    """What a guest says of a zoo with one model."""
    return json.dumps({"names": [name], "batch": 1, "python": "", "platform": "", "packages": {}})


@pytest.mark.parametrize(
    ("written", "words"),
    [
        ("{", "truncated"),
        ("[" * 100_000, "could not say which models it has"),
        ('{"names": 3}', "could not say which models it has"),
        (
            json.dumps({"names": ["a\x1b[2J"], "batch": 1, "python": "", "platform": "", "packages": {}}),
            "names a model",
        ),
        (named("x" * 300), "names a model"),
        (named("a\0b"), "names a model"),
    ],
)
def test_what_a_guest_returns_is_a_strangers(tmp_path: Path, written: str, words: str) -> None:
    """A zoo's code can write what it likes where its answers are expected."""
    zoo = toyzoo.write(tmp_path, ["a"])
    late = f"""
import atexit
OUT = Path(sys.argv[sys.argv.index("--out") + 1])
atexit.register(lambda: (OUT / "names.json").write_text({written!r}))
"""
    zoo.write_text(zoo.read_text() + late)
    with pytest.raises(Refusal, match=words) as refusal:
        gather.gather(zoo, progress=lambda _: None)
    assert "\x1b" not in str(refusal.value)
    assert len(str(refusal.value)) < 6000


def test_records_that_are_no_files_or_have_no_end_are_not_read(tmp_path: Path) -> None:
    """A link to a device or a pipe for a graph, one that lies outside, a record that is nested without end."""
    weights = "weights=[dict(id='w', graph={!r})]"
    tricks = {
        "device": f"(folder / 'd').symlink_to('/dev/zero'); return dict(name=name, {weights.format('d')})",
        "pipe": f"os.mkfifo(folder / 'p'); return dict(name=name, {weights.format('p')})",
        "outside": f"return dict(name=name, {weights.format('../../../etc/passwd')})",
        "deep": "(folder / 'record.json').write_text('[' * 100_000); os._exit(0)",
    }
    body = "\n".join(f"if name == {name!r}:\n    {trick}" for name, trick in tricks.items())
    reasons = missing(toyzoo.write(tmp_path, [*tricks, "good"], body, batch=1))
    assert reasons.keys() == tricks.keys()
    assert all("its record is not valid" in reason for reason in reasons.values())


def test_a_killed_guest_loses_only_the_model_that_kills_it(tmp_path: Path) -> None:
    tries = tmp_path / "tries"
    body = f"""
        with open({str(tries)!r}, "a") as file:
            file.write(name + " ")
        if name == "bad":
            os.kill(os.getpid(), signal.SIGKILL)
        if name == "worse":
            print("about to go", flush=True)
            os._exit(7)
    """
    reasons = missing(toyzoo.write(tmp_path, ["a", "bad", "c", "worse", "e"], body, batch=5))
    assert list(reasons) == ["bad", "worse"]
    assert "killed by SIGKILL (out of memory?)" in reasons["bad"]
    assert "exit code 7: about to go" in reasons["worse"]
    assert sorted(tries.read_text().split()) == ["a", "bad", "bad", "c", "e", "worse"]


def test_a_second_try_has_the_machine_to_itself(tmp_path: Path) -> None:
    """A model that only dies beside another one is no failure."""
    flag = tmp_path / "busy"
    body = f"""
        flag = Path({str(flag)!r} + name)
        others = [path for path in flag.parent.glob("busy*") if path != flag]
        flag.touch()
        time.sleep(0.3)
        if others or [path for path in flag.parent.glob("busy*") if path != flag]:
            flag.unlink()
            os.kill(os.getpid(), signal.SIGKILL)
        flag.unlink()
    """
    assert missing(toyzoo.write(tmp_path, ["a", "b"], body, batch=1)) == {}


def test_a_model_that_hangs_is_given_up(tmp_path: Path) -> None:
    body = "if name == 'slow': signal.signal(signal.SIGTERM, signal.SIG_IGN); time.sleep(600)"
    reasons = missing(toyzoo.write(tmp_path, ["a", "slow", "c"], body, batch=3), model=2.0)
    assert reasons == {"slow": "it took longer than 2 s"}


def test_the_whole_has_a_limit_and_can_go_on(tmp_path: Path) -> None:
    gate = tmp_path / "gate"
    body = f"if name == 'slow':\n    while not os.path.exists({str(gate)!r}): time.sleep(0.1)"
    zoo = toyzoo.write(tmp_path, ["a", "slow"], body, batch=1)
    with pytest.raises(Refusal, match="1 of 2 models are done"):
        missing(zoo, all=2.0)
    gate.touch()
    assert missing(zoo) == {}


def test_a_full_disk_inside_a_guest_is_one_message(tmp_path: Path) -> None:
    zoo = toyzoo.write(tmp_path, ["a"], "import errno; raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))")
    with pytest.raises(Refusal, match="disk is full"):
        missing(zoo)
    assert entries.snapshots() == []


def test_a_guest_sees_nothing_of_the_users(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    seen = tmp_path / "seen"
    for name in ("HF_TOKEN", "PIP_INDEX_URL", "PYTHONPATH", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "secret")
    monkeypatch.setenv("https_proxy", "http://me:secret@127.0.0.1:1")
    body = f"""
        import json
        found = dict(env=dict(os.environ), path=sys.path, home=os.listdir(os.environ["HOME"]))
        Path({str(seen)!r}).write_text(json.dumps(found))
        from zoodiff.zoos import __doc__ as room
        import zoodiff
        assert zoodiff.__doc__ is None and "one file each" in room
        try:
            import zoodiff.record
        except ImportError:
            return dict(name=name, weights=[dict(id="w")])
    """
    assert missing(toyzoo.write(tmp_path, ["a"], body)) == {}
    text = seen.read_text()
    assert "secret" not in text
    assert str(Path.home()) + '"' not in text
    assert '"home": []' in text


def start(zoo: Path) -> subprocess.Popen[str]:
    """A process that gathers, as the command line does."""
    code = f"""
        import sys
        from pathlib import Path
        from zoodiff.gathering import gather
        try:
            gather.gather(Path({str(zoo)!r}))
        except KeyboardInterrupt:
            sys.exit(130)
    """
    environment = {**os.environ, "PYTHONPATH": str(Path(gather.__file__).parents[2])}
    command = [sys.executable, "-c", textwrap.dedent(code)]
    return subprocess.Popen(command, env=environment, stderr=subprocess.PIPE, text=True)


def wait_for(path: Path, seconds: float = 60.0) -> str:
    """Wait until a file is there and not empty."""
    end = time.monotonic() + seconds
    while not path.exists() or not path.read_text():
        assert time.monotonic() < end, f"{path} did not come"
        time.sleep(0.05)
    return path.read_text()


def gone(pid: int) -> bool:
    """Whether a process ends within a few seconds."""
    for _ in range(100):
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            return True
        if Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z":
            return True
        time.sleep(0.05)
    return False


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_interrupted_leaves_nothing_half_written_and_goes_on_later(tmp_path: Path, number: signal.Signals) -> None:
    pids, done, gate = tmp_path / "pids", tmp_path / "done", tmp_path / "gate"
    body = f"""
        if name == "slow" and not os.path.exists({str(gate)!r}):
            import subprocess
            grandchild = subprocess.Popen(["sleep", "300"])
            Path({str(pids)!r}).write_text(f"{{os.getpid()}} {{grandchild.pid}}")
            time.sleep(300)
        with open({str(done)!r}, "a") as file:
            file.write(name + " ")
    """
    zoo = toyzoo.write(tmp_path, ["first", "slow", "third"], body, batch=3)
    with start(zoo) as process:
        children = [int(pid) for pid in wait_for(pids).split()]
        process.send_signal(number)
        _, said = process.communicate(timeout=30)
    assert process.returncode == (130 if number != signal.SIGKILL else -signal.SIGKILL)
    assert "Traceback" not in said
    assert all(gone(pid) for pid in children)
    assert entries.snapshots() == []
    gate.touch()
    assert missing(zoo) == {}
    assert done.read_text().split() == ["first", "slow", "third"]
    assert len(store.load("toy").models) == 3


def test_another_zoo_file_starts_afresh(tmp_path: Path) -> None:
    """What was done by other code is not used again."""
    zoo = toyzoo.write(tmp_path, ["a", "slow"], "if name == 'slow': time.sleep(300)", batch=1)
    with pytest.raises(Refusal, match="1 of 2 models"):
        missing(zoo, all=1.5)
    zoo = toyzoo.write(tmp_path, ["a", "slow"], "raise ValueError('changed')", batch=1)
    assert list(missing(zoo)) == ["a", "slow"]


def test_names_given_twice_or_not_at_all_are_refused(tmp_path: Path) -> None:
    with pytest.raises(Refusal, match="names models twice: a"):
        missing(toyzoo.write(tmp_path, ["a", "a"]))
    zoo = toyzoo.write(tmp_path, ["a"])
    zoo.write_text(zoo.read_text().replace("def names():", "def names():\n    raise RuntimeError('no list')"))
    with pytest.raises(Refusal, match="RuntimeError: no list"):
        missing(zoo)


def test_lines_are_plain(capsys: pytest.CaptureFixture[str]) -> None:
    gather.lines(Step("building"))
    gather.lines(Step("alexnet", 3, 10, ("vgg11",), 1, 400.0))
    assert capsys.readouterr().err == "building\n3/10 alexnet, 1 failed, 7 min left\n"
