"""The protocol that everything which turns text into vectors keeps."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

Vectors = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class ModelIdentity:
    """What vectors depend on; two indexes with the same identity hold comparable vectors.

    ``sha256`` is of the model's weights. ``max_tokens`` is where texts are cut off.
    """

    name: str
    sha256: str
    dimension: int
    max_tokens: int
    pooling: str
    query_prompt: str
    passage_prompt: str


def with_prompts(identity: ModelIdentity, name: str, query_prompt: str, passage_prompt: str) -> ModelIdentity:
    """The identity under the settings' name and prompts; an empty prompt keeps the model's own."""
    return replace(
        identity,
        name=name,
        query_prompt=query_prompt or identity.query_prompt,
        passage_prompt=passage_prompt or identity.passage_prompt,
    )


class Encoder(Protocol):
    """Texts -> unit vectors, so that an inner product is a cosine."""

    @property
    def identity(self) -> ModelIdentity: ...

    def encode(self, texts: Sequence[str], on_progress: Callable[[int], None] | None = None) -> Vectors:
        """``float32[len(texts), dimension]``, rows of length 1, in the order given.

        ``on_progress`` is called with the number of texts done since the last call.
        """
        ...

    def encode_query(self, question: str) -> Vectors:
        """``float32[dimension]``, the question with the model's query prompt."""
        ...


def embed_by_length(
    embed: Callable[[list[str]], Vectors],
    texts: Sequence[str],
    prompt: str,
    step: int,
    dimension: int,
    on_progress: Callable[[int], None] | None,
) -> Vectors:
    """``embed`` over ``texts``, ``step`` at a time, texts of one length together so that no padding is wasted.

    ``float32[len(texts), dimension]`` in the order of ``texts``. Longest first: running out of memory happens at
    the start or not at all.
    """
    vectors = np.empty((len(texts), dimension), dtype=np.float32)
    order = sorted(range(len(texts)), key=lambda position: -len(texts[position]))
    for begin in range(0, len(order), step):
        chosen = order[begin : begin + step]
        vectors[chosen] = embed([prompt + texts[position] for position in chosen])
        if on_progress:
            on_progress(len(chosen))
    return vectors
