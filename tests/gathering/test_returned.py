"""What a zoo's code returns is checked, and what is wrong with it is a value with its reason."""

from __future__ import annotations

from pathlib import Path

import pytest

import toyzoo
from zoodiff.fault import Refusal
from zoodiff.gathering import returned
from zoodiff.reading import entries
from zoodiff.record import Preprocessing, Unmeasured

pytestmark = pytest.mark.usefixtures("places")


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
    reasons = toyzoo.missing(zoo)
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
    assert list(toyzoo.missing(zoo)) == ["c"]


def test_preprocessing_need_not_be_tagged() -> None:
    record = b'{"name":"a","weights":[{"id":"w","preprocessing":%s}]}'
    stated = returned.decode(record % b'{"resize":[256]}', "a").weights[0].preprocessing
    assert stated == Preprocessing(resize=(256,))
    assert returned.decode(record % b'{"reason":"no"}', "a").weights[0].preprocessing == Unmeasured("no")


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
    reasons = toyzoo.missing(toyzoo.write(tmp_path, [*tricks, "good"], body, batch=1))
    assert reasons.keys() == tricks.keys()
    assert all("its record is not valid" in reason for reason in reasons.values())


def test_a_full_disk_inside_a_guest_is_one_message(tmp_path: Path) -> None:
    zoo = toyzoo.write(tmp_path, ["a"], "import errno; raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))")
    with pytest.raises(Refusal, match="disk is full"):
        toyzoo.missing(zoo)
    assert entries.snapshots() == []
