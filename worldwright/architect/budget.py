"""What authoring may cost, what each attempt did cost, and the stop before the next one."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from worldwright.errors import ArchitectError

_BYTES_PER_TOKEN = 3


class BudgetExceededError(ArchitectError):
    """The next call could pass the budget, so it is not made."""


@dataclass(frozen=True, slots=True)
class Budget:
    """The most that one piece of authoring may use.

    Args:
        calls: Requests sent, retries included.
        tokens: Tokens in and out, over all requests.
    """

    calls: int = 12
    tokens: int = 250_000


@dataclass(frozen=True, slots=True)
class Attempt:
    """One request that was sent.

    Args:
        outcome: `ok`, or in a word why there was no answer (`status 429`, `timeout`, `connection`, …).
        tokens_in: Tokens of the request.
        tokens_out: Tokens of the answer.
        estimated: Whether the tokens are our estimate, because the server reported none. A request that
            timed out may have been answered and billed, so it counts as a full answer.
    """

    outcome: str
    tokens_in: int
    tokens_out: int
    estimated: bool


def estimate(texts: Iterable[str]) -> int:
    """Roughly the tokens of some texts, on the high side: one for every three bytes of UTF-8."""
    return sum(-(-len(text.encode(errors="replace")) // _BYTES_PER_TOKEN) for text in texts)


@dataclass(slots=True)
class Ledger:
    """The attempts made under a budget, in order."""

    budget: Budget
    attempts: list[Attempt] = field(default_factory=list[Attempt])

    @property
    def calls(self) -> int:
        """Requests sent."""
        return len(self.attempts)

    @property
    def tokens(self) -> int:
        """Tokens used, in and out; estimates where the server reported none."""
        return sum(attempt.tokens_in + attempt.tokens_out for attempt in self.attempts)

    def admit(self, tokens: int) -> None:
        """Let the next request pass.

        Args:
            tokens: The most it may use, question and answer together.

        Raises:
            BudgetExceededError: when it could pass the budget.
        """
        if self.calls >= self.budget.calls:
            raise BudgetExceededError(
                f"the budget of {self.budget.calls} calls to the model is used up", help="allow more calls"
            )
        if self.tokens + tokens > self.budget.tokens:
            raise BudgetExceededError(
                f"the next call could use {tokens:,} tokens; "
                f"{max(0, self.budget.tokens - self.tokens):,} of {self.budget.tokens:,} are left",
                help="allow more tokens, or a shorter answer",
            )

    def record(self, attempt: Attempt) -> None:
        """Add an attempt, whatever came of it."""
        self.attempts.append(attempt)
