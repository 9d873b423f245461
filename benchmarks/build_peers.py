"""A whole build of qabot, LangChain + FAISS and txtai over one collection: the same model, their defaults, one run.

`python -m benchmarks.build_peers WORK SENTENCES` makes the collection in WORK. qabot reads files and embeds sentences
and passages; the others are given the passages as they are and embed those. They need
`pip install langchain-community langchain-huggingface txtai`; `--python` names an interpreter that has them.
"""

from __future__ import annotations

import argparse
import json
import shutil
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

from benchmarks.made_collection import make_collection
from qabot.articles import find_articles, read_article
from qabot.embedding import find_model, load_build_encoder
from qabot.engine import Engine
from qabot.passages import split_passages
from qabot.settings import DEFAULT_MODEL, Settings

ROOT = Path(__file__).resolve().parent.parent
PEERS = {
    "LangChain + FAISS": """
from langchain_community.vectorstores import FAISS
from langchain_huggingface import HuggingFaceEmbeddings
embeddings = HuggingFaceEmbeddings(model_name=model)
embeddings.embed_query("warm")
began = time.perf_counter()
FAISS.from_texts(texts, embeddings).save_local(folder)
""",
    "txtai": """
from txtai import Embeddings
embeddings = Embeddings(path=model, content=True)
embeddings.index(["warm"])
began = time.perf_counter()
embeddings.index(texts)
embeddings.save(folder)
""",
}
_PEER = """
import json, sys, time, warnings
warnings.simplefilter("ignore")
model, given, folder = sys.argv[1:]
texts = json.load(open(given))
{build}
print(time.perf_counter() - began)
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("work", type=Path)
    parser.add_argument("sentences", type=int)
    parser.add_argument("--python", default=sys.executable)
    arguments = parser.parse_args()
    work, model = arguments.work, find_model(DEFAULT_MODEL)
    seeds = work / "seeds"
    shutil.rmtree(work, ignore_errors=True)
    make_collection(seeds, arguments.sentences)
    settings = Settings(paths=replace(Settings().paths, seeds=str(seeds), embeddings=str(work / "embeddings")))
    cut = [(a, split_passages(a)) for a in (read_article(seeds, file.path) for file in find_articles(seeds))]
    passages = [passage.embedded(article.text) for article, all_of_it in cut for passage in all_of_it]
    sentences = [passage.sentence(article.text) for article, all_of_it in cut for passage in all_of_it]
    given = work / "passages.json"
    given.write_text(json.dumps(passages))
    # The model is loaded and exported before the clock starts, as the others' is loaded.
    encoder = load_build_encoder(settings.embedding, settings.embeddings / "models", texts=10**6, say=print)
    counted = {name: _tokens(encoder, texts) for name, texts in (("passages", passages), ("sentences", sentences))}

    took = {}
    for name, build in PEERS.items():
        done = subprocess.run(
            [arguments.python, "-c", _PEER.format(build=build), str(model), str(given), str(work / name.split()[0])],
            cwd=ROOT,
            capture_output=True,
            text=True,
        )
        if done.returncode:
            print(f"{name}: left out ({done.stderr.strip().splitlines()[-1]})")
            continue
        took[name] = float(done.stdout.split()[-1])
    engine = Engine(settings)
    engine.encoders.for_building = lambda texts: encoder  # type: ignore[method-assign]
    began = time.perf_counter()
    report = engine.refresh()
    took["qabot"] = time.perf_counter() - began
    print(
        f"{len(passages):,} passages of {counted['passages']:,} tokens; their sentences have {counted['sentences']:,}"
    )
    for name, seconds in took.items():
        tokens = counted["passages"] + (counted["sentences"] if name == "qabot" else 0)
        print(f"{name:20} {seconds:8.1f} s whole {tokens / seconds:10,.0f} tokens a second")
    rest = took["qabot"] - (report.seconds or 0)
    print(f"qabot embeds {report.embedded:,} texts in {report.seconds:.1f} s; the rest takes {rest:.1f} s")
    for name in PEERS.keys() & took.keys():
        print(f"qabot takes {took['qabot'] / took[name]:.2f} times as long as {name}")


def _tokens(encoder: object, texts: list[str]) -> int:
    tokenizer = encoder.model.tokenizer  # type: ignore[attr-defined]
    return sum(len(ids) for ids in tokenizer(texts, truncation=True, max_length=256)["input_ids"])


if __name__ == "__main__":
    main()
