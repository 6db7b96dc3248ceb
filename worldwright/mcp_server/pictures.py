"""Pictures as answers."""

from __future__ import annotations

import base64
from typing import Any

from mcp_types import ImageContent
from pydantic import BaseModel, PrivateAttr


class Picture(BaseModel):
    """An answer that is looked at."""

    shows: str
    _png: bytes = PrivateAttr(default=b"")

    @classmethod
    def of(cls, png: bytes, **fields: Any) -> Picture:
        """An answer with its picture."""
        answer = cls(**fields)
        answer._png = png
        return answer

    def block(self) -> ImageContent:
        """The picture as content of a result."""
        return ImageContent(type="image", data=base64.b64encode(self._png).decode(), mime_type="image/png")
