"""What the benchmarks compare with: sentence-transformers and faiss, as a short script would use them.

`python benchmarks/peer.py build FOLDER SEEDS` embeds the sentences of SEEDS once; `... ask FOLDER QUESTION` asks.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path


def build(folder: Path, seeds: Path) -> None:
    import faiss
    from sentence_transformers import SentenceTransformer

    from qabot.articles import find_articles, read_article
    from qabot.embedding import find_model
    from qabot.passages import split_passages
    from qabot.settings import DEFAULT_MODEL

    texts = []
    for file in find_articles(seeds):
        article = read_article(seeds, file.path)
        texts += [passage.sentence(article.text) for passage in split_passages(article)]
    folder.mkdir(parents=True, exist_ok=True)
    model = find_model(DEFAULT_MODEL)
    vectors = SentenceTransformer(str(model)).encode(texts, normalize_embeddings=True)
    index = faiss.IndexFlatIP(vectors.shape[1])
    index.add(vectors)
    faiss.write_index(index, str(folder / "peer.faiss"))
    (folder / "texts.json").write_text(json.dumps({"model": str(model), "texts": texts}))


def ask(folder: Path, question: str) -> None:
    import faiss
    from sentence_transformers import SentenceTransformer

    stored = json.loads((folder / "texts.json").read_text())
    index = faiss.read_index(str(folder / "peer.faiss"))
    vector = SentenceTransformer(stored["model"]).encode([question], normalize_embeddings=True)
    for position in index.search(vector, 5)[1][0]:
        print(stored["texts"][position])


if __name__ == "__main__":
    command, folder, rest = sys.argv[1], Path(sys.argv[2]), sys.argv[3]
    if command == "build":
        build(folder, Path(rest))
    else:
        ask(folder, rest)
