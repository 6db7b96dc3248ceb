"""Which model is asked, where, in which protocol and at which prices; and how a key is kept out of texts."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Literal
from urllib.parse import quote, urlsplit

from worldwright.architect.budget import Prices
from worldwright.errors import ArchitectError

OPENAI = "https://api.openai.com/v1"
"""Where a model without a base URL is asked."""

VARIABLES = "WORLDWRIGHT_MODEL, and WORLDWRIGHT_BASE_URL or OPENAI_API_KEY"
"""What a front door reads the settings from; the architect itself reads no environment."""

Wire = Literal["chat", "responses"]
Effort = Literal["none", "minimal", "low", "medium", "high", "xhigh", "max"]

_SHORTEST_SECRET = 8
_LOOKS_LIKE_A_KEY = re.compile(r"(?<![A-Za-z0-9])sk-[A-Za-z0-9_*.\-]{6,}|(?<=Bearer )\S+", re.IGNORECASE)
_HIDDEN = "[key]"


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelSettings:
    """A model and how it is asked.

    Args:
        model: The model's name, as the server knows it.
        protocol: `responses` is OpenAI's own, with a search of the web; `chat` is Chat Completions, which
            Ollama, vLLM, llama.cpp and others speak. None: `chat` where a base URL is given.
        base_url: The address that `/responses` or `/chat/completions` is appended to; None is OpenAI's own.
        api_key: Sent in the `Authorization` header and nowhere else; None sends no such header, which
            servers on one's own machine accept.
        search: Whether research may search the web; only with `responses`.
        effort: How long a reasoning model may think; None leaves it to the server.
        timeout: Seconds to wait for a connection, and then for each next byte of the answer.
        answer_tokens: The most tokens asked of one answer, hidden reasoning included.
        search_tokens: How many tokens of found pages one research call is expected to read at most; servers
            bill them and take no limit for them, so the budget reserves as many before such a call.
        searches: The most searches of one research call.
        concurrent: The most requests in flight at a time.
        prices: What the server takes for it; without them money is neither counted nor limited.

    Raises:
        ArchitectError: for settings that cannot work; the key is never part of the message.
    """

    model: str
    protocol: Wire | None = None
    base_url: str | None = None
    api_key: str | None = field(default=None, repr=False)
    search: bool = True
    effort: Effort | None = None
    timeout: float = 300.0
    answer_tokens: int = 24_576
    search_tokens: int = 150_000
    searches: int = 8
    concurrent: int = 4
    prices: Prices | None = None

    def __post_init__(self) -> None:
        if not self.model.strip() or not self.model.isprintable():
            raise ArchitectError("the model's name is empty or not printable", help="set WORLDWRIGHT_MODEL")
        _check_address(self.address)
        if self.api_key is not None and not re.fullmatch(r"[!-~]+", self.api_key):
            raise ArchitectError(
                "the key is empty or holds white space or characters beyond ASCII",
                help="set OPENAI_API_KEY to the key alone, without a line break",
            )
        if not self.timeout > 0 or min(self.answer_tokens, self.searches, self.concurrent) < 1:
            raise ArchitectError("timeout, answer_tokens, searches and concurrent must be positive")

    @property
    def address(self) -> str:
        """The base URL that is used."""
        return self.base_url if self.base_url is not None else OPENAI

    @property
    def wire(self) -> Wire:
        """The protocol that is used."""
        return self.protocol or ("responses" if self.base_url is None else "chat")

    @property
    def can_search(self) -> bool:
        """Whether a research call can look things up."""
        return self.search and self.wire == "responses"

    def redact(self, text: str) -> str:
        """The text without the key, as it is or percent-encoded, and without what looks like any key.

        Keys shorter than eight characters (`EMPTY`, `ollama`) are placeholders and are left alone: to
        blot them out would damage ordinary text.
        """
        if self.api_key is not None and len(self.api_key) >= _SHORTEST_SECRET:
            for form in (self.api_key, quote(self.api_key, safe="")):
                text = text.replace(form, _HIDDEN)
        return _LOOKS_LIKE_A_KEY.sub(_HIDDEN, text)


def _check_address(address: str) -> None:
    try:
        parts = urlsplit(address)
        usable = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        parts, usable = urlsplit(""), False
    if parts.username or parts.password or parts.query or parts.fragment:
        raise ArchitectError(
            "the base URL holds more than scheme, host, port and path",
            why="credentials in an address end up in logs",
            help="put the key into OPENAI_API_KEY",
        )
    if not usable or not (address.isascii() and address.isprintable()):
        raise ArchitectError("the base URL is no http or https address", help="set WORLDWRIGHT_BASE_URL")
