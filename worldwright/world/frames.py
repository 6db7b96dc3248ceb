"""Messages between a process and its world worker: a JSON head and raw buffers.

Takes file descriptors and bytes. Reads and writes only the descriptors it is given; unpickles nothing.

A frame is `WWF1`, the length of the head and the number of buffers (32-bit), the length of each buffer
(64-bit), the head, the buffers; all numbers little-endian. Lengths are checked before anything is allocated.
"""

from __future__ import annotations

import json
import os
import select
import struct
from collections.abc import Callable, Sequence
from typing import Any

MAGIC = b"WWF1"
MAX_HEAD = 1 << 28
MAX_BUFFERS = 1 << 20
MAX_BYTES = 1 << 33
_PREFIX = struct.Struct("<4sII")
_BLOCK = 1 << 20

Clock = Callable[[], float]


class FrameError(Exception):
    """What arrived is not a frame, or the other side is gone."""


class FrameTimeoutError(FrameError):
    """The other side did not answer in time."""


def pack(head: Any, buffers: Sequence[bytes] = ()) -> list[bytes]:
    """The pieces of a frame, ready to be written one after another."""
    text = json.dumps(head, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "surrogateescape")
    sizes = struct.pack(f"<{len(buffers)}Q", *(len(buffer) for buffer in buffers))
    return [_PREFIX.pack(MAGIC, len(text), len(buffers)) + sizes + text, *buffers]


class Channel:
    """Frames over a pair of descriptors, with a deadline on request.

    Args:
        source: Descriptor to read from.
        sink: Descriptor to write to.
        clock: A monotonic clock in seconds; needed for deadlines.
    """

    def __init__(self, source: int, sink: int, clock: Clock | None = None) -> None:
        self._source = source
        self._sink = sink
        self._clock = clock

    def send(self, head: Any, buffers: Sequence[bytes] = (), *, deadline: float | None = None) -> None:
        """Write one frame.

        Raises:
            FrameTimeoutError: if the deadline passes.
            FrameError: if the other side is gone.
        """
        for piece in pack(head, buffers):
            view = memoryview(piece)
            while view:
                self._wait(self._sink, select.POLLOUT, deadline)
                try:
                    view = view[os.write(self._sink, view[:_BLOCK]) :]
                except BlockingIOError:
                    continue
                except OSError as problem:
                    raise FrameError("the other side is gone") from problem

    def receive(self, *, deadline: float | None = None) -> tuple[Any, list[bytes]]:
        """Read one frame: the head and its buffers.

        Raises:
            FrameTimeoutError: if the deadline passes.
            FrameError: at the end of the stream, and for anything malformed.
        """
        magic, head_size, count = _PREFIX.unpack(self._take(_PREFIX.size, deadline))
        if magic != MAGIC or head_size > MAX_HEAD or count > MAX_BUFFERS:
            raise FrameError("not a frame")
        sizes = struct.unpack(f"<{count}Q", self._take(8 * count, deadline))
        if sum(sizes) > MAX_BYTES:
            raise FrameError("a frame beyond the size limit")
        text = self._take(head_size, deadline)
        try:
            head = json.loads(text.decode("utf-8", "replace"))
        except (ValueError, RecursionError) as problem:
            raise FrameError("a frame with a broken head") from problem
        return head, [self._take(size, deadline) for size in sizes]

    def _take(self, size: int, deadline: float | None) -> bytes:
        content = bytearray()
        while len(content) < size:
            self._wait(self._source, select.POLLIN, deadline)
            try:
                block = os.read(self._source, min(_BLOCK, size - len(content)))
            except BlockingIOError:
                continue
            except OSError as problem:
                raise FrameError("the other side is gone") from problem
            if not block:
                raise FrameError("the other side is gone")
            content += block
        return bytes(content)

    def _wait(self, descriptor: int, event: int, deadline: float | None) -> None:
        if deadline is None or self._clock is None:
            return
        left = deadline - self._clock()
        poll = select.poll()
        poll.register(descriptor, event)
        if left <= 0 or not poll.poll(left * 1000):
            raise FrameTimeoutError("no answer in time")
