"""One request over the network, and what came of it as data: the one home of the `openai` package.

The package is kept from everything that is not passed in: it holds no key (a hook on its transport adds the
header), reads no proxy or organisation from the environment, follows no redirect, and retries nothing by
itself, so that every request is counted. No exception leaves here that could carry a request and its headers.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from worldwright.architect.settings import ModelSettings
from worldwright.errors import ArchitectError

if TYPE_CHECKING:
    from openai import OpenAI

_OUR_HEADERS = frozenset(
    {"host", "accept", "accept-encoding", "content-type", "content-length", "user-agent"}
)


@dataclass(frozen=True, slots=True)
class Received:
    """A response: its status, the seconds a server asks to wait, and its body without any key."""

    status: int
    body: str
    retry_after: str | None = None


@dataclass(frozen=True, slots=True)
class Unanswered:
    """No response.

    Args:
        word: `timeout` or `connection`.
        cause: The name of the exception.
        may_be_billed: Whether the request had left, so that the server may be at work on an answer.
    """

    word: str
    cause: str
    may_be_billed: bool


Outcome = Received | Unanswered


class Network:
    """Sends requests to the server of some settings; the connection opens with the first."""

    def __init__(self, settings: ModelSettings) -> None:
        if settings.api_key is None and settings.base_url is None:
            raise ArchitectError(
                "the model has no key", help="set OPENAI_API_KEY; or WORLDWRIGHT_BASE_URL, for another server"
            )
        self._settings = settings
        self._client: OpenAI | None = None
        self._lock = threading.Lock()

    def close(self) -> None:
        """Close the connection; a later request opens it again."""
        with self._lock:
            if self._client is not None:
                self._client.close()
                self._client = None

    def send(self, path: str, body: Mapping[str, Any]) -> Outcome:
        """One request; whatever comes of it is a value."""
        import httpx2
        import openai

        try:
            response = self._open().post(path, cast_to=httpx2.Response, body=dict(body))
        except openai.APIConnectionError as error:
            return _unanswered(error.__cause__ or error)
        except openai.APIStatusError as error:
            response = error.response
        except openai.OpenAIError as error:
            return Unanswered("connection", type(error).__name__, may_be_billed=True)
        text = self._settings.redact(response.content.decode("utf-8", "replace"))
        return Received(response.status_code, text, response.headers.get("retry-after"))

    def _open(self) -> OpenAI:
        with self._lock:
            if self._client is None:
                self._client = _client(self._settings)
            return self._client


def _unanswered(cause: BaseException) -> Unanswered:
    """Unless it was the connection that failed, the server may be at work on an answer."""
    import httpx2

    may_be_billed = not isinstance(cause, (httpx2.ConnectError, httpx2.ConnectTimeout))
    word = "timeout" if isinstance(cause, httpx2.TimeoutException) else "connection"
    return Unanswered(word, type(cause).__name__, may_be_billed)


def _client(settings: ModelSettings) -> OpenAI:
    import httpx2
    import openai

    def only_ours(request: httpx2.Request) -> None:
        for name in list(request.headers):
            if name not in _OUR_HEADERS:
                del request.headers[name]
        request.headers["user-agent"] = "worldwright"
        if settings.api_key is not None:
            request.headers["authorization"] = f"Bearer {settings.api_key}"

    return openai.OpenAI(
        # Not the key: what the package does not hold, it cannot log or raise. None would have it read
        # the environment.
        api_key="unused",
        base_url=settings.address,
        timeout=settings.timeout,
        max_retries=0,
        http_client=openai.DefaultHttpxClient(
            trust_env=False, follow_redirects=False, event_hooks={"request": [only_ours]}
        ),
    )
