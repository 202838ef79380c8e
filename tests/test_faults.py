"""Killed at any moment, on a full disk, in a folder that may not be written to: nothing is half-written, and the next
run goes on.

A child counts what it does to files (`sys.addaudithook`) and is killed at the n-th, or by the system in the middle of
a write, once a file grows beyond a size (RLIMIT_FSIZE).
"""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import textwrap
import time
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

import toyzoo
from madeup import ROOT, own_home, write_zoos
from pictures import album, painter
from zoodiff.measuring.measurement import Measurement
from zoodiff.places import caches
from zoodiff.reading import entries, store
from zoodiff.timing import latency

CHILD = """
import os, resource, signal, sys
sys.modules["altair"] = None  # figures take seconds to draw, and are written as everything else is
root, at, size = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
seen = 0

def hook(event, arguments):
    global seen
    if event == "open":
        writes = arguments[2] is not None and arguments[2] & (os.O_WRONLY | os.O_RDWR | os.O_CREAT)
    else:
        writes = event in ("os.rename", "os.remove", "os.mkdir", "os.rmdir", "os.chmod", "os.truncate")
    if writes and str(arguments[0]).startswith(root):
        seen += 1
        if seen == at:
            os.kill(os.getpid(), signal.SIGKILL)

sys.addaudithook(hook)
if size:
    signal.signal(signal.SIGXFSZ, signal.SIG_DFL)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))
"""
AUDIT = """
from pathlib import Path
from zoodiff.reading import entries
from zoodiff.app import run
entries.BUNDLED = Path(root) / "bundled"
code = run(["audit", "--quiet", "--out", root + "/report"])
"""
GATHER = """
from pathlib import Path
from zoodiff.gathering import gather
gather.gather(Path(root) / "zoo" / "toy.py", progress=lambda step: None)
code = 0
"""
SAID = """
import sys
from pathlib import Path
from zoodiff.gathering import gather
from zoodiff.fault import Refusal
try:
    gather.gather(Path(root) / "zoo" / "toy.py", progress=lambda step: None)
except Refusal as refusal:
    print("error: ", refusal, file=sys.stderr)
    sys.exit(2)
code = 0
"""
BENCH = """
from zoodiff.app import run
out = os.environ.get("OUT", root + "/bench.json")
code = run(["bench", root + "/a.onnx", "--rounds", "2", "--runs", "3", "--out", out, "--quiet"])
"""
OFFLINE = """
from zoodiff.isolate import guest
assert guest.leave_network() == ""
"""
VERIFY = """
import time
from pathlib import Path
from zoodiff.validation import preprocess, running
from zoodiff.app import run
prepare = preprocess.prepare

def slow(*arguments):
    time.sleep(float(os.environ.get("SLOW", "0")))
    prepare(*arguments)

preprocess.prepare, running.EVERY = slow, 0
log = Path(os.environ.get("LOG", root + "/log"))
code = run(["verify", root + "/a.onnx", "--like", "alpha:alexnet", "--data", root + "/data", "--log", str(log),
            "--claim", "90", "--no-search", "--quiet", "--json"])
"""
COUNT = """
print(seen)
sys.exit(code)
"""
NEVER = 1 << 30


def child(what: str, root: Path, at: int = NEVER, size: int = 0) -> subprocess.CompletedProcess[str]:
    """Run it to its end, or to the n-th change of a file under `root`, or until a file is larger than `size` bytes."""
    command = [sys.executable, "-c", CHILD + what + COUNT, str(root), str(at), str(size)]
    environment = {**os.environ, "PYTHONPATH": str(Path(store.__file__).parents[2]), "PYTHONDONTWRITEBYTECODE": "1"}
    return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=120)


def spread(count: int, points: int) -> list[int]:
    """Some of the numbers from 1 to `count`, the first and the last among them."""
    return sorted({1 + at * (count - 1) // (points - 1) for at in range(points)})


@pytest.fixture
def root(tmp_path: Path) -> Iterator[Path]:
    """A folder that holds the three made-up zoos, the caches and the reports, and nothing else counts."""
    with own_home(tmp_path / "home"):
        write_zoos()
        yield tmp_path


# ---------------------------------------------------------------- audit and what it remembers


def check_report(folder: Path) -> dict[str, bytes]:
    """Every file of a report is whole; returns those there are, by name."""
    import pyarrow.parquet

    files = [path for path in folder.rglob("*") if path.is_file() and not path.name.startswith(".")]
    found = {str(path.relative_to(folder)): path for path in files}
    for name, path in found.items():
        if path.suffix == ".json":
            json.loads(path.read_bytes())
        elif path.suffix == ".parquet":
            pyarrow.parquet.read_table(path)
        elif path.suffix == ".html":
            assert path.read_text().rstrip().endswith("</html>"), name
    return {name: path.read_bytes() for name, path in found.items()}


def check_memory() -> None:
    """What is remembered can be read."""
    for path in (caches() / "measured").glob("[!.]*.msgpack"):  # what a killed writer left is read by nobody
        msgspec.msgpack.decode(path.read_bytes(), type=dict[str, Measurement])


def hidden(folder: Path) -> list[str]:
    """What writers left behind."""
    return [path.name for path in folder.rglob(".*") if path.is_file() and path.name != ".lock"]


def test_an_audit_killed_at_any_change_of_a_file(root: Path) -> None:
    whole = child(AUDIT, root)
    assert whole.returncode == 0, whole.stderr
    wanted = check_report(root / "report")
    assert {"index.html", "results.json", "models.parquet", "claims.parquet", "findings.parquet"} <= wanted.keys()
    for at in spread(int(whole.stdout), 6):
        killed = child(AUDIT, root, at)
        assert killed.returncode == -signal.SIGKILL
        check_report(root / "report")
        check_memory()
    assert child(AUDIT, root).returncode == 0
    assert check_report(root / "report") == wanted
    assert hidden(root) == []


def test_an_audit_killed_in_the_middle_of_a_write(root: Path) -> None:
    assert child(AUDIT, root).returncode == 0
    wanted = check_report(root / "report")
    for size in (1, 2000, 9000):
        killed = child(AUDIT, root, size=size)
        assert killed.returncode == -signal.SIGXFSZ
        assert check_report(root / "report") == wanted
        check_memory()
    assert child(AUDIT, root).returncode == 0
    assert hidden(root) == []


def test_two_audits_at_once(root: Path) -> None:
    command = [sys.executable, "-c", CHILD + AUDIT + COUNT, str(root), str(NEVER), "0"]
    running = [subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE) for _ in range(2)]
    for process in running:
        _, said = process.communicate(timeout=120)
        assert process.returncode == 0, said
    check_report(root / "report")
    check_memory()
    assert hidden(root) == []


def test_an_audit_needs_no_network(root: Path) -> None:
    done = child(OFFLINE + AUDIT, root)
    if "AssertionError" in done.stderr:
        pytest.skip("this system makes no network namespaces")
    assert done.returncode == 0, done.stderr
    check_report(root / "report")


# ---------------------------------------------------------------- gather


@pytest.fixture
def toy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a toy zoo of three models, and caches of its own."""
    monkeypatch.setenv("ZOODIFF_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("ZOODIFF_HOME", str(tmp_path / "home"))
    toyzoo.write(tmp_path / "zoo", ["a", "b", "c"], batch=3)
    return tmp_path


def check_snapshots(folder: Path) -> int:
    """Every snapshot that readers find is whole; returns how many there are."""
    found = entries.snapshots(folder / "home" / "snapshots")
    for entry in found:
        for model in store.load(entry.zoo, entry.version):
            for weights in model.weights:
                assert store.skeleton(entry.zoo, entry.version, weights.graph or "") == toyzoo.skeleton()
    return len(found)


def test_a_gather_killed_at_any_change_of_a_file(toy: Path) -> None:
    whole = child(GATHER, toy)
    assert whole.returncode == 0, whole.stderr
    for at in spread(int(whole.stdout) - 30, 6):  # the environment is built by now: fewer changes
        child(GATHER, toy, at)
        assert check_snapshots(toy) == 1
    done = child(GATHER, toy)
    assert done.returncode == 0, done.stderr
    assert check_snapshots(toy) == 1
    assert list((toy / "cache" / "work").iterdir()) == []
    assert {path.name for path in (toy / "home" / "snapshots" / "toy").iterdir()} == {".lock", "1.0"}


def test_a_first_gather_killed_leaves_no_snapshot_or_a_whole_one(toy: Path) -> None:
    for at in (1, 3, 8, 15, 40):
        child(GATHER, toy, at)
        assert check_snapshots(toy) in (0, 1)
    done = child(GATHER, toy)
    assert done.returncode == 0, done.stderr
    assert check_snapshots(toy) == 1


def test_two_gathers_at_once(toy: Path) -> None:
    command = [sys.executable, "-c", CHILD + GATHER + COUNT, str(toy), str(NEVER), "0"]
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "src")}
    running = [
        subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
        for _ in range(2)
    ]
    waited = 0
    for process in running:
        _, error = process.communicate(timeout=120)
        assert process.returncode == 0, error
        waited += "waiting for it" in error
    assert waited == 1
    assert check_snapshots(toy) == 1
    assert list((toy / "cache" / "work").iterdir()) == []


# ---------------------------------------------------------------- disks


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of 48 kB."""
    disk = tmp_path / "disk"
    disk.mkdir()
    if (
        os.geteuid()
        or subprocess.run(["mount", "-t", "tmpfs", "-o", "size=48k", "tmpfs", disk], check=False).returncode
    ):
        pytest.skip("only root may mount a small disk")
    try:
        yield disk
    finally:
        subprocess.run(["umount", disk], check=True)


def said(process: subprocess.CompletedProcess[str]) -> str:
    """The one error of a command that was refused."""
    assert process.returncode == 2, process.stderr
    assert "Traceback" not in process.stderr
    assert process.stderr.count("error: ") == 1
    return process.stderr


def test_a_full_disk_is_one_message_and_leaves_what_was_there(root: Path, small_disk: Path) -> None:
    (small_disk / "report").mkdir()
    (small_disk / "report" / "results.json").write_text("{}")
    code = AUDIT.replace('root + "/report"', f"{str(small_disk / 'report')!r}")
    error = said(child(code, root))
    assert "The disk is full" in error
    assert str(small_disk / "report") in error
    assert hidden(small_disk) == []
    assert check_report(small_disk / "report")["results.json"] in (
        b"{}",
        (small_disk / "report/results.json").read_bytes(),
    )


def test_what_is_remembered_is_no_reason_to_fail(root: Path, small_disk: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (small_disk / "fill").write_bytes(bytes(45_000))
    monkeypatch.setenv("ZOODIFF_CACHE", str(small_disk))
    assert child(AUDIT, root).returncode == 0
    check_memory()
    assert hidden(small_disk) == []


def test_a_folder_that_may_not_be_written_to(root: Path) -> None:
    """Root may write anywhere but where there are no files: below a device."""
    code = AUDIT.replace('root + "/report"', '"/dev/null/report"' if os.geteuid() == 0 else '"/report"')
    assert "cannot write" in said(child(code, root))


def test_a_read_only_disk(root: Path, small_disk: Path) -> None:
    subprocess.run(["mount", "-o", "remount,ro", small_disk], check=True)
    code = AUDIT.replace('root + "/report"', f"{str(small_disk / 'report')!r}")
    assert "may not be written to" in said(child(code, root))


@pytest.mark.parametrize("place", ["ZOODIFF_CACHE", "ZOODIFF_HOME"])
def test_a_gather_on_a_read_only_disk(toy: Path, small_disk: Path, place: str, monkeypatch: pytest.MonkeyPatch) -> None:
    subprocess.run(["mount", "-o", "remount,ro", small_disk], check=True)
    monkeypatch.setenv(place, str(small_disk))
    error = said(child(SAID, toy))
    assert "may not be written to" in error
    assert place in error


@pytest.mark.parametrize("place", ["ZOODIFF_CACHE", "ZOODIFF_HOME"])
def test_a_gather_on_a_full_disk(toy: Path, small_disk: Path, place: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patch:
        patch.setenv(place, str(small_disk))
        (small_disk / "fill").write_bytes(bytes(47 * 1024))
        error = said(child(SAID, toy))
    assert re.search("The disk is full|needs 200 MB", error), error
    assert str(small_disk) in error
    assert child(SAID, toy).returncode == 0  # with another place it goes on
    assert check_snapshots(toy) == 1


def test_ctrl_c_in_an_audit_leaves_no_process(root: Path) -> None:
    command = [sys.executable, "-c", textwrap.dedent(CHILD) + AUDIT + COUNT, str(root), str(NEVER), "0"]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True, start_new_session=True) as process:
        time.sleep(1.0)
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=30)
    assert process.returncode in (130, 0, 1, -signal.SIGINT)  # it may have been done, or not have begun
    check_report(root / "report")
    check_memory()


# ---------------------------------------------------------------- verify, resumed


@pytest.fixture
def painted(root: Path) -> Path:
    """The same folder with a network that takes 224 x 224, and sixty pictures of which it gets all right."""
    painter(root / "a.onnx", size=224)
    album(root / "data", each=10)
    return root


def measured(process: subprocess.CompletedProcess[str]) -> tuple[int, int]:
    """How many images were right, of how many."""
    assert process.returncode == 0, process.stderr
    told = json.loads(process.stdout.rpartition("}")[0] + "}")["measured"]
    return told["correct"], told["n"]


def places(log: Path) -> list[int]:
    """The images that a log has whole lines of."""
    return [int(line.split()[0]) for line in log.read_text().splitlines()[1:]]


def test_a_verification_killed_at_any_change_of_a_file(painted: Path) -> None:
    whole = child(VERIFY, painted)
    assert measured(whole) == (60, 60)
    (painted / "log").unlink()
    for at in spread(int(whole.stdout.splitlines()[-1]), 3):
        assert child(VERIFY, painted, at).returncode == -signal.SIGKILL
        assert measured(child(VERIFY, painted)) == (60, 60)
        assert sorted(places(painted / "log")) == list(range(60))
        (painted / "log").unlink()


def stopped(root: Path, lines: int, number: signal.Signals) -> subprocess.CompletedProcess[str]:
    """Send a signal once the log has so many lines more than it had."""
    log = root / "log"
    before = log.read_bytes().count(b"\n") if log.is_file() else 0
    command = [sys.executable, "-c", CHILD + VERIFY + COUNT, str(root), str(NEVER), "0"]
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "src"), "SLOW": "0.1"}
    with subprocess.Popen(
        command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True
    ) as process:
        for _ in range(1200):
            if log.is_file() and log.read_bytes().count(b"\n") >= before + lines:
                break
            assert process.poll() is None, process.stderr and process.stderr.read()
            time.sleep(0.05)
        process.send_signal(number)
        out, error = process.communicate(timeout=60)
    return subprocess.CompletedProcess(command, process.returncode, out, error)


def test_killed_again_and_again_it_counts_the_same(painted: Path) -> None:
    for lines in (1, 8, 16):
        assert stopped(painted, lines, signal.SIGKILL).returncode == -signal.SIGKILL
        with (painted / "log").open("ab") as log:
            log.write(b"59 1,0,")  # as a kill in the middle of a write leaves it
        assert len(set(places_of_whole(painted / "log"))) == len(places_of_whole(painted / "log")) < 60
    assert measured(child(VERIFY, painted)) == (60, 60)
    assert sorted(places(painted / "log")) == list(range(60))


def places_of_whole(log: Path) -> list[int]:
    """The same without a last line that was torn."""
    return [int(line.split()[0]) for line in log.read_bytes().split(b"\n")[1:-1]]


def test_ctrl_c_in_a_verification_keeps_the_answers_and_leaves_no_process(painted: Path) -> None:
    done = stopped(painted, 8, signal.SIGINT)
    assert done.returncode == 130, done.stderr
    assert "Traceback" not in done.stderr
    assert 0 < len(places(painted / "log")) < 60
    left = [path for path in Path("/proc").glob("[0-9]*/cmdline") if str(painted).encode() in _read(path)]
    assert not left
    assert measured(child(VERIFY, painted)) == (60, 60)


def _read(path: Path) -> bytes:
    """What a process was started with; nothing where it has ended meanwhile."""
    try:
        return path.read_bytes()
    except OSError:
        return b""


def test_a_full_disk_ends_a_verification_in_one_message_and_it_goes_on_later(
    painted: Path, small_disk: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LOG", str(small_disk / "log"))
    (small_disk / "fill").write_bytes(bytes(44 * 1024))
    (small_disk / "rest").write_bytes(bytes(1))  # and not a page is left
    error = said(child(VERIFY, painted))
    assert "The disk is full" in error
    (small_disk / "fill").unlink()
    assert measured(child(VERIFY, painted)) == (60, 60)


def test_no_room_for_inputs_is_one_message(painted: Path, small_disk: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Memory that is mapped onto a full disk would end us without a word (SIGBUS)."""
    monkeypatch.setenv("TMPDIR", str(small_disk))
    error = said(child(VERIFY, painted))
    assert "The disk is full" in error
    assert str(small_disk) in error


def test_a_verification_on_a_read_only_disk(painted: Path, small_disk: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LOG", str(small_disk / "log"))
    subprocess.run(["mount", "-o", "remount,ro", small_disk], check=True)
    assert "may not be written to" in said(child(VERIFY, painted))


def test_two_verifications_of_one_log_at_once(painted: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    command = [sys.executable, "-c", CHILD + VERIFY + COUNT, str(painted), str(NEVER), "0"]
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "src"), "SLOW": "0.1"}
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as first:
        while not (painted / "log").is_file():
            assert first.poll() is None
            time.sleep(0.05)
        assert "another zoodiff is writing" in said(child(VERIFY, painted))
        out, error = first.communicate(timeout=60)
    assert measured(subprocess.CompletedProcess(command, first.returncode, out, error)) == (60, 60)
    assert sorted(places(painted / "log")) == list(range(60))


# ---------------------------------------------------------------- bench


def check_bench(path: Path) -> bool:
    """Whether there is a saved bench; one that is there is whole."""
    return path.is_file() and bool(latency.load(path).models)


def test_a_bench_killed_at_any_change_of_a_file(root: Path) -> None:
    painter(root / "a.onnx", size=32)
    whole = child(BENCH, root)
    assert whole.returncode == 0, whole.stderr
    (root / "bench.json").unlink()
    for at in spread(int(whole.stdout), 4):
        assert child(BENCH, root, at).returncode == -signal.SIGKILL
        check_bench(root / "bench.json")
    assert child(BENCH, root).returncode == 0
    assert check_bench(root / "bench.json")
    before = (root / "bench.json").read_bytes()
    assert child(BENCH, root, size=700).returncode != 0  # in the middle of a write
    assert (root / "bench.json").read_bytes() == before
    assert child(BENCH, root).returncode == 0
    assert hidden(root) == []


def test_two_benches_at_once(root: Path) -> None:
    painter(root / "a.onnx", size=32)
    command = [sys.executable, "-c", CHILD + BENCH + COUNT, str(root), str(NEVER), "0"]
    running = [subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE) for _ in range(2)]
    for process in running:
        _, error = process.communicate(timeout=120)
        assert process.returncode == 0, error
    assert check_bench(root / "bench.json")
    assert hidden(root) == []


@pytest.mark.parametrize(("option", "words"), [("", "The disk is full"), ("remount,ro", "may not be written to")])
def test_a_bench_whose_file_cannot_be_written(
    root: Path, small_disk: Path, option: str, words: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    painter(root / "a.onnx", size=32)
    monkeypatch.setenv("OUT", str(small_disk / "bench.json"))
    if option:
        subprocess.run(["mount", "-o", option, small_disk], check=True)
    else:
        (small_disk / "fill").write_bytes(bytes(44 * 1024))
        (small_disk / "rest").write_bytes(bytes(1))  # and not a page is left
    assert words in said(child(BENCH, root))
    assert hidden(small_disk) == []


def test_a_bench_without_room_for_its_models(root: Path, small_disk: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    painter(root / "a.onnx", size=32)
    monkeypatch.setenv("TMPDIR", str(small_disk))
    (small_disk / "fill").write_bytes(bytes(44 * 1024))
    assert "disk is full" in said(child(BENCH, root))
