"""Hashes that are taken once: those of the content, whatever is done to a file."""

import hashlib
import os
import time

import pytest

from opsnb.data import hashed
from opsnb.data.hashed import LARGE, sha256_of

OLD = time.time() - 3600


@pytest.fixture(autouse=True)
def cache(monkeypatch, tmp_path):
    monkeypatch.setenv("OPSNB_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(hashed, "_known", {})


@pytest.fixture
def settled(monkeypatch):
    """Files count as older than they are: nothing that is written here would be settled."""
    monkeypatch.setattr(hashed, "RACY", -3_600_000_000_000)


@pytest.fixture
def reads(monkeypatch):
    read, seen = hashed._read, []

    def counted(path):
        seen.append(path.name)
        return read(path)

    monkeypatch.setattr(hashed, "_read", counted)
    return seen


def written(path, content):
    path.write_bytes(content)
    os.utime(path, (OLD, OLD))
    return hashlib.sha256(content).hexdigest()


@pytest.mark.parametrize("size", [0, 10, LARGE])
def test_a_hash_is_that_of_the_content_and_taken_once(tmp_path, settled, reads, size):
    path = tmp_path / "a.csv"
    expected = written(path, b"x" * size)
    assert [sha256_of(path) for _ in range(3)] == [expected] * 3
    assert reads == ["a.csv"]


@pytest.mark.parametrize("size", [10, LARGE])
def test_another_content_of_the_same_size_and_time_is_told(tmp_path, settled, size):
    """The time of the last change of the inode cannot be set back."""
    path = tmp_path / "a.csv"
    first, second = written(path, b"x" * size), None
    assert sha256_of(path) == first
    time.sleep(0.02)
    second = written(path, b"y" * size)
    assert sha256_of(path) == second != first


def test_a_young_file_is_read_each_time(tmp_path, reads):
    path = tmp_path / "a.csv"
    path.write_bytes(b"x")
    assert sha256_of(path) == sha256_of(path)
    assert reads == ["a.csv"] * 2


@pytest.mark.parametrize(("size", "times"), [(LARGE, 1), (LARGE - 1, 2)])
def test_another_process_finds_the_hash_of_a_large_file(
    tmp_path, monkeypatch, settled, reads, size, times
):
    path = tmp_path / "a.csv"
    expected = written(path, b"x" * size)
    assert sha256_of(path) == expected
    monkeypatch.setattr(hashed, "_known", {})
    assert sha256_of(path) == expected
    assert len(reads) == times


def test_a_file_that_is_not_there_is_an_error(tmp_path):
    with pytest.raises(FileNotFoundError):
        sha256_of(tmp_path / "none.csv")
