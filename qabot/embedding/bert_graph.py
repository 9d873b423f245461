"""The default model's weights -> ONNX graphs, operator by operator: in a second, where torch takes ten to be loaded and
twenty to trace it.

A BERT encoder (Devlin and others 2019). Attention, and the multiplication of whole numbers, are operators of
onnxruntime's own ("Contrib Operators", onnxruntime.ai).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

Values = NDArray[Any]
Weights = Mapping[str, Values]
# Name, input, weights float[in, out], biases float[out], and how large the input gets, float[in], where that is known
# -> output.
_Linear = Callable[["_Graph", str, str, Values, Values, Values | None], str]

_ONNXRUNTIME = "com.microsoft"
_OPERATORS, _FORMAT = 20, 10  # the first version of ONNX's operators with Gelu, and the format that goes with it
_HEADS, _EPSILON = 12, 1e-12
# One bit is left free: with all eight, sums overflow on processors without VNNI, and the same question would be
# answered otherwise there (onnxruntime.ai, "Quantize ONNX models").
_SEVEN_BITS, _EIGHT_BITS = 64, 127
_DEVIATIONS = 4.0  # that a value may be from its mean, where it is told how large it gets
_GELU_LEAST = 0.17  # of what is below 0


class _Graph:
    """Nodes and constants in the making; what is added gives its name."""

    def __init__(self) -> None:
        self._nodes: list[Any] = []
        self._constants: list[Any] = []

    def constant(self, name: str, values: Values) -> str:
        from onnx import numpy_helper

        self._constants.append(numpy_helper.from_array(np.ascontiguousarray(values), name))
        return name

    def node(self, operator: str, *inputs: str, name: str = "", domain: str = "", **attributes: Any) -> str:
        return self.nodes(
            operator, *inputs, names=[name or f"{operator}_{len(self._nodes)}"], domain=domain, **attributes
        )[0]

    def nodes(
        self, operator: str, *inputs: str, names: Sequence[str], domain: str = "", **attributes: Any
    ) -> Sequence[str]:
        from onnx import helper

        self._nodes.append(helper.make_node(operator, inputs, names, domain=domain, **attributes))
        return names

    def model(self, inputs: Sequence[str], output: str, shape: Sequence[str | int]) -> Any:
        """An ``onnx.ModelProto`` of ``inputs``, ``int64[batch, length]`` each, and one output of floats."""
        from onnx import TensorProto, helper

        graph = helper.make_graph(
            self._nodes,
            "bert",
            [helper.make_tensor_value_info(name, TensorProto.INT64, ["batch", "length"]) for name in inputs],
            [helper.make_tensor_value_info(output, TensorProto.FLOAT, shape)],
            self._constants,
        )
        versions = [helper.make_opsetid("", _OPERATORS), helper.make_opsetid(_ONNXRUNTIME, 1)]
        return helper.make_model(graph, opset_imports=versions, ir_version=_FORMAT)


def encoder_graph(weights: Weights) -> Any:
    """``input_ids`` and ``attention_mask`` -> ``unit_vector``, ``float32[batch, dimension]``: the mean over tokens."""
    from onnx import TensorProto

    graph = _Graph()
    words = _words(graph, weights)
    kind = graph.constant("kind", weights["embeddings.token_type_embeddings.weight"][0])
    mask = graph.node("Cast", "attention_mask", to=TensorProto.INT32)
    states = _states(graph, weights, words, kind, _linear, mask)
    last, second = graph.constant("last", np.array([-1])), graph.constant("second", np.array([1]))
    share = graph.node("Unsqueeze", graph.node("Cast", "attention_mask", to=TensorProto.FLOAT), last)
    total = graph.node("ReduceSum", graph.node("Mul", states, share), second, keepdims=0)
    mean = graph.node("Div", total, graph.node("ReduceSum", share, second, keepdims=0))
    graph.node("LpNormalization", mean, name="unit_vector", axis=-1, p=2)
    dimension = weights["embeddings.LayerNorm.weight"].shape[0]
    return graph.model(["input_ids", "attention_mask"], "unit_vector", ["batch", dimension])


def scorer_graph(weights: Weights, head: Weights, *, quantised: bool) -> Any:
    """``input_ids`` and ``token_type_ids`` of texts of one length -> ``logits``, ``float32[batch, length, 3]``.

    ``quantised`` keeps the weights in seven bits and the words in eight: less than half the time, and the same choices
    (docs/evaluation.md).
    """
    graph = _Graph()
    words = _quantised_words(graph, weights) if quantised else _words(graph, weights)
    kinds = graph.constant("kinds", weights["embeddings.token_type_embeddings.weight"])
    kind = graph.node("Gather", kinds, "token_type_ids")
    states = _states(graph, weights, words, kind, _quantised_linear if quantised else _linear)
    product = graph.node("MatMul", states, graph.constant("head", head["head.weight"].T))
    graph.node("Add", product, graph.constant("head.bias", head["head.bias"]), name="logits")
    return graph.model(["input_ids", "token_type_ids"], "logits", ["batch", "length", len(head["head.bias"])])


def _states(graph: _Graph, weights: Weights, words: str, kind: str, linear: _Linear, mask: str = "") -> str:
    """The last layer's, ``float32[batch, length, dimension]``; ``mask`` is 0 at what only fills up a text."""

    def normalised(states: str, name: str) -> str:
        constants = [graph.constant(f"{name}.{part}", weights[f"{name}.{part}"]) for part in ("weight", "bias")]
        return graph.node("LayerNormalization", states, *constants, axis=-1, epsilon=_EPSILON)

    first = graph.constant("first", np.array([0]))
    places = graph.constant("places", weights["embeddings.position_embeddings.weight"])
    length = graph.node("Shape", "input_ids", start=1, end=2)
    placed = graph.node("Add", graph.node("Add", words, kind), graph.node("Slice", places, first, length, first))
    states = normalised(placed, "embeddings.LayerNorm")
    layers = 1 + max(int(name.split(".")[2]) for name in weights if name.startswith("encoder.layer."))
    for number in range(layers):
        layer = f"encoder.layer.{number}"

        def dense(inputs: str, name: str, sizes: Values | None = None, layer: str = layer) -> str:
            own, biases = _of(weights, f"{layer}.{name}")
            return linear(graph, f"{layer}.{name}", inputs, own, biases, sizes)

        # Queries, keys and values in one multiplication.
        parts = [_of(weights, f"{layer}.attention.self.{part}") for part in ("query", "key", "value")]
        own, biases = (np.concatenate(those, axis=-1) for those in zip(*parts, strict=True))
        joined = linear(graph, f"{layer}.attention.self", states, own, biases, None)
        names = [f"{layer}.{part}" for part in ("query", "key", "value")]
        graph.nodes("Split", joined, names=names, axis=-1, num_outputs=3)
        masked = ["", mask] if mask else []
        seen = graph.node("MultiHeadAttention", *names, *masked, domain=_ONNXRUNTIME, num_heads=_HEADS)
        attended = graph.node("Add", dense(seen, "attention.output.dense"), states)
        states = normalised(attended, f"{layer}.attention.output.LayerNorm")
        before, after = _sizes(weights, layer)
        widened = graph.node("Gelu", dense(states, "intermediate.dense", before))
        narrowed = dense(widened, "output.dense", after)
        states = normalised(graph.node("Add", narrowed, states), f"{layer}.output.LayerNorm")
    return states


def _of(weights: Weights, name: str) -> tuple[Values, Values]:
    return weights[f"{name}.weight"].T, weights[f"{name}.bias"]


def _sizes(weights: Weights, layer: str) -> tuple[Values, Values]:
    """How large each input gets of the multiplication that widens a layer, and of the one that narrows it again, since
    normalised values have the mean 0 and the deviation 1."""
    scale, shift = (weights[f"{layer}.attention.output.LayerNorm.{part}"] for part in ("weight", "bias"))
    wide, biases = _of(weights, f"{layer}.intermediate.dense")
    means, deviations = shift @ wide + biases, np.sqrt(scale**2 @ wide**2)
    return _DEVIATIONS * np.abs(scale) + np.abs(shift), np.maximum(means + _DEVIATIONS * deviations, _GELU_LEAST)


def _linear(graph: _Graph, name: str, inputs: str, weights: Values, biases: Values, sizes: Values | None) -> str:
    product = graph.node("MatMul", inputs, graph.constant(f"{name}.weight", weights))
    return graph.node("Add", product, graph.constant(f"{name}.bias", biases))


def _quantised_linear(
    graph: _Graph, name: str, inputs: str, weights: Values, biases: Values, sizes: Values | None
) -> str:
    """Inputs share one scale, so that a few large ones leave the others three bits: of one size, what is rounded off is
    half as much (as in SmoothQuant, Xiao and others 2023)."""
    if sizes is not None:
        inputs = graph.node("Mul", inputs, graph.constant(f"{name}.size", 1 / sizes))
        weights = weights * sizes[:, None]
    scales = np.abs(weights).max(axis=0) / _SEVEN_BITS
    return graph.node(
        "DynamicQuantizeMatMul",
        inputs,
        graph.constant(f"{name}.weight", np.round(weights / scales).astype(np.int8)),
        graph.constant(f"{name}.scale", scales),
        "",  # nothing is added to them
        graph.constant(f"{name}.bias", biases),
        domain=_ONNXRUNTIME,
    )


def _words(graph: _Graph, weights: Weights) -> str:
    return graph.node("Gather", graph.constant("words", weights["embeddings.word_embeddings.weight"]), "input_ids")


def _quantised_words(graph: _Graph, weights: Weights) -> str:
    from onnx import TensorProto

    words = weights["embeddings.word_embeddings.weight"]
    scales = np.abs(words).max(axis=1, keepdims=True) / _EIGHT_BITS
    kept = graph.node("Gather", graph.constant("words", np.round(words / scales).astype(np.int8)), "input_ids")
    scale = graph.node("Gather", graph.constant("words.scale", scales), "input_ids")
    return graph.node("Mul", graph.node("Cast", kept, to=TensorProto.FLOAT), scale)
