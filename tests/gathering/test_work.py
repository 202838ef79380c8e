"""What guests see, what they say of their zoo, and which models of a gather before are used again."""

from __future__ import annotations

import json
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import toyzoo
from zoodiff.fault import Refusal
from zoodiff.gathering import gather
from zoodiff.gathering.step import Step
from zoodiff.isolate import guest, isolate
from zoodiff.isolate.declare import Zoo

pytestmark = pytest.mark.usefixtures("places")


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


def no_namespaces() -> str:
    """Why this system makes no network namespaces; a process of its own tries, since it cannot come back."""
    code = "import sys; sys.path.insert(0, sys.argv[1]); import guest; print(guest.leave_network())"
    command = [sys.executable, "-I", "-c", code, str(Path(guest.__file__).parent)]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()


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
    assert toyzoo.missing(toyzoo.write(tmp_path, ["a"], body)) == {}
    text = seen.read_text()
    assert "secret" not in text
    assert str(Path.home()) + '"' not in text
    assert '"home": []' in text


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


def test_names_given_twice_or_not_at_all_are_refused(tmp_path: Path) -> None:
    with pytest.raises(Refusal, match="names models twice: a"):
        toyzoo.missing(toyzoo.write(tmp_path, ["a", "a"]))
    zoo = toyzoo.write(tmp_path, ["a"])
    zoo.write_text(zoo.read_text().replace("def names():", "def names():\n    raise RuntimeError('no list')"))
    with pytest.raises(Refusal, match="RuntimeError: no list"):
        toyzoo.missing(zoo)


def test_another_zoo_file_starts_afresh(tmp_path: Path) -> None:
    """What was done by other code is not used again."""
    zoo = toyzoo.write(tmp_path, ["a", "slow"], "if name == 'slow': time.sleep(300)", batch=1)
    with pytest.raises(Refusal, match="1 of 2 models"):
        toyzoo.missing(zoo, all=1.5)
    zoo = toyzoo.write(tmp_path, ["a", "slow"], "raise ValueError('changed')", batch=1)
    assert list(toyzoo.missing(zoo)) == ["a", "slow"]
