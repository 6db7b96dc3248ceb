"""An object store as the mirror needs it: names and their bytes, and errors that say what to do.

This module is the one home of obstore. Credentials and region are those of the standard variables AWS_…,
which obstore reads itself; none of them enters a message.
"""

from __future__ import annotations

import importlib
import re
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from worldwright.errors import StoreError, UsageError

if TYPE_CHECKING:
    from obstore.store import ObjectStore

_BUCKET = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{1,253}[A-Za-z0-9]")
_STATUS = re.compile(r"<Code>(\w+)</Code>(?:\s*<Message>([^<]*)</Message>)?")
_KEYLESS = re.compile("credential|Missing(AccessKeyId| AccessKeyId| SecretAccessKey)", re.IGNORECASE)
_HELP = "write s3://BUCKET/FOLDER, or file:///FOLDER for a folder"
_CREDENTIALS = (
    "set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or AWS_SKIP_SIGNATURE=true for a public bucket"
)
_BLOCK = 8 << 20
"""Bytes in memory of a file on its way; also the size of the pieces it is sent in."""
_UNREACHABLE = ("error sending request", "connect", "dns", "timed out", "timeout")


class Remote:
    """A folder of an object store.

    Args:
        address: Such as `s3://bucket/folder`.
        endpoint: The URL of a store that is not Amazon's, such as `https://minio.example.org`.
        retries: How often a request that failed on its way is tried again.

    Raises:
        UsageError: if there is no such address, or obstore is not installed.
    """

    def __init__(self, address: str, endpoint: str | None = None, retries: int = 5) -> None:
        self.address = address.rstrip("/")
        _require_obstore()
        with self._told("the mirror could not be opened"):
            self._store = _open(address, endpoint, retries)

    def read(self, name: str) -> bytes | None:
        """The bytes under a name, or None."""
        import obstore

        with self._told(f"{name} could not be read"):
            try:
                return bytes(obstore.get(self._store, name).bytes())
            except FileNotFoundError as error:
                return self._nothing(error)

    def size(self, name: str) -> int | None:
        """How many bytes are under a name, or None."""
        import obstore

        with self._told(f"{name} could not be looked for"):
            try:
                return int(obstore.head(self._store, name)["size"])
            except FileNotFoundError as error:
                return self._nothing(error)

    def names(self, prefix: str) -> Iterator[str]:
        """All names in a folder and below, in no order."""
        import obstore

        with self._told("the mirror could not be listed"):
            for found in obstore.list(self._store, prefix, chunk_size=1000):
                yield from (item["path"] for item in found)

    def create(self, name: str, content: bytes) -> bool:
        """Put bytes under a name that is free; whether it was."""
        import obstore
        from obstore.exceptions import AlreadyExistsError

        with self._told(f"{name} could not be written"):
            try:
                obstore.put(self._store, name, content, mode="create", use_multipart=False)
            except AlreadyExistsError:
                return False
        return True

    def replace(self, name: str, content: bytes) -> None:
        """Put bytes under a name, whatever was there."""
        import obstore

        with self._told(f"{name} could not be written"):
            obstore.put(self._store, name, content, use_multipart=False)

    def upload(self, name: str, file: Path) -> None:
        """Put a file's bytes under a name, in pieces if it is large; nobody sees a part of it."""
        import obstore

        with self._told(f"{name} could not be written"):
            obstore.put(self._store, name, file, chunk_size=_BLOCK, max_concurrency=2)

    def download(self, name: str, file: Path) -> None:
        """Write the bytes under a name into a new file, in pieces.

        Raises:
            StoreError: if there is nothing under this name.
        """
        import obstore

        with self._told(f"{name} could not be read"):
            try:
                stream = obstore.get(self._store, name).stream(min_chunk_size=_BLOCK)
            except FileNotFoundError as error:
                self._nothing(error)
                raise StoreError(
                    "the mirror is incomplete", where=self.at(name), why="it is missing"
                ) from None
            with file.open("xb") as target:
                for piece in stream:
                    target.write(piece)

    def at(self, name: str) -> str:
        """The full address of a name."""
        return f"{self.address}/{name}"

    def _nothing(self, error: FileNotFoundError) -> None:
        if "NoSuchBucket" in str(error):
            raise self._no_bucket() from None

    def _no_bucket(self) -> StoreError:
        bucket = urlsplit(self.address).netloc
        return StoreError(
            f"there is no bucket {bucket!r}",
            where=self.address,
            help="make the bucket, or correct the address; a store that is not Amazon's needs its endpoint",
        )

    @contextmanager
    def _told(self, what: str) -> Generator[None]:
        """Turn what obstore raises into an error that says what to do."""
        from obstore.exceptions import BaseError

        try:
            yield
        except (BaseError, FileNotFoundError) as error:
            raise self._explained(what, str(error).split("\n\nDebug source")[0]) from None

    def _explained(self, what: str, text: str) -> StoreError:
        status = _STATUS.search(text)
        code, message = (status[1], status[2]) if status else ("", "")
        if code == "NoSuchBucket":
            return self._no_bucket()
        if "/latest/api/token" in text or "/latest/meta-data" in text or _KEYLESS.search(text):
            return StoreError(
                "there are no credentials for the mirror", where=self.address, help=_CREDENTIALS
            )
        if code or re.search(r"40[13] (Unauthorized|Forbidden)", text):
            why = ": ".join(part for part in (code, message) if part) or "it gives no reason"
            help = f"check what these credentials may do; {_CREDENTIALS}"
            return StoreError(f"the mirror refuses: {what}", where=self.address, why=why, help=help)
        if any(sign in text.lower() for sign in _UNREACHABLE):
            return StoreError(
                "the mirror cannot be reached",
                where=self.address,
                why=text.split(" - ")[-1].splitlines()[0],
                help="check the network, and the endpoint (AWS_ENDPOINT_URL) if the store is not Amazon's",
            )
        return StoreError(what, where=self.address, why=text.splitlines()[0])


def _require_obstore() -> None:
    try:
        importlib.import_module("obstore.store")
    except ImportError:
        raise UsageError(
            "a mirror needs obstore, which is not installed", help="pip install 'worldwright[s3]'"
        ) from None


def _open(address: str, endpoint: str | None, retries: int) -> ObjectStore:
    from obstore.store import LocalStore, S3Store

    parts = urlsplit(address)
    if parts.scheme == "file" and not parts.netloc and len(parts.path) > 1:
        return LocalStore(parts.path, mkdir=True)
    if parts.scheme != "s3" or parts.query or parts.fragment or not _BUCKET.fullmatch(parts.netloc):
        raise UsageError(f"{address!r} is no address of a mirror", help=_HELP)
    settings: dict[str, Any] = {}
    if endpoint is not None:
        if urlsplit(endpoint).scheme not in ("http", "https"):
            raise UsageError(
                f"{endpoint!r} is no endpoint", help="write the URL of the object store: https://…"
            )
        settings["endpoint"] = endpoint
    return S3Store(
        parts.netloc,
        prefix=parts.path.strip("/") or None,
        client_options={
            "allow_http": (endpoint or "").startswith("http://"),
            "connect_timeout": "10s",
            "timeout": "300s",
        },
        retry_config={"max_retries": retries, "retry_timeout": timedelta(seconds=120)},
        **settings,
    )
