"""What authoring may cost, what each attempt did cost, and the stop before the next one."""

from __future__ import annotations

import threading
from collections.abc import Iterable
from dataclasses import dataclass, field

from worldwright.errors import ArchitectError

_BYTES_PER_TOKEN = 3
_MILLION = 1_000_000


class BudgetExceededError(ArchitectError):
    """The next call could pass the budget, so it is not made."""


@dataclass(frozen=True, slots=True)
class Prices:
    """What a server takes.

    Args:
        input: For a million tokens of requests.
        output: For a million tokens of answers.
        search: For one search of the web.
        currency: Of all three.
        as_of: The day on which they were looked up.
    """

    input: float
    output: float
    search: float = 0.0
    currency: str = "USD"
    as_of: str = ""

    def of(self, usage: Usage) -> float:
        """The price of some usage."""
        tokens = self.input * usage.tokens_in + self.output * usage.tokens_out
        return tokens / _MILLION + self.search * usage.searches


@dataclass(frozen=True, slots=True)
class Usage:
    """Tokens in and out, and searches of the web."""

    tokens_in: int = 0
    tokens_out: int = 0
    searches: int = 0

    def __add__(self, other: Usage) -> Usage:
        return Usage(
            self.tokens_in + other.tokens_in,
            self.tokens_out + other.tokens_out,
            self.searches + other.searches,
        )

    @property
    def tokens(self) -> int:
        """Tokens in and out."""
        return self.tokens_in + self.tokens_out


@dataclass(frozen=True, slots=True)
class Budget:
    """The most that one piece of authoring may use.

    Args:
        calls: Requests sent, retries included.
        tokens: Tokens in and out, over all requests.
        money: What they cost, in the currency of the prices; None sets no limit.
    """

    calls: int = 40
    tokens: int = 1_500_000
    money: float | None = None


@dataclass(frozen=True, slots=True)
class Attempt:
    """One request that was sent.

    Args:
        outcome: `ok`, or in a word why there was no answer (`status 429`, `timeout`, `connection`, …).
        usage: What it used.
        estimated: Whether the usage is our estimate, because the server reported none. A request that
            timed out may have been answered and billed, so it counts as a full answer.
        cassette: The recording of it; "" where there is none.
    """

    outcome: str
    usage: Usage
    estimated: bool
    cassette: str = ""


def estimate(texts: Iterable[str]) -> int:
    """Roughly the tokens of some texts, on the high side: one for every three bytes of UTF-8."""
    return sum(-(-len(text.encode(errors="replace")) // _BYTES_PER_TOKEN) for text in texts)


@dataclass(slots=True)
class Ledger:
    """The attempts made under a budget. Requests in flight count as what was reserved for them.

    Raises:
        ArchitectError: for a limit on money without prices.
    """

    budget: Budget
    prices: Prices | None = None
    attempts: list[Attempt] = field(default_factory=list[Attempt])
    _reserved: list[Usage] = field(default_factory=list[Usage])
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False)

    def __post_init__(self) -> None:
        if self.budget.money is not None and self.prices is None:
            raise ArchitectError(
                "a limit on money needs prices",
                why="servers report tokens, not what they cost",
                help="give `prices: {input: …, output: …}` in model.yaml, or limit calls and tokens",
            )

    @property
    def calls(self) -> int:
        """Requests sent."""
        return len(self.attempts)

    @property
    def usage(self) -> Usage:
        """What all attempts used; estimates where the server reported nothing."""
        return sum((attempt.usage for attempt in self.attempts), Usage())

    @property
    def tokens(self) -> int:
        """Tokens used, in and out."""
        return self.usage.tokens

    @property
    def cost(self) -> float | None:
        """What the attempts cost; None without prices."""
        return None if self.prices is None else self.prices.of(self.usage)

    def reserve(self, most: Usage) -> Usage:
        """Let the next request pass, and set aside what it may use until `settle`.

        Raises:
            BudgetExceededError: when it could pass the budget.
        """
        with self._lock:
            calls = self.calls + len(self._reserved)
            if calls >= self.budget.calls:
                raise BudgetExceededError(
                    f"the budget of {self.budget.calls} calls to the model is used up",
                    help="allow more calls: --max-calls",
                )
            so_far = sum(self._reserved, self.usage)
            if so_far.tokens + most.tokens > self.budget.tokens:
                raise BudgetExceededError(
                    f"the next call could use {most.tokens:,} tokens; "
                    f"{max(0, self.budget.tokens - so_far.tokens):,} of {self.budget.tokens:,} are left",
                    help="allow more tokens (--max-tokens), or set a lower `answer_tokens` in model.yaml",
                )
            self._within_money(so_far, most)
            self._reserved.append(most)
            return most

    def settle(self, reserved: Usage, attempt: Attempt) -> None:
        """Add an attempt, whatever came of it, in place of what was set aside for it."""
        with self._lock:
            self._reserved.remove(reserved)
            self.attempts.append(attempt)

    def release(self, reserved: Usage) -> None:
        """Give back what was set aside for a request that was never sent."""
        with self._lock:
            self._reserved.remove(reserved)

    def _within_money(self, so_far: Usage, most: Usage) -> None:
        if self.budget.money is None or self.prices is None:
            return
        spent, next_one = self.prices.of(so_far), self.prices.of(most)
        if spent + next_one > self.budget.money:
            money, left = self.budget.money, max(0.0, self.budget.money - spent)
            raise BudgetExceededError(
                f"the next call could cost {next_one:.2f} {self.prices.currency}; "
                f"{left:.2f} of {money:.2f} are left",
                help="allow more money: --max-cost",
            )
