"""Streamable HTTP on this machine alone: loopback, checks of Host and Origin, and bearer tokens."""

from __future__ import annotations

import contextlib
import hashlib
import hmac
import ipaddress
import os
import secrets
import socket
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import uvicorn
from mcp.server import MCPServer
from mcp.server.auth.provider import AccessToken
from mcp.server.auth.settings import AuthSettings
from mcp.server.transport_security import TransportSecuritySettings
from pydantic import AnyHttpUrl

from worldwright.errors import UsageError

PATH = "/mcp"
MOST_BODY = 8 << 20
"""Bytes of one request."""
MOST_SESSIONS = 1_000
IDLE_SECONDS = 1800.0
SHORTEST_TOKEN = 16
TOKEN_FILE = "mcp-token"


class Tokens:
    """Who may come in: names by token. Compared in a time that does not depend on the token."""

    def __init__(self, tokens: Mapping[str, str]) -> None:
        self._names = {_digest(token): name for token, name in tokens.items()}

    async def verify_token(self, token: str) -> AccessToken | None:
        """The client of a token, or None."""
        offered = _digest(token)
        for known, name in self._names.items():
            if hmac.compare_digest(known, offered):
                return AccessToken(token=token, client_id=name, scopes=[])
        return None


def read_tokens(file: Path) -> dict[str, str]:
    """Names by token, from lines of `NAME TOKEN`, or of a token alone.

    Raises:
        UsageError: for a file that cannot be read, or a token that is too short or there twice.
    """
    try:
        lines = file.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"the tokens cannot be read: {error}", where=str(file)) from None
    found: dict[str, str] = {}
    for number, line in enumerate(lines, start=1):
        if not line.strip() or line.startswith("#"):
            continue
        name, _, token = line.strip().rpartition(" ")
        if len(token) < SHORTEST_TOKEN or token in found:
            problem = "there twice" if token in found else f"shorter than {SHORTEST_TOKEN} characters"
            raise UsageError(
                f"line {number}: the token is {problem}",
                where=str(file),
                help="make one with `python -c 'import secrets; print(secrets.token_urlsafe(32))'`",
            )
        found[token] = name.strip() or f"line {number}"
    if not found:
        raise UsageError("there is no token in it", where=str(file))
    return found


def own_token(data: Path) -> Path:
    """The file of this project's own token, made where it is missing, readable by its owner alone."""
    file = data / TOKEN_FILE
    data.mkdir(parents=True, exist_ok=True)
    with contextlib.suppress(FileExistsError):
        made = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(made, "w", encoding="utf-8") as out:
            out.write(secrets.token_urlsafe(32) + "\n")
    return file


def listening(host: str, port: int) -> socket.socket:
    """A socket on loopback.

    Raises:
        UsageError: for an address of the network, or one that is taken.
    """
    address = "127.0.0.1" if host == "localhost" else host
    try:
        loopback = ipaddress.ip_address(address).is_loopback
    except ValueError:
        loopback = False
    if not loopback:
        raise UsageError(
            f"{host!r} is not an address of this machine alone",
            why="whoever reaches the server runs programs here and reads the results",
            help="serve on 127.0.0.1, and let a proxy that knows its users, or ssh -L, lead there",
        )
    try:
        made = socket.create_server(
            (address, port), family=socket.AF_INET6 if ":" in address else socket.AF_INET
        )
    except OSError as error:
        raise UsageError(
            f"port {port} on {host} cannot be used: {error.strerror}",
            help="choose another by --port; 0 is any that is free",
        ) from None
    return made


def settings(tokens: Mapping[str, str], port: int) -> dict[str, Any]:
    """What `make_server` is to be given so that only these tokens come in."""
    return {
        "token_verifier": Tokens(tokens),
        "auth": AuthSettings(
            issuer_url=AnyHttpUrl(f"http://127.0.0.1:{port}"),
            resource_server_url=None,
            validate_token_resource=None,
        ),
    }


def serve(server: MCPServer, on: socket.socket, ready: Callable[[], None] = lambda: None) -> None:
    """Serve until the process is asked to end."""
    config = uvicorn.Config(
        app(server, on.getsockname()[1]), log_level="warning", access_log=False, timeout_graceful_shutdown=3
    )
    ready()
    uvicorn.Server(config).run(sockets=[on])


def app(server: MCPServer, port: int) -> Any:
    """The ASGI application, which knows its own port and answers to no other name."""
    names = ("127.0.0.1", "localhost", "[::1]")
    return server.streamable_http_app(
        streamable_http_path=PATH,
        max_request_body_size=MOST_BODY,
        session_idle_timeout=IDLE_SECONDS,
        max_sessions=MOST_SESSIONS,
        transport_security=TransportSecuritySettings(
            enable_dns_rebinding_protection=True,
            allowed_hosts=[f"{name}:{port}" for name in names],
            allowed_origins=[f"http://{name}:*" for name in names],
        ),
    )


def _digest(token: str) -> bytes:
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).digest()
