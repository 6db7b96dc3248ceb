"""Which model is asked, where and with which key; and how the key is kept out of every text."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from urllib.parse import quote, urlsplit

from worldwright.errors import ArchitectError

OPENAI = "https://api.openai.com/v1"
"""Where a model without a base URL is asked."""

VARIABLES = "WORLDWRIGHT_MODEL, and WORLDWRIGHT_BASE_URL or OPENAI_API_KEY"
"""What a front door reads the settings from; the architect itself reads no environment."""

_SHORTEST_SECRET = 8
_LOOKS_LIKE_A_KEY = re.compile(r"(?<![A-Za-z0-9])sk-[A-Za-z0-9_*.\-]{6,}|(?<=Bearer )\S+", re.IGNORECASE)
_HIDDEN = "[key]"


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelSettings:
    """A model behind the Chat Completions protocol.

    Args:
        model: The model's name, as the server knows it.
        base_url: The address that `/chat/completions` is appended to; None is OpenAI's own.
        api_key: Sent in the `Authorization` header and nowhere else; None sends no such header, which
            servers on one's own machine accept.
        timeout: Seconds to wait for a connection, and then for each next byte of the answer.
        answer_tokens: The most tokens asked of one answer, hidden reasoning included.

    Raises:
        ArchitectError: for settings that cannot work; the key is never part of the message.
    """

    model: str
    base_url: str | None = None
    api_key: str | None = field(default=None, repr=False)
    timeout: float = 180.0
    answer_tokens: int = 16_384

    def __post_init__(self) -> None:
        if not self.model.strip() or not self.model.isprintable():
            raise ArchitectError("the model's name is empty or not printable", help="set WORLDWRIGHT_MODEL")
        _check_address(self.address)
        if self.api_key is None and self.base_url is None:
            raise ArchitectError(
                "the model has no key", help="set OPENAI_API_KEY; or WORLDWRIGHT_BASE_URL, for another server"
            )
        if self.api_key is not None and not re.fullmatch(r"[!-~]+", self.api_key):
            raise ArchitectError(
                "the key is empty or holds white space or characters beyond ASCII",
                help="set OPENAI_API_KEY to the key alone, without a line break",
            )
        if not self.timeout > 0 or self.answer_tokens < 1:
            raise ArchitectError("the timeout and the length of an answer must be positive")

    @property
    def address(self) -> str:
        """The base URL that is used."""
        return self.base_url if self.base_url is not None else OPENAI

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
