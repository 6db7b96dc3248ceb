"""A real OpenAI-compatible server on 127.0.0.1 (llama.cpp) with a model of random weights, made on the spot.

The model knows nothing: what it says is noise that the server's grammar forces into the schema it is given.
"""

from __future__ import annotations

import importlib
import socket
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

CONTEXT = 16_384
_TEMPLATE = "{% for m in messages %}<{{ m.role }}>{{ m.content }}\n{% endfor %}"


def write_model(path: Path, seed: int, *, layers: int = 1, width: int = 32) -> None:
    """A llama of one layer over single bytes, with weights drawn from a seed."""
    from gguf import GGUFWriter, TokenType

    writer = GGUFWriter(str(path), "llama")
    writer.add_name("random")
    writer.add_context_length(CONTEXT)
    writer.add_embedding_length(width)
    writer.add_block_count(layers)
    writer.add_feed_forward_length(2 * width)
    writer.add_head_count(2)
    writer.add_head_count_kv(2)
    writer.add_layer_norm_rms_eps(1e-5)
    writer.add_rope_dimension_count(width // 2)
    writer.add_file_type(0)
    tokens = [b"<unk>", b"<s>", b"</s>", *(f"<0x{byte:02X}>".encode() for byte in range(256))]
    kinds = [TokenType.UNKNOWN, TokenType.CONTROL, TokenType.CONTROL, *[TokenType.BYTE] * 256]
    writer.add_tokenizer_model("llama")
    writer.add_token_list(tokens)
    writer.add_token_scores([0.0] * len(tokens))
    writer.add_token_types([int(kind) for kind in kinds])
    writer.add_bos_token_id(1)
    writer.add_eos_token_id(2)
    writer.add_unk_token_id(0)
    writer.add_add_space_prefix(False)
    writer.add_chat_template(_TEMPLATE)
    random = np.random.default_rng(seed)

    def tensor(name: str, *shape: int) -> None:
        writer.add_tensor(name, random.standard_normal(shape).astype(np.float32) * np.float32(0.3))

    # The first dimension is a constant: by it, bytes that are not printable ASCII are never said.
    said = np.array([3 + byte for byte in range(32, 127)])
    embedding, output = (random.standard_normal((len(tokens), width)).astype(np.float32) for _ in range(2))
    embedding[:, 0] = 10
    output[:, 0] = -20
    output[said, 0] = 0
    output[2, 0] = 0
    writer.add_tensor("token_embd.weight", embedding)
    writer.add_tensor("output.weight", output)
    writer.add_tensor("output_norm.weight", np.ones(width, np.float32))
    for layer in range(layers):
        block = f"blk.{layer}"
        for name in ("attn_norm", "ffn_norm"):
            writer.add_tensor(f"{block}.{name}.weight", np.ones(width, np.float32))
        for name in ("attn_q", "attn_k", "attn_v", "attn_output"):
            tensor(f"{block}.{name}.weight", width, width)
        tensor(f"{block}.ffn_gate.weight", 2 * width, width)
        tensor(f"{block}.ffn_up.weight", 2 * width, width)
        tensor(f"{block}.ffn_down.weight", width, 2 * width)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


@contextmanager
def serving_model(path: Path, seed: int) -> Generator[str]:
    """The address of a server of a model; the same seed says the same."""
    llama: Any = importlib.import_module("xllamacpp")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    params = llama.CommonParams()
    params.model.path = str(path)
    params.model_alias = {"random"}
    params.hostnames = ["127.0.0.1"]
    params.port = port
    params.n_ctx = CONTEXT
    params.n_parallel = 1
    params.cpuparams.n_threads = 1
    params.cpuparams_batch.n_threads = 1
    params.sampling.seed = seed
    params.warmup = False
    params.verbosity = -1
    server = llama.Server(params)
    try:
        yield f"{server.listening_address}/v1"
    finally:
        del server
