"""How much one client may ask for at once, so that the others get their turn."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import anyio
from mcp.server.auth.middleware.auth_context import get_access_token
from mcp.server.context import CallNext, HandlerResult, ServerRequestContext
from mcp.shared.exceptions import MCPError

AT_ONCE = 3
WAITING = 32
TOO_MANY = -32000
_WORK = ("tools/call", "resources/read", "prompts/get")


@dataclass
class _Share:
    at_work: anyio.CapacityLimiter
    asked: int = 0


@dataclass
class Limits:
    """Calls of one client at work and waiting; whoever has more is refused until some are done.

    A client is who holds a token; without tokens (on standard input and output) there is one.
    """

    at_once: int = AT_ONCE
    waiting: int = WAITING
    _shares: dict[str, _Share] = field(default_factory=dict[str, _Share])

    async def __call__(self, ctx: ServerRequestContext[Any, Any], call_next: CallNext) -> HandlerResult:
        """Let a request through in its turn.

        Raises:
            MCPError: when this client has too many under way.
        """
        if ctx.method not in _WORK:
            return await call_next(ctx)
        token = get_access_token()
        client = token.client_id if token is not None else ""
        share = self._shares.setdefault(client, _Share(anyio.CapacityLimiter(self.at_once)))
        if share.asked >= self.at_once + self.waiting:
            raise MCPError(
                TOO_MANY,
                f"you have {share.asked} calls under way, and no more are taken; wait for some to end",
            )
        share.asked += 1
        try:
            async with share.at_work:
                return await call_next(ctx)
        finally:
            share.asked -= 1
