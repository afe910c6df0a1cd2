"""Frames on the two sockets of a split run: maps on the control socket, maps with raw buffers on the link.

Nothing that comes in is trusted: lengths are checked before memory is asked for, and what is not understood
raises `WireError`. A control message is a 4-byte length (big-endian) and one msgpack map. A link frame is the
lengths of its map and of each buffer, then the map, then the buffers, so that an array travels without being
copied into a message first.
"""

from __future__ import annotations

import select
import socket
import struct
from collections.abc import Callable
from typing import Any

import msgpack  # type: ignore[import-untyped]

#: The longest map of a control message, in bytes: the outputs of one cell are far below.
CONTROL_BYTES = 64 * 2**20
#: The longest map of a link frame, in bytes. Python objects take up to 64 times what msgpack needs for them.
MAP_BYTES = 32 * 2**20
#: The longest frame of the link, its buffers included, in bytes.
FRAME_BYTES = 2**30
#: The most buffers of one frame.
BUFFERS = 20_000
#: How long a transfer waits before it looks whether it was interrupted.
LOOK_UP_MS = 100

LENGTH = struct.Struct(">I")
FRAME = struct.Struct(">II")
SCRATCH_BYTES = 1 << 16
#: Buffers given to the operating system at once.
PIECES = 64


class WireError(ValueError):
    """What came over a socket is no frame; nothing after it can be understood."""


class Closed(ConnectionError):
    """The other side has hung up."""


def pack(message: dict[str, Any]) -> bytes:
    """One map as msgpack.

    Raises
    ------
    WireError
        When it holds something that msgpack has no form for.
    """
    try:
        return bytes(msgpack.packb(message, use_bin_type=True))
    except (ValueError, TypeError, OverflowError, RecursionError) as error:
        raise WireError(f"this message cannot be sent: {error}") from None


def unpack(data: bytes | bytearray | memoryview) -> dict[str, Any]:
    """The map in `data`.

    Raises
    ------
    WireError
        When there is anything but one map with text as keys.
    """
    try:
        message = msgpack.unpackb(data, raw=False, strict_map_key=True, use_list=True)
    except (ValueError, TypeError, OverflowError, RecursionError, msgpack.UnpackException) as error:
        raise WireError(f"no msgpack: {error}") from None
    if type(message) is not dict or not all(type(key) is str for key in message):
        raise WireError("a message is a map with text as keys")
    return message


def send(control: socket.socket, message: dict[str, Any]) -> None:
    """Write one control message, waiting as the socket's own timeout says.

    Raises
    ------
    WireError
        When the message is too long or cannot be packed.
    OSError
        When the other side has hung up, or the socket's timeout has passed.
    """
    data = pack(message)
    if len(data) > CONTROL_BYTES:
        raise WireError(f"a control message may have {CONTROL_BYTES} bytes, this one has {len(data)}")
    control.sendall(LENGTH.pack(len(data)) + data)


def receive(control: socket.socket, timeout_s: float | None = None) -> dict[str, Any] | None:
    """Read one control message from a blocking socket.

    Parameters
    ----------
    timeout_s : float, optional
        How long to wait for its first byte, in seconds; for ever if None. The rest follows on the first
        byte's heels.

    Returns
    -------
    dict or None
        None when the other side has hung up.

    Raises
    ------
    TimeoutError
        When nothing has come yet. Nothing is lost: ask again.
    WireError
        When what came is no message; read nothing more then.
    """
    if timeout_s is not None and not select.select([control], [], [], timeout_s)[0]:
        raise TimeoutError("no message yet")
    head = _exactly(control, LENGTH.size)
    if head is None:
        return None
    (length,) = LENGTH.unpack(head)
    if length > CONTROL_BYTES:
        raise WireError(f"a control message may have {CONTROL_BYTES} bytes, this one claims {length}")
    data = _exactly(control, length)
    return None if data is None else unpack(data)


def _exactly(control: socket.socket, length: int) -> bytearray | None:
    """`length` bytes, or None when the stream ends before."""
    data = bytearray(length)
    view, done = memoryview(data), 0
    while done < length:
        try:
            count = control.recv_into(view[done:])
        except ConnectionResetError:
            return None
        if count == 0:
            return None
        done += count
    return data


class Frames:
    """Frames over the link, in transfers that can be given up between two of them.

    Parameters
    ----------
    link : socket.socket
        A stream socket; made non-blocking.
    look_up : callable
        Called with True while no byte of a frame has moved, with False in the middle of one, before each
        wait. What it raises ends the transfer, and in the middle of a frame also the use of the link.
    """

    def __init__(self, link: socket.socket, look_up: Callable[[bool], None]) -> None:
        link.setblocking(False)
        self.link = link
        self.broken = ""
        self._look_up = look_up
        self._scratch = memoryview(bytearray(SCRATCH_BYTES))

    def send(self, message: dict[str, Any], buffers: list[memoryview]) -> None:
        """Write one frame; the caller sees to it that no other thread does.

        Raises
        ------
        WireError
            When it is larger than a frame may be. Nothing has been sent then.
        Closed
            When the other side has hung up.
        """
        self._refuse_if_broken()
        data = pack(message)
        sizes = [buffer.nbytes for buffer in buffers]
        if len(data) > MAP_BYTES or len(sizes) > BUFFERS or len(data) + sum(sizes) > FRAME_BYTES:
            raise WireError(f"too large to pass on ({(len(data) + sum(sizes)) / 1e6:,.0f} MB)")
        head = FRAME.pack(len(data), len(sizes)) + struct.pack(f">{len(sizes)}Q", *sizes)
        pieces = [memoryview(head + data), *(buffer.cast("B") for buffer in buffers if buffer.nbytes)]
        self._transfer(lambda progress: self._write(pieces, progress))

    def receive(self) -> tuple[dict[str, Any], list[bytearray]]:
        """Read one frame; the caller sees to it that no other thread does.

        Raises
        ------
        WireError
            When the frame cannot be understood. `broken` says whether more can be read.
        MemoryError
            When there is no memory for its buffers. The frame has been read and dropped.
        Closed
            When the other side has hung up.
        """
        self._refuse_if_broken()
        data, buffers = self._transfer(self._read)
        if buffers is None:
            raise MemoryError("no memory left for what was passed on")
        return unpack(data), buffers

    def _refuse_if_broken(self) -> None:
        if self.broken:
            raise Closed(self.broken)

    def _transfer(self, move: Callable[[_Progress], Any]) -> Any:
        """Run one transfer; any way out of its middle ends the use of the link."""
        progress = _Progress()
        try:
            return move(progress)
        except OSError as error:
            self.broken = self.broken or "the other side has hung up"
            raise Closed(self.broken) from error
        except BaseException:
            if progress.moved:
                self.broken = self.broken or "a frame was given up in its middle"
            raise

    def _wait(self, event: int, progress: _Progress) -> None:
        """Wait until the socket is ready, looking up now and then."""
        poll = select.poll()
        poll.register(self.link, event)
        self._look_up(not progress.moved)
        while not poll.poll(LOOK_UP_MS):
            self._look_up(not progress.moved)

    def _write(self, pieces: list[memoryview], progress: _Progress) -> None:
        first = 0
        self._look_up(True)
        while first < len(pieces):
            try:
                count = self.link.sendmsg(pieces[first : first + PIECES])
            except BlockingIOError:
                self._wait(select.POLLOUT, progress)
                continue
            progress.moved = True
            while first < len(pieces) and count >= pieces[first].nbytes:
                count -= pieces[first].nbytes
                first += 1
            if count:
                pieces[first] = pieces[first][count:]

    def _read(self, progress: _Progress) -> tuple[bytearray, list[bytearray] | None]:
        map_bytes, n_buffers = FRAME.unpack(self._fill(bytearray(FRAME.size), progress))
        if map_bytes > MAP_BYTES or n_buffers > BUFFERS:
            raise WireError("a frame claims to be larger than one may be")
        sizes = struct.unpack(f">{n_buffers}Q", self._fill(bytearray(8 * n_buffers), progress))
        if map_bytes + sum(sizes) > FRAME_BYTES:
            raise WireError("a frame claims to be larger than one may be")
        data: bytearray = self._fill(bytearray(map_bytes), progress)
        buffers: list[bytearray] | None = []
        for size in sizes:
            room = None
            if buffers is not None:
                try:
                    room = bytearray(size)
                except MemoryError:
                    buffers = None
            if buffers is None or room is None:
                self._skip(size, progress)  # to the frame's end, so that the next one can be read
            else:
                buffers.append(self._fill(room, progress))
        return data, buffers

    def _fill(self, data: bytearray, progress: _Progress) -> bytearray:
        view, done = memoryview(data), 0
        while done < len(data):
            done += self._read_into(view[done:], progress)
        return data

    def _skip(self, size: int, progress: _Progress) -> None:
        while size > 0:
            size -= self._read_into(self._scratch[:size], progress)

    def _read_into(self, view: memoryview, progress: _Progress) -> int:
        while True:
            if not progress.moved:
                self._look_up(True)
            try:
                count = self.link.recv_into(view)
            except BlockingIOError:
                self._wait(select.POLLIN, progress)
                continue
            if count == 0:
                raise ConnectionResetError("end of stream")
            progress.moved = True
            return count


class _Progress:
    """Whether a byte of a frame has moved, so that there is no way back."""

    moved = False
