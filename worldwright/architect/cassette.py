"""Cassettes: what a server answered to a request, kept so that authoring can be repeated without it.

A recording is one file, named by the digest of its request and the number of the attempt. It holds the
request without credentials and the raw response, or that there was none. Replaying opens no connection.
"""

from __future__ import annotations

import json
import threading
from collections import Counter
from collections.abc import Callable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, ValidationError

from worldwright.architect.files import write_whole
from worldwright.architect.transport import Network, Outcome, Received, Unanswered
from worldwright.errors import ArchitectError
from worldwright.hashing import digest

VERSION = "cassette/1"

Mode = Literal["live", "record", "replay"]
Clock = Callable[[], datetime]


class Deck:
    """Where requests go: to the network, to the network and a folder, or to the folder alone.

    The same request, sent again, is another attempt with a recording of its own; so a retry after a timeout
    and a repair that asks the same thing twice are repeated as they were.

    Args:
        mode: `live` keeps nothing; `record` keeps every attempt, anew; `replay` has no network.
        network: What sends; None to replay.
        folder: Where recordings lie; None to keep nothing.
        redact: Takes keys out of the text of a request before it is kept.
        clock: What time it is.
    """

    def __init__(
        self,
        mode: Mode,
        network: Network | None,
        folder: Path | None,
        redact: Callable[[str], str],
        clock: Clock,
    ) -> None:
        self.mode = mode
        self._network = network
        self._folder = folder
        self._redact = redact
        self._clock = clock
        self._sent: Counter[str] = Counter()
        self._lock = threading.Lock()

    def close(self) -> None:
        """Close the connection, where there is one."""
        if self._network is not None:
            self._network.close()

    def send(self, path: str, body: Mapping[str, Any]) -> tuple[Outcome, datetime, str]:
        """One attempt: what came of it, when, and the id of its recording ("" where there is none).

        Raises:
            ArchitectError: when replaying what was never recorded, or a recording that is damaged.
        """
        request = json.loads(self._redact(json.dumps({"path": path, "body": dict(body)}, ensure_ascii=False)))
        name = self._numbered(digest("cassette", request))
        if self.mode == "replay":
            return *self._recorded(name), name
        if self._network is None:
            raise ArchitectError("there is no network to ask a model over")
        outcome, at = self._network.send(path, body), self._clock()
        if self.mode == "record":
            self._keep(name, request, outcome, at)
        return outcome, at, name if self.mode == "record" else ""

    def _numbered(self, key: str) -> str:
        with self._lock:
            self._sent[key] += 1
            return f"{key}:{self._sent[key]}"

    def _path(self, name: str) -> Path:
        if self._folder is None:
            raise ArchitectError("there is no folder of recordings")
        return self._folder / f"{name.removeprefix('cassette:').replace(':', '-')}.json"

    def _keep(self, name: str, request: Any, outcome: Outcome, at: datetime) -> None:
        path = self._path(name)
        path.parent.mkdir(parents=True, exist_ok=True)
        recording = _Recording.made(request, outcome, at)
        write_whole(path, json.dumps(recording.model_dump(), indent=1, ensure_ascii=False) + "\n")

    def _recorded(self, name: str) -> tuple[Outcome, datetime]:
        path = self._path(name)
        try:
            recording = _Recording.model_validate_json(path.read_bytes())
            if digest("cassette", recording.request) != name.rsplit(":", 1)[0]:
                raise ValueError("its request is another")
            return recording.outcome(), datetime.fromisoformat(recording.at)
        except FileNotFoundError:
            raise ArchitectError(
                "there is no recording of this request",
                where=name,
                why="the brief, the base, the prompts, the model or its settings differ from those recorded",
                help="author it with --record, or without --replay",
            ) from None
        except (OSError, ValueError, ValidationError):
            raise ArchitectError(
                "the recording cannot be read", where=str(path), help="record it again with --record"
            ) from None


class _Recording(BaseModel):
    """A recording as it is written."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)

    worldwright: Literal["cassette/1"] = VERSION
    at: str
    status: int | None = None
    retry_after: str | None = None
    unanswered: str | None = None
    cause: str | None = None
    may_be_billed: bool = False
    request: dict[str, Any]
    body: str | None = None

    @classmethod
    def made(cls, request: Any, outcome: Outcome, at: datetime) -> _Recording:
        match outcome:
            case Received(status, body, retry_after):
                return cls(
                    at=at.isoformat(), status=status, retry_after=retry_after, request=request, body=body
                )
            case Unanswered(word, cause, may_be_billed):
                return cls(
                    at=at.isoformat(),
                    unanswered=word,
                    cause=cause,
                    may_be_billed=may_be_billed,
                    request=request,
                )

    def outcome(self) -> Outcome:
        if self.status is not None and self.body is not None:
            return Received(self.status, self.body, self.retry_after)
        if self.unanswered is None:
            raise ValueError("neither a response nor the lack of one")
        return Unanswered(self.unanswered, self.cause or "", self.may_be_billed)
