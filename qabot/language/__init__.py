"""What English is: words, names, pronouns, values, and the types of answers that words give."""

from qabot.language.words import STOP_WORDS, folded_words, stem, stems_of, words_of

__all__ = ["STOP_WORDS", "folded_words", "stem", "stems_of", "words_of"]
