"""`python -m qabot.evaluation.tune_cross_encoder DEVSET TRAINSET ...`: the answer adapter, trained on side by side.

Begins with what `train_cross_encoder` made. The sentences of a group compete for the question, and with them that none
answers, whose logit is 0: the loss is the cross-entropy of their softmax (ListNet's for one right item; Cao and others
2007), and that of where the answer stands. Questions are made rough, and made of articles (training_groups.py).
"""

from __future__ import annotations

import argparse
import random
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from qabot.embedding import find_model
from qabot.embedding.cross_encoder import ADAPTER_FILE, MAX_TOKENS
from qabot.evaluation.train_cross_encoder import linear_layers
from qabot.evaluation.training_groups import Asked, Group, asked_of_articles, made_of_articles, make_group
from qabot.evaluation.training_pairs import TrainingArticle, read_gold_articles, read_squad
from qabot.evaluation.training_sources import (
    read_articles,
    read_multi_span_qa,
    read_qa_discourse,
    read_qamr,
    read_qed,
    read_selqa,
)
from qabot.settings import DEFAULT_MODEL

GROUPS = 24_000
GROUPS_A_STEP = 8
# Of the groups, by where their questions are from; what is not given has none.
SHARES = {
    "encyclopedia": 0.34,
    "selqa": 0.10,
    "searched": 0.09,
    "qamr": 0.10,
    "discourse": 0.07,
    "posts": 0.10,
    "made": 0.10,
    "polar": 0.10,
}
LEARNING_RATE = 4e-4
SPAN_WEIGHT = 0.3
FROZEN = 2  # layers, from the first: what they have learned stays, at a quarter of the time less
_KEPT_EVERY = 200  # steps
_WARM_UP, _LEAST = 0.05, 0.03  # of the steps; of the learning rate


def groups_of(sources: Sequence[tuple[float, Sequence[Asked]]], chance: random.Random) -> Iterator[Group]:
    """Without end, of each source its share; each of its questions once before any comes again."""
    waiting: list[list[Asked]] = [[] for _ in sources]
    shares = [share for share, _ in sources]
    while True:
        which = chance.choices(range(len(sources)), shares)[0]
        if not waiting[which]:
            waiting[which] = list(sources[which][1])
            chance.shuffle(waiting[which])
        group = make_group(waiting[which].pop(), chance)
        if group.texts:  # an article of one sentence has none that competes with it
            yield group


def tune(
    groups: Iterator[Group],
    count: int,
    folder: Path,
    adapter: Path,
    threads: int = 0,
    *,
    rank: int = 0,
    frozen: int = FROZEN,
    learning_rate: float = LEARNING_RATE,
    kept: Callable[[dict[str, Any]], None] = lambda tensors: None,
) -> dict[str, Any]:
    """The tensors of ``adapter``, trained on ``count`` groups, float16; of a higher ``rank`` where that is given.
    ``folder`` holds the base model. ``kept`` is given the tensors now and then, should the training not come to its
    end."""
    import torch
    from safetensors.torch import load_file
    from tokenizers import Tokenizer
    from transformers import AutoModel

    if threads:
        torch.set_num_threads(threads)
    model = AutoModel.from_pretrained(str(folder), attn_implementation="sdpa").eval()  # nothing is dropped out
    for weight in model.parameters():
        weight.requires_grad_(False)
    tensors = {name: tensor.float() for name, tensor in load_file(str(adapter)).items()}
    head = torch.nn.Linear(model.config.hidden_size, 3)
    with torch.no_grad():
        head.weight.copy_(tensors["head.weight"])
        head.bias.copy_(tensors["head.bias"])
    tensors["head.weight"], tensors["head.bias"] = head.weight, head.bias
    learned = list(head.parameters())
    for name in linear_layers(model):
        layer = model.get_submodule(name)
        down, up = tensors[f"{name}.down"], tensors[f"{name}.up"]
        if rank > len(down):
            more = torch.empty(rank - len(down), down.shape[1])
            torch.nn.init.kaiming_uniform_(more, a=5**0.5)
            down, up = torch.cat([down, more]), torch.cat([up, torch.zeros(len(up), len(more))], dim=1)
        down, up = torch.nn.Parameter(down), torch.nn.Parameter(up)
        if int(name.split(".")[2]) < frozen:
            with torch.no_grad():
                layer.weight += up @ down
            continue
        layer.register_forward_hook(lambda _, inputs, output, down=down, up=up: output + (inputs[0] @ down.T) @ up.T)
        learned += [down, up]
        tensors[f"{name}.down"], tensors[f"{name}.up"] = down, up
    tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    tokenizer.enable_truncation(MAX_TOKENS, strategy="longest_first")
    tokenizer.no_padding()
    optimizer = torch.optim.AdamW(learned, lr=learning_rate, weight_decay=0.01)
    steps = count // GROUPS_A_STEP
    began, running = time.time(), 0.0
    for step in range(steps):
        for parameters in optimizer.param_groups:
            parameters["lr"] = learning_rate * _rate(step / steps)
        own = [next(groups) for _ in range(GROUPS_A_STEP)]
        loss = _loss(own, model, head, tokenizer, torch)
        optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(learned, 1.0)
        optimizer.step()
        running = loss.item() if step == 0 else 0.97 * running + 0.03 * loss.item()
        if step % 50 == 0:
            print(f"step {step} of {steps}: loss {running:.3f}, {time.time() - began:.0f} s", flush=True)
        if step and step % _KEPT_EVERY == 0:
            kept(_halved(tensors, torch))
    return _halved(tensors, torch)


def _halved(tensors: dict[str, Any], torch: Any) -> dict[str, Any]:
    return {name: tensor.detach().to(torch.float16).contiguous() for name, tensor in tensors.items()}


def _rate(done: float) -> float:
    return min(1.0, done / _WARM_UP + 0.05) * max(_LEAST, 1 - max(0.0, done - _WARM_UP) / (1 - _WARM_UP))


def _loss(groups: Sequence[Group], model: Any, head: Any, tokenizer: Any, torch: Any) -> Any:
    cross_entropy = torch.nn.functional.cross_entropy
    encodings = tokenizer.encode_batch([(group.question, text) for group in groups for text in group.texts])
    logits = _logits(encodings, model, head, torch)
    listed, spans = [], []
    first = 0
    for group in groups:
        end = first + len(group.texts)
        competing = torch.cat([torch.stack([own[0, 0] for own in logits[first:end]]), torch.zeros(1)])
        listed.append(cross_entropy(competing[None], torch.tensor([0 if group.answered else len(group.texts)])))
        if group.span:
            encoding, own = encodings[first], logits[first]
            inside = [n for n, sequence in enumerate(encoding.sequence_ids) if sequence == 1]
            covering = [
                n for n in inside if encoding.offsets[n][0] < group.span[1] and encoding.offsets[n][1] > group.span[0]
            ]
            if covering:
                for column, place in ((1, covering[0]), (2, covering[-1])):
                    wanted = torch.tensor([place - inside[0]])
                    spans.append(cross_entropy(own[inside[0] : inside[-1] + 1, column][None], wanted))
        first = end
    loss = torch.stack(listed).mean()
    return loss + SPAN_WEIGHT * torch.stack(spans).mean() if spans else loss


def _logits(encodings: Sequence[Any], model: Any, head: Any, torch: Any) -> list[Any]:
    """One ``float32[tokens, 3]`` each, in the order given; read in two batches, the short and the long."""
    by_length = sorted(range(len(encodings)), key=lambda n: len(encodings[n].ids))
    half = (len(by_length) + 1) // 2
    found: dict[int, Any] = {}
    for batch in (by_length[:half], by_length[half:]):
        longest = max(len(encodings[n].ids) for n in batch)
        ids, kinds, mask = (np.zeros((len(batch), longest), dtype=np.int64) for _ in range(3))
        for row, n in enumerate(batch):
            length = len(encodings[n].ids)
            ids[row, :length], kinds[row, :length], mask[row, :length] = encodings[n].ids, encodings[n].type_ids, 1
        arrays = [torch.from_numpy(array) for array in (ids, kinds, mask)]
        with torch.autocast("cpu", dtype=torch.bfloat16):
            states = model(input_ids=arrays[0], token_type_ids=arrays[1], attention_mask=arrays[2]).last_hidden_state
        found |= dict(zip(batch, head(states.float()), strict=True))
    return [found[n] for n in range(len(encodings))]


def _enough(articles: Sequence[TrainingArticle], questions: float, chance: random.Random) -> list[TrainingArticle]:
    """As many of the articles, at random, as have that many questions: laying out what is never asked takes time."""
    chosen: list[TrainingArticle] = []
    for article in chance.sample(articles, len(articles)):
        if questions <= 0:
            break
        chosen.append(article)
        questions -= len(article.questions)
    return chosen


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("devset", type=Path, help="folder with seeds/ and qa.jsonl")
    parser.add_argument("trainset", type=Path, help="a file in SQuAD 2.0's format")
    parser.add_argument("--squad", type=Path, nargs="*", default=[], help="more files in SQuAD's format")
    parser.add_argument(
        "--posts", type=Path, nargs="*", default=[], help="... of paragraphs that have no more in common"
    )
    parser.add_argument("--selqa", type=Path, nargs="*", default=[], help="files of answer sentence selection")
    parser.add_argument("--qed", type=Path, nargs="*", default=[], help="files of JSON lines")
    parser.add_argument("--multi-span-qa", type=Path, nargs="*", default=[], help="JSON files with labels")
    parser.add_argument("--qamr", type=Path, help="a folder with wiki-sentences.tsv and filtered questions")
    parser.add_argument("--qa-discourse", type=Path, nargs="*", default=[], help="tab-separated files")
    parser.add_argument("--news", type=Path, help="a folder of articles to make questions of, titles in the first line")
    parser.add_argument("--adapter", type=Path, default=ADAPTER_FILE, help="what to begin with")
    parser.add_argument("--out", type=Path, default=ADAPTER_FILE)
    parser.add_argument("--leave-out", default="", help="titles not to train on, comma-separated (cross-validation)")
    parser.add_argument("--groups", type=int, default=GROUPS)
    parser.add_argument("--rank", type=int, default=0, help="of the adapter, where it is to grow")
    parser.add_argument("--frozen", type=int, default=FROZEN, help="layers, from the first, that stay as they are")
    parser.add_argument("--learning-rate", type=float, default=LEARNING_RATE)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--threads", type=int, default=0)
    arguments = parser.parse_args()

    from safetensors.torch import save_file

    from qabot.embedding.torch_encoder import TorchEncoder

    folder = find_model(DEFAULT_MODEL)
    encoder = TorchEncoder(folder, DEFAULT_MODEL)
    chance = random.Random(arguments.seed)
    left_out = set(filter(None, arguments.leave_out.split(",")))
    encyclopedia = [
        *read_gold_articles(arguments.devset / "seeds", arguments.devset / "qa.jsonl"),
        *(article for file in (arguments.trainset, *arguments.squad) for article in read_squad(file)),
    ]
    sentences = read_qamr(arguments.qamr) if arguments.qamr else []
    sources = {
        "encyclopedia": [article for article in encyclopedia if article.title not in left_out],
        "selqa": [article for file in arguments.selqa for article in read_selqa(file)],
        "searched": [
            *(article for file in arguments.qed for article in read_qed(file)),
            *(article for file in arguments.multi_span_qa for article in read_multi_span_qa(file)),
        ],
        "qamr": sentences,
        "discourse": [article for file in arguments.qa_discourse for article in read_qa_discourse(file)],
        "posts": [article for file in arguments.posts for article in read_squad(file, apart=True)],
    }
    sources = {name: _enough(own, SHARES[name] * arguments.groups, chance) for name, own in sources.items()}
    asked = {name: asked_of_articles(articles, encoder) for name, articles in sources.items() if articles}
    to_make_of = [*sentences, *(read_articles(arguments.news) if arguments.news else ())]
    if to_make_of:
        asked["made"] = list(made_of_articles(to_make_of, encoder, chance))
        to_ask_by_yes_or_no = [*to_make_of, *sources["encyclopedia"]]
        asked["polar"] = list(made_of_articles(to_ask_by_yes_or_no, encoder, chance, polar=True))
    print(", ".join(f"{len(questions)} {name}" for name, questions in asked.items()), flush=True)
    groups = groups_of([(SHARES[name], questions) for name, questions in asked.items()], chance)
    tensors = tune(
        groups,
        arguments.groups,
        folder,
        arguments.adapter,
        arguments.threads,
        rank=arguments.rank,
        frozen=arguments.frozen,
        learning_rate=arguments.learning_rate,
        kept=lambda tensors: save_file(tensors, f"{arguments.out}.part"),
    )
    save_file(tensors, str(arguments.out))


if __name__ == "__main__":
    main()
