"""Drawer: a process beside the one that runs the cells; it draws what they have shown.

It is forked before anything is read, when its parent has one thread, and ends with it. Records go
to it and fragments come back through memory that both have open as files, so that neither waits
for the other to read, and nothing is left behind. Of Linux, as the fork itself is used.
"""

from __future__ import annotations

import contextlib
import mmap
import os
import struct
import sys
from collections.abc import Callable

from opsnb.runs import warm

PLACE = struct.Struct("<qqq")
"""Number of a record, and where it stands in the file: offset and length."""
NUMBER = struct.Struct("<q")
BEGUN, LIMIT = 0, NUMBER.size
"""What both sides see: how many records the drawer has begun, and the first it should leave."""
FAILED = -1
Draw = Callable[[bytes], str]


class Drawer:
    """Draws records in their order, from the first; its owner may draw from the last.

    Parameters
    ----------
    draw : callable record -> fragment
        Called in the other process.
    """

    def __init__(self, draw: Draw) -> None:
        self._asked, self._drawn = os.memfd_create("asked"), os.memfd_create("drawn")
        self._shared = mmap.mmap(-1, 2 * NUMBER.size)
        NUMBER.pack_into(self._shared, LIMIT, sys.maxsize)
        requests, self._requests = os.pipe()
        self._answers, answers = os.pipe()
        self._at, self.count = 0, 0
        self._found: dict[int, tuple[int, int]] = {}
        owner = os.getpid()
        self.process = os.fork()
        if self.process == 0:
            try:
                warm.end_with(owner)
                os.close(self._requests)
                os.close(self._answers)
                self._serve(draw, requests, answers)
            finally:
                os._exit(0)
        os.close(requests)
        os.close(answers)

    def give(self, record: bytes) -> int:
        """Let a record be drawn; its number."""
        number = self.count
        try:
            _write(self._asked, record, self._at)
            os.write(self._requests, PLACE.pack(number, self._at, len(record)))
        except OSError:  # it is gone, and its owner draws
            self._found[number] = 0, FAILED
        self._at += len(record)
        self.count += 1
        return number

    def spare(self, number: int) -> bool:
        """Whether the record `number`, and what follows it, is drawn by whoever asks, from now."""
        if NUMBER.unpack_from(self._shared, BEGUN)[0] > number:
            return False
        NUMBER.pack_into(self._shared, LIMIT, number)
        return True

    def take(self, number: int) -> str | None:
        """Fragment of record `number`, waited for; None where the drawer could not make it."""
        while number not in self._found:
            answer = os.read(self._answers, PLACE.size)
            if len(answer) < PLACE.size:
                return None
            found, at, length = PLACE.unpack(answer)
            self._found[found] = at, length
        at, length = self._found[number]
        if length == FAILED:
            return None
        return os.pread(self._drawn, length, at).decode()

    def close(self) -> None:
        """End it."""
        for end in (self._requests, self._answers):
            with contextlib.suppress(OSError):
                os.close(end)
        with contextlib.suppress(ChildProcessError):
            os.waitpid(self.process, 0)
        os.close(self._asked)
        os.close(self._drawn)

    def _serve(self, draw: Draw, requests: int, answers: int) -> None:
        """Draw what is asked for until nobody asks any more."""
        place = 0
        while len(asked := os.read(requests, PLACE.size)) == PLACE.size:
            number, at, length = PLACE.unpack(asked)
            if number >= NUMBER.unpack_from(self._shared, LIMIT)[0]:
                continue
            NUMBER.pack_into(self._shared, BEGUN, number + 1)
            try:
                fragment = draw(os.pread(self._asked, length, at)).encode()
                _write(self._drawn, fragment, place)
                told = PLACE.pack(number, place, len(fragment))
                place += len(fragment)
            except Exception:  # whoever asked draws it again, and says why it cannot be
                told = PLACE.pack(number, 0, FAILED)
            os.write(answers, told)


def _write(file: int, content: bytes, at: int) -> None:
    """All of `content`, which one call need not write."""
    while content:
        written = os.pwrite(file, content, at)
        content, at = content[written:], at + written
