from __future__ import annotations

import hashlib
from concurrent.futures import ThreadPoolExecutor
from io import BytesIO
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from storage.files import FileDamaged, FileMissing, FileStore


@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(content=st.binary(max_size=2000))
def test_a_file_comes_back_byte_for_byte_under_its_hash(files: FileStore, content: bytes) -> None:
    sha256 = files.put(content)

    assert sha256 == hashlib.sha256(content).hexdigest()
    assert files.get(sha256) == content
    assert files.path(sha256).read_bytes() == content


def test_putting_again_leaves_the_file_alone(files: FileStore) -> None:
    path = files.path(files.put(b"plan"))
    before = path.stat()

    files.put(b"plan")

    assert (path.stat().st_ino, path.stat().st_mtime_ns) == (before.st_ino, before.st_mtime_ns)


def test_a_changed_file_is_noticed_and_putting_again_repairs_it(files: FileStore) -> None:
    sha256 = files.put(b"plan")
    files.path(sha256).write_bytes(b"forged")

    with pytest.raises(FileDamaged, match="was changed"):
        files.get(sha256)

    files.put(b"plan")
    assert files.get(sha256) == b"plan"


def test_a_missing_file_is_said_to_be_missing(files: FileStore) -> None:
    with pytest.raises(FileMissing):
        files.get("0" * 64)


@pytest.mark.parametrize("name", ["", "../../etc/passwd", "0" * 63, "0" * 65, "G" * 64, "A" * 64, "0" * 64 + "\n"])
def test_what_is_no_hash_names_no_file(files: FileStore, name: str) -> None:
    with pytest.raises(ValueError, match="is no SHA-256"):
        files.path(name)


def test_a_write_that_fails_leaves_nothing_behind(
    files: FileStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(file: Path, target: Path) -> Path:
        raise OSError(f"no room for {file} at {target}")

    monkeypatch.setattr(Path, "replace", refuse)

    with pytest.raises(OSError, match="no room"):
        files.put(b"plan")

    assert [path for path in (tmp_path / "files").rglob("*") if path.is_file()] == []


def test_many_may_put_the_same_file_at_once(files: FileStore, tmp_path: Path) -> None:
    with ThreadPoolExecutor(16) as pool:
        hashes = set(pool.map(lambda _: files.put(b"plan" * 10000), range(32)))

    assert len(hashes) == 1
    assert [path for path in (tmp_path / "files").rglob("*") if path.is_file()] == [files.path(hashes.pop())]


def test_a_stream_is_stored_from_its_beginning_like_its_bytes(files: FileStore) -> None:
    content = bytes(range(256)) * 10_000
    stream = BytesIO(content)
    stream.seek(100)

    assert files.put_stream(stream) == (hashlib.sha256(content).hexdigest(), len(content))
    assert files.get(hashlib.sha256(content).hexdigest()) == content
