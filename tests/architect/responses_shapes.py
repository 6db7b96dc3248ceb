"""Responses as OpenAI's servers send them, written by hand; a test reads each with the SDK's own models."""

from __future__ import annotations

import json
from typing import Any

from .model_server import Answer

SEARCHED = ["https://www.destatis.de/aerzte?utm_source=openai", "https://who.int/data"]


def response(*output: dict[str, Any], **more: Any) -> dict[str, Any]:
    """A response with some output items."""
    return {
        "id": "resp_67ccd2bed1ec8190",
        "object": "response",
        "created_at": 1763640000,
        "status": "completed",
        "error": None,
        "incomplete_details": None,
        "instructions": None,
        "max_output_tokens": 1000,
        "metadata": {},
        "model": "gpt-large-2026-10-01",
        "output": list(output),
        "parallel_tool_calls": True,
        "previous_response_id": None,
        "reasoning": {"effort": "low", "summary": None},
        "store": False,
        "temperature": 1.0,
        "text": {"format": {"type": "text"}},
        "tool_choice": "auto",
        "tools": [],
        "top_p": 1.0,
        "truncation": "disabled",
        "usage": {
            "input_tokens": 320,
            "input_tokens_details": {"cached_tokens": 0, "cache_write_tokens": 0},
            "output_tokens": 80,
            "output_tokens_details": {"reasoning_tokens": 40},
            "total_tokens": 400,
        },
        "user": None,
        **more,
    }


def reasoning() -> dict[str, Any]:
    """What a reasoning model sends before its answer."""
    return {"type": "reasoning", "id": "rs_1", "summary": []}


def message(text: str, *annotations: dict[str, Any]) -> dict[str, Any]:
    """A message of text."""
    content = {"type": "output_text", "text": text, "annotations": list(annotations), "logprobs": []}
    return {
        "type": "message",
        "id": "msg_1",
        "role": "assistant",
        "status": "completed",
        "content": [content],
    }


def refusal(text: str) -> dict[str, Any]:
    """A message in which the model declines."""
    content = {"type": "refusal", "refusal": text}
    return {
        "type": "message",
        "id": "msg_1",
        "role": "assistant",
        "status": "completed",
        "content": [content],
    }


def cited(url: str, title: str) -> dict[str, Any]:
    """A citation in a message."""
    return {"type": "url_citation", "start_index": 0, "end_index": 4, "url": url, "title": title}


def search(*urls: str) -> dict[str, Any]:
    """A search of the web with the pages it returned."""
    action = {
        "type": "search",
        "query": "surgeons germany age",
        "sources": [{"type": "url", "url": url} for url in urls],
    }
    return {"type": "web_search_call", "id": "ws_1", "status": "completed", "action": action}


def opened(url: str) -> dict[str, Any]:
    """A page that was opened."""
    action = {"type": "open_page", "url": url}
    return {"type": "web_search_call", "id": "ws_2", "status": "completed", "action": action}


def sent(body: dict[str, Any]) -> Answer:
    """It, over the wire."""
    return Answer(body=json.dumps(body).encode())


def form(**fields: Any) -> Answer:
    """A response that holds a form."""
    return sent(response(message(json.dumps(fields))))


def found(research: dict[str, Any], *urls: str) -> Answer:
    """A response that searched, and holds what it found."""
    return sent(response(search(*urls), message(json.dumps(research))))
