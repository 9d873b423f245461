"""`python -m qabot.evaluation.train_cross_encoder DEVSET TRAINSET`: the low-rank adapter of the answer scorer.

LoRA (Hu et al., 2021, arXiv:2106.09685) on every linear layer of the default embedding model, with a head that says
whether a sentence answers a question and where in it the answer stands. The result is merged into the model when it
is exported (qabot/embedding/cross_encoder_export.py).
"""

from __future__ import annotations

import argparse
import random
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from qabot.embedding import find_model
from qabot.embedding.cross_encoder import ADAPTER_FILE
from qabot.evaluation.training_pairs import Pair, make_pairs, read_gold_articles, read_squad
from qabot.settings import DEFAULT_MODEL

RANK = 16
EPOCHS = 2
BATCH = 32
LEARNING_RATE = 1e-3
MAX_TOKENS = 160
POSITIVE_WEIGHT = 2.0
SPAN_WEIGHT = 0.5
_WARM_UP = 0.06


def linear_layers(model: Any) -> list[str]:
    """The names of a BERT model's linear layers that the adapter changes."""
    kinds = ("query", "key", "value", "attention.output.dense", "intermediate.dense", "output.dense")
    return [
        name
        for name, module in model.named_modules()
        if name.startswith("encoder.layer.") and name.endswith(kinds) and hasattr(module, "in_features")
    ]


def train(pairs: Sequence[Pair], folder: Path, *, epochs: float = EPOCHS, seed: int = 0) -> dict[str, Any]:
    """The adapter's tensors by name, float16. ``folder`` holds the base model."""
    import torch
    from tokenizers import Tokenizer
    from transformers import AutoModel

    torch.manual_seed(seed)
    chance = random.Random(seed)
    model = AutoModel.from_pretrained(str(folder), attn_implementation="sdpa")
    for weight in model.parameters():
        weight.requires_grad_(False)
    adapters = {name: _with_adapter(model, name, torch) for name in linear_layers(model)}
    head = torch.nn.Linear(model.config.hidden_size, 3)
    tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    tokenizer.enable_truncation(MAX_TOKENS)
    tokenizer.no_padding()
    encoded = [_encode(pair, tokenizer) for pair in pairs]
    learned = [*head.parameters(), *(weight for adapter in adapters.values() for weight in adapter)]
    steps = int(epochs * len(pairs) / BATCH)
    optimizer = torch.optim.AdamW(learned, lr=LEARNING_RATE, weight_decay=0.01)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, LEARNING_RATE, total_steps=steps + 1, pct_start=_WARM_UP)
    weight_of = torch.tensor(POSITIVE_WEIGHT)
    model.train()
    began, running = time.time(), 0.0
    for step, batch in enumerate(_batches(encoded, steps, chance), 1):
        ids, kinds, mask, labels, starts, ends, inside = _tensors(batch, torch)
        with torch.autocast("cpu", dtype=torch.bfloat16):
            hidden = model(input_ids=ids, token_type_ids=kinds, attention_mask=mask).last_hidden_state
        logits = head(hidden.float())
        loss = torch.nn.functional.binary_cross_entropy_with_logits(logits[:, 0, 0], labels, pos_weight=weight_of)
        answering = starts >= 0
        if answering.any():
            spans = logits[answering][:, :, 1:].masked_fill(~inside[answering].unsqueeze(-1), -1e4)
            cross_entropy = torch.nn.functional.cross_entropy
            wrong = cross_entropy(spans[:, :, 0], starts[answering]) + cross_entropy(spans[:, :, 1], ends[answering])
            loss = loss + SPAN_WEIGHT * wrong / 2
        optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(learned, 1.0)
        optimizer.step()
        schedule.step()
        running = loss.item() if step == 1 else 0.98 * running + 0.02 * loss.item()
        if step % 50 == 0:
            print(f"step {step} of {steps}: loss {running:.3f}, {time.time() - began:.0f} s", flush=True)
    tensors = {"head.weight": head.weight, "head.bias": head.bias}
    for name, (down, up) in adapters.items():
        tensors[f"{name}.down"], tensors[f"{name}.up"] = down, up
    return {name: tensor.detach().to(torch.float16).contiguous() for name, tensor in tensors.items()}


def _with_adapter(model: Any, name: str, torch: Any) -> tuple[Any, Any]:
    """Adds ``up @ down`` to a linear layer's weight, and gives the two matrices."""
    layer = model.get_submodule(name)
    down = torch.nn.Parameter(torch.randn(RANK, layer.in_features) / layer.in_features**0.5)
    up = torch.nn.Parameter(torch.zeros(layer.out_features, RANK))
    layer.register_forward_hook(lambda _, inputs, output: output + (inputs[0] @ down.T) @ up.T)
    return down, up


def _encode(pair: Pair, tokenizer: Any) -> tuple[list[int], list[int], bool, int, int]:
    encoding = tokenizer.encode(pair.question, pair.text)
    start = end = -1
    if pair.span:
        covering = [
            n
            for n, (begin, stop) in enumerate(encoding.offsets)
            if encoding.sequence_ids[n] == 1 and begin < pair.span[1] and stop > pair.span[0]
        ]
        if covering:
            start, end = covering[0], covering[-1]
    return encoding.ids, encoding.type_ids, pair.span is not None, start, end


def _batches(encoded: Sequence[Any], steps: int, chance: random.Random) -> Iterator[list[Any]]:
    """Batches of like length, in random order, epoch after epoch."""
    done = 0
    while done < steps:
        order = sorted(range(len(encoded)), key=lambda n: len(encoded[n][0]) + chance.random() * 8)
        batches = [order[n : n + BATCH] for n in range(0, len(order), BATCH)]
        chance.shuffle(batches)
        for batch in batches[: steps - done]:
            yield [encoded[n] for n in batch]
            done += 1


def _tensors(batch: Sequence[Any], torch: Any) -> tuple[Any, ...]:
    longest = max(len(ids) for ids, *_ in batch)
    ids, kinds, mask = (np.zeros((len(batch), longest), dtype=np.int64) for _ in range(3))
    for row, (own, types, *_) in enumerate(batch):
        ids[row, : len(own)], kinds[row, : len(own)], mask[row, : len(own)] = own, types, 1
    labels = torch.tensor([float(positive) for *_, positive, _, _ in batch])
    starts, ends = (torch.tensor([row[n] for row in batch]) for n in (3, 4))
    arrays = [torch.from_numpy(array) for array in (ids, kinds, mask)]
    return (*arrays, labels, starts, ends, arrays[1] == 1)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("devset", type=Path, help="folder with seeds/ and qa.jsonl")
    parser.add_argument("trainset", type=Path, help="a file in SQuAD 2.0's format")
    parser.add_argument("--out", type=Path, default=ADAPTER_FILE)
    parser.add_argument("--leave-out", default="", help="titles not to train on, comma-separated (cross-validation)")
    parser.add_argument("--epochs", type=float, default=EPOCHS)
    arguments = parser.parse_args()

    from safetensors.torch import save_file

    from qabot.embedding.torch_encoder import TorchEncoder

    folder = find_model(DEFAULT_MODEL)
    left_out = set(filter(None, arguments.leave_out.split(",")))
    articles = [
        *read_gold_articles(arguments.devset / "seeds", arguments.devset / "qa.jsonl"),
        *read_squad(arguments.trainset),
    ]
    encoder = TorchEncoder(folder, DEFAULT_MODEL)
    pairs = [pair for article in articles if article.title not in left_out for pair in make_pairs(article, encoder)]
    print(f"{len(pairs)} pairs, {sum(pair.span is not None for pair in pairs)} of them answers", flush=True)
    save_file(train(pairs, folder, epochs=arguments.epochs), str(arguments.out))


if __name__ == "__main__":
    main()
