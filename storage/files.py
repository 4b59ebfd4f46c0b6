"""The content-addressed file store: a folder that API and workers share."""

from __future__ import annotations

import hashlib
import os
import re
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO

_SHA256 = re.compile(r"[0-9a-f]{64}")
_PIECE = 1024 * 1024
"""Bytes that are read at once."""


class FileDamaged(Exception):
    """What lies in the store is not what was put there."""


class FileMissing(Exception):
    """The store has no file of this content."""


class FileStore:
    """Files by the SHA-256 of their content; the folder is made when the first file comes."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def put(self, content: bytes) -> str:
        """Stores `content` and returns its SHA-256; the file is whole and on disk, or not there at all.

        Putting the same content again changes nothing, or repairs the file if it was damaged.
        """
        sha256 = hashlib.sha256(content).hexdigest()
        path = self.path(sha256)
        if not _holds(path, sha256):
            path.parent.mkdir(parents=True, exist_ok=True)
            _write_whole(path, [content])
        return sha256

    def put_stream(self, stream: BinaryIO) -> tuple[str, int]:
        """As `put`, of what `stream` holds from its beginning, read in pieces; answers SHA-256 and size in bytes."""
        digest, size = hashlib.sha256(), 0
        for piece in _pieces(stream):
            digest.update(piece)
            size += len(piece)
        sha256 = digest.hexdigest()
        path = self.path(sha256)
        if not _holds(path, sha256):
            path.parent.mkdir(parents=True, exist_ok=True)
            _write_whole(path, _pieces(stream))
        return sha256, size

    def get(self, sha256: str) -> bytes:
        """The content of that hash; `FileMissing`, or `FileDamaged` when the file's hash is another."""
        path = self.path(sha256)
        try:
            content = path.read_bytes()
        except FileNotFoundError:
            raise FileMissing(f"{path} does not exist") from None
        actual = hashlib.sha256(content).hexdigest()
        if actual != sha256:
            raise FileDamaged(f"{path} was changed: its SHA-256 is {actual}")
        return content

    def probe(self) -> None:
        """Writes something and removes it. Raises `OSError` where the store cannot be written."""
        self._folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=self._folder) as file:
            file.write(b"probe")
            file.flush()
            os.fsync(file.fileno())

    def path(self, sha256: str) -> Path:
        """Where the file of that hash lies or would lie; `ValueError` for what is not 64 lower-case hex digits."""
        if not _SHA256.fullmatch(sha256):
            raise ValueError(f"{sha256!r} is no SHA-256")
        return self._folder / sha256[:2] / sha256


def _holds(path: Path, sha256: str) -> bool:
    try:
        return hashlib.sha256(path.read_bytes()).hexdigest() == sha256
    except FileNotFoundError:
        return False


def _pieces(stream: BinaryIO) -> Iterator[bytes]:
    stream.seek(0)
    while piece := stream.read(_PIECE):
        yield piece


def _write_whole(path: Path, pieces: Iterable[bytes]) -> None:
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=".new-")
    try:
        with os.fdopen(handle, "wb") as file:
            file.writelines(pieces)
            file.flush()
            os.fsync(file.fileno())
        Path(name).chmod(0o644)
        Path(name).replace(path)
    except BaseException:
        with suppress(FileNotFoundError):
            Path(name).unlink()
        raise
    _sync_folder(path.parent)


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
