"""Gold questions -> figures."""

from qabot.evaluation.evaluate import TOTAL, by_type, evaluate, read_figures, rows
from qabot.evaluation.gold import GoldQuestion, read_gold
from qabot.evaluation.measure import Figures

__all__ = ["TOTAL", "Figures", "GoldQuestion", "by_type", "evaluate", "read_figures", "read_gold", "rows"]
