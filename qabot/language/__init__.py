"""What English is: words, names, pronouns, values, and the types of answers that words give."""

from qabot.language.words import STOP_WORDS, stem, stems_of, words_of

__all__ = ["STOP_WORDS", "stem", "stems_of", "words_of"]
