"""The default model with the answer adapter merged in -> an ONNX file that reads a question and a sentence together."""

from __future__ import annotations

import tempfile
from pathlib import Path

import numpy as np

from qabot.embedding.bert_graph import Weights, scorer_graph
from qabot.embedding.cross_encoder import ADAPTER_FILE, CrossEncoder, cross_encoder_file
from qabot.embedding.exported import exporting, note_scorer, scorer_fault
from qabot.embedding.find_model import weights_file
from qabot.errors import ModelError
from qabot.files import make_way, put_in_place

_AGREEMENT = 1.5  # logits; rounding moves a score by a few tenths, a broken file by more


def export_cross_encoder(folder: Path, target: Path, adapter: Path = ADAPTER_FILE) -> Path:
    """Merges ``adapter`` into the model in ``folder`` and writes it, quantised, into the folder ``target``.

    ``target`` holds the tokenizer already. Written aside and renamed; one that was damaged since is
    made anew. Raises ModelError.
    """
    file = cross_encoder_file(target, adapter)
    if not scorer_fault(file):
        return file
    with (
        exporting(target.parent, "The answer scorer", "The answer scorer's export", target),
        tempfile.TemporaryDirectory(prefix=".export-", dir=target.parent) as aside,
    ):
        if not scorer_fault(file):  # another process has made it meanwhile
            return file
        small, whole = Path(aside) / "small.onnx", Path(aside) / "whole.onnx"
        write_scorer(weights_file(folder), adapter, small, whole)
        _check(CrossEncoder(small, target), CrossEncoder(whole, target))
        put_in_place(small, file)
        note_scorer(file)
    for older in target.glob("cross-encoder-*"):
        if not older.name.startswith(file.name):
            make_way(older)
    return file


def write_scorer(weights: Path, adapter: Path, small: Path, whole: Path) -> None:
    """The model with the adapter merged in, quantised and as it is."""
    import onnx
    from safetensors.numpy import load_file

    learned = {name: values.astype(np.float32) for name, values in load_file(adapter).items()}
    merged = _merged(load_file(weights), learned)
    onnx.save_model(scorer_graph(merged, learned, quantised=True), str(small))
    onnx.save_model(scorer_graph(merged, learned, quantised=False), str(whole))


def _merged(weights: Weights, learned: Weights) -> Weights:
    merged = dict(weights)
    for layer in (name.removesuffix(".up") for name in learned if name.endswith(".up")):
        merged[f"{layer}.weight"] = weights[f"{layer}.weight"] + learned[f"{layer}.up"] @ learned[f"{layer}.down"]
    return merged


def _check(quantised: CrossEncoder, whole: CrossEncoder) -> None:
    pairs = [
        ("Who spoke of a way out?", "A general spoke on Monday of a way out of the war, which he would not name."),
        ("How much was given?", "The figures differ: $61.4 billion, said one; “nearly $100 billion”, said another."),
        ("Where is the new bridge?", "Bread is made of flour, and the mill by the river has been closed since May."),
    ]
    for ours, right in zip(quantised.read_each(pairs), whole.read_each(pairs), strict=True):
        difference = abs(ours.relevance - right.relevance)
        if not difference <= _AGREEMENT:
            raise ModelError(f"The answer scorer's ONNX export disagrees with it (by {difference:.2f}).")
