"""An Article -> sentences and passages, each with its offsets."""

from qabot.passages.split import PASSAGE_VERSION, Passage, split_passages

__all__ = ["PASSAGE_VERSION", "Passage", "split_passages"]
