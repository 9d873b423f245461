"""The default model with the answer adapter merged in -> an ONNX file that reads a question and a sentence together."""

from __future__ import annotations

import contextlib
import io
import logging
import tempfile
import warnings
from pathlib import Path
from typing import Any

from qabot.embedding.cross_encoder import ADAPTER_FILE, CrossEncoder, cross_encoder_file
from qabot.embedding.exported import exporting, note_scorer, scorer_fault
from qabot.errors import ModelError
from qabot.files import make_way, put_in_place

# Weights of seven bits: less than half the time, and the same choices (docs/evaluation.md).
_AGREEMENT = 1.5  # logits; rounding moves a score by a few tenths, a broken file by more


def linear_layers(model: Any) -> list[str]:
    """The names of a BERT model's linear layers that the adapter changes."""
    kinds = ("query", "key", "value", "attention.output.dense", "intermediate.dense", "output.dense")
    return [
        name
        for name, module in model.named_modules()
        if name.startswith("encoder.layer.") and name.endswith(kinds) and hasattr(module, "in_features")
    ]


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
        whole, small = Path(aside) / "whole.onnx", Path(aside) / "small.onnx"
        expected = _write_graph(folder, adapter, whole)
        _quantise(whole, small)
        _check(CrossEncoder(small, target), expected)
        put_in_place(small, file)
        note_scorer(file)
    for older in target.glob("cross-encoder-*"):
        if not older.name.startswith(file.name):
            make_way(older)
    return file


def _write_graph(folder: Path, adapter: Path, file: Path) -> Any:
    """Writes the merged model; gives a function of a batch of inputs to its logits, to compare with."""
    import torch
    from safetensors.torch import load_file
    from transformers import AutoModel
    from transformers.utils import logging as transformers_logging

    transformers_logging.disable_progress_bar()  # type: ignore[no-untyped-call,unused-ignore]
    # The plain attention: the fused one exports to operators that quantisation does not cover.
    transformer = AutoModel.from_pretrained(str(folder), attn_implementation="eager").eval()
    learned = {name: tensor.float() for name, tensor in load_file(str(adapter)).items()}
    head = torch.nn.Linear(transformer.config.hidden_size, 3)
    with torch.no_grad():
        head.weight.copy_(learned["head.weight"])
        head.bias.copy_(learned["head.bias"])
        for name in linear_layers(transformer):
            transformer.get_submodule(name).weight += learned[f"{name}.up"] @ learned[f"{name}.down"]

    class Scorer(torch.nn.Module):  # type: ignore[misc,unused-ignore]
        def __init__(self) -> None:
            super().__init__()
            self.transformer, self.head = transformer, head

        def forward(self, input_ids: Any, token_type_ids: Any, attention_mask: Any) -> Any:
            states = self.transformer(
                input_ids=input_ids, token_type_ids=token_type_ids, attention_mask=attention_mask
            ).last_hidden_state
            return self.head(states)

    scorer = Scorer().eval()
    names = ("input_ids", "token_type_ids", "attention_mask")
    inputs = {name: torch.ones((2, 9), dtype=torch.int64) for name in names}
    batch, length = torch.export.Dim("batch"), torch.export.Dim("length", max=256)
    logging.getLogger("torch.onnx").setLevel(logging.ERROR)
    with warnings.catch_warnings(), contextlib.redirect_stdout(io.StringIO()), torch.no_grad():
        warnings.simplefilter("ignore")
        program: Any = torch.onnx.export(
            scorer,
            kwargs=inputs,
            dynamic_shapes={name: {0: batch, 1: length} for name in names},
            input_names=list(names),
            output_names=["logits"],
            dynamo=True,
            verbose=False,
        )
        program.save(str(file), external_data=False)

    def logits(arrays: dict[str, Any]) -> Any:
        with torch.no_grad():
            return scorer(**{name: torch.from_numpy(array) for name, array in arrays.items()}).numpy()

    return logits


def _quantise(whole: Path, small: Path) -> None:
    from onnxruntime.quantization import QuantType, quantize_dynamic

    root = logging.getLogger()
    level = root.level
    root.setLevel(logging.ERROR)  # it advises, on the root logger, a step that changes nothing here
    try:
        # One bit is left free: with all eight, sums overflow on processors without VNNI, and the same question would be
        # answered otherwise there (onnxruntime.ai, "Quantize ONNX models").
        quantize_dynamic(str(whole), str(small), weight_type=QuantType.QInt8, per_channel=True, reduce_range=True)
    finally:
        root.setLevel(level)


def _check(exported: CrossEncoder, expected: Any) -> None:
    pairs = [
        ("Who spoke of a way out?", "A general spoke on Monday of a way out of the war, which he would not name."),
        ("How much was given?", "The figures differ: $61.4 billion, said one; “nearly $100 billion”, said another."),
        ("Where is the new bridge?", "Bread is made of flour, and the mill by the river has been closed since May."),
    ]
    for question, text in pairs:
        arrays = exported.inputs(question, [text])[1]
        difference = abs(exported.logits(arrays)[:, 0, 0] - expected(arrays)[:, 0, 0]).max()
        if difference > _AGREEMENT:
            raise ModelError(f"The answer scorer's ONNX export disagrees with it (by {difference:.2f}).")
