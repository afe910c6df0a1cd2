"""One end of the link between student code and tests: requests go both ways, each answered while others wait.

Any thread may ask. Of those that wait, one reads frames and gives the others their answers, and what the other
side asks meanwhile is answered at once: so a test can call a student's function that calls a function of
the test that calls the student's again.
"""

from __future__ import annotations

import secrets
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from scaleml_course.grading.split.codec import Decoder, Encoder, Node
from scaleml_course.grading.split.failures import describe, rebuild
from scaleml_course.grading.split.lending import Borrowed, Lent
from scaleml_course.grading.split.wire import Closed, Frames, WireError

#: How long an interrupt waits for a frame that is on its way, in seconds.
FRAME_PATIENCE_S = 2.0
#: Threads that answer for threads of the other side.
ASIDE = 64

Answer = tuple[dict[str, Any], list[bytearray]]


class DeadlinePassed(Exception):
    """A request was given up when its time was over; its answer is dropped when it comes."""


class End:
    """One end of the link; subclasses say what to perform, and how objects become handles.

    Parameters
    ----------
    link : socket.socket
        Connected to the other end.

    Attributes
    ----------
    deadline : float or None
        `time.monotonic` at which a request of the main thread is given up.
    """

    #: Whether arrays with masked elements go out, and come in, as values.
    sends_masked = takes_masked = True

    def __init__(self, link: socket.socket) -> None:
        self.frames = Frames(link, self._look_up)
        self.deadline: float | None = None
        self.lent = Lent()
        self.borrowed = Borrowed()
        self._sending = threading.Lock()
        self._turn = threading.Condition()
        self._reading = False
        self._asked: set[bytes] = set()
        self._answers: dict[bytes, Answer] = {}
        self._aside = threading.BoundedSemaphore(ASIDE)
        self._main = threading.main_thread()
        self._guarded = False
        self._giving_up = False
        self._interrupted_at: float | None = None

    def export(self, encoder: Encoder, value: object, depth: int) -> Node:
        """The node of an object that is no value; `encoder` makes the nodes of its parts."""
        raise NotImplementedError

    def resolve(self, decoder: Decoder, tag: str, fields: list[Any], depth: int) -> Any:
        """The object of a node of the other side that is no value; raises `CodecError` for an unknown one."""
        raise NotImplementedError

    def perform(self, operation: str, number: Any, arguments: Any) -> Any:
        """Do what the other side asks for, with the object of this number."""
        raise NotImplementedError

    def request(self, operation: str, number: int | None, *arguments: Any, **extra: Any) -> Any:
        """Ask the other side, and wait for its answer.

        Raises
        ------
        Closed
            When the other side has hung up.
        Exception
            What the other side raised, rebuilt.
        """
        ticket = secrets.token_bytes(8)
        with self._turn:
            self._asked.add(ticket)
        try:
            with self._guard(giving_up=True):
                self._ask({"ask": ticket, "do": operation, "on": number, **extra}, arguments)
                reply, buffers = self._answer_to(ticket)
                self._look_up(True)
        finally:
            with self._turn:
                self._asked.discard(ticket)
                self._answers.pop(ticket, None)
        if "error" in reply:
            raise rebuild(reply["error"])
        return Decoder(buffers, self.resolve, masked=self.takes_masked).value(reply.get("value"))

    def _ask(self, message: dict[str, Any], arguments: tuple[Any, ...]) -> None:
        encoder = Encoder(self.export, masked=self.sends_masked)
        message["with"] = encoder.node(arguments)
        if dropped := self.borrowed.dropped():
            message["drop"] = dropped
        if threading.current_thread() is not self._main:
            message["aside"] = True
        self._send(message, encoder.buffers)

    def _send(self, message: dict[str, Any], buffers: list[memoryview]) -> None:
        with self._sending:
            self.frames.send(message, buffers)

    def serve(self) -> None:
        """Answer the other side until it hangs up."""
        while True:
            try:
                with self._guard(giving_up=False):
                    self._answer_to(None)
            except Closed:
                return
            except KeyboardInterrupt:  # came while nothing was in progress
                continue

    def _answer_to(self, ticket: bytes | None) -> Answer:
        """Read, or have another thread read, until this answer is there."""
        while True:
            with self._turn:
                while ticket not in self._answers and self._reading:
                    self._turn.wait(0.1)
                    self._look_up(True)
                if ticket is not None and ticket in self._answers:
                    return self._answers.pop(ticket)
                self._reading = True
            try:
                message, buffers = self._receive(ticket)
            finally:
                with self._turn:
                    self._reading = False
                    self._turn.notify_all()
            self._take(message, buffers)

    def _receive(self, ticket: bytes | None) -> Answer:
        while True:
            try:
                return self.frames.receive()
            except (WireError, MemoryError):
                # Whoever asks gets it as the answer; a server, whom nobody could tell, reads on.
                if ticket is not None or self.frames.broken:
                    raise

    def _take(self, message: dict[str, Any], buffers: list[bytearray]) -> None:
        """Keep an answer for whoever waits for it, or answer a request; drop anything else."""
        ticket = message.get("re")
        if type(ticket) is bytes:
            with self._turn:
                if ticket in self._asked:
                    self._answers[ticket] = (message, buffers)
                    self._turn.notify_all()
            return
        if type(message.get("ask")) is not bytes:
            return
        if message.get("aside") is True and self._aside.acquire(blocking=False):
            threading.Thread(target=self._answer_aside, args=(message, buffers), daemon=True).start()
        else:
            self._answer(message, buffers)

    def _answer_aside(self, message: dict[str, Any], buffers: list[bytearray]) -> None:
        try:
            self._answer(message, buffers)
        except Closed:
            pass
        finally:
            self._aside.release()

    def _answer(self, message: dict[str, Any], buffers: list[bytearray]) -> None:
        """Perform one request and send what comes of it."""
        ticket = message["ask"]
        self.lent.let_go(message.get("drop"))
        if not self._giving_up and threading.current_thread() is self._main:
            self._interrupted_at = None  # it was meant for something that has ended
        try:
            with self._unguarded():
                arguments = Decoder(buffers, self.resolve, masked=self.takes_masked).value(
                    message.pop("with", None)
                )
                buffers = []
                encoder = Encoder(self.export, masked=self.sends_masked)
                value = encoder.node(self.perform(str(message.get("do")), message.get("on"), arguments))
            with self._guard(giving_up=False):
                self._send({"re": ticket, "value": value}, encoder.buffers)
        except Closed:
            raise
        except BaseException as error:
            with self._guard(giving_up=False):
                self._send({"re": ticket, "error": describe(error)}, [])
            self.failed(error)

    def failed(self, error: BaseException) -> None:
        """Called when a request of the other side has raised, after it was told."""

    # The operating system interrupts the main thread anywhere. Within a transfer that would leave half a frame on
    # the link, so there the interrupt waits for a place between two frames.

    def interrupt(self) -> bool:
        """Called by the handler of SIGINT; whether it has been noted and must not be raised now."""
        if self._guarded:
            self._interrupted_at = self._interrupted_at or time.monotonic()
        return self._guarded

    def settle(self) -> None:
        """Back to how it began, when an interrupt has left the main thread who knows where."""
        self._guarded, self._giving_up = False, False
        self._interrupted_at = self.deadline = None

    def _look_up(self, between_frames: bool) -> None:
        if not self._giving_up or threading.current_thread() is not self._main:
            return
        now = time.monotonic()
        if self._interrupted_at is not None and (between_frames or now > self._interrupted_at + FRAME_PATIENCE_S):
            self._interrupted_at = None
            raise KeyboardInterrupt
        if self.deadline is not None and now > self.deadline + (0 if between_frames else FRAME_PATIENCE_S):
            raise DeadlinePassed("its time was over")

    @contextmanager
    def _guard(self, *, giving_up: bool) -> Iterator[None]:
        """Within this block, interrupts of the main thread are noted; `giving_up` says whether they also end it."""
        with self._state(True, giving_up):
            yield

    @contextmanager
    def _unguarded(self) -> Iterator[None]:
        """Within this block, interrupts of the main thread are raised where it is."""
        with self._state(False, False):
            yield

    @contextmanager
    def _state(self, guarded: bool, giving_up: bool) -> Iterator[None]:
        if threading.current_thread() is not self._main:
            yield
            return
        before = self._guarded, self._giving_up
        self._guarded, self._giving_up = guarded, giving_up
        try:
            yield
        finally:
            self._guarded, self._giving_up = before
