"""A file -> an Article: decoded, its body found, who reported it and when."""

from qabot.articles.article import Article, Block, LeftOut, Metadata
from qabot.articles.decode import REPLACED
from qabot.articles.extraction import Extractor
from qabot.articles.find import Found, FoundFile, find_articles, look_through
from qabot.articles.front_matter import overrides_hash, read_overrides
from qabot.articles.read import CLEANING_VERSION, TextsToday, body_start, is_file_text, read_article
from qabot.articles.understood import statements_not_understood

__all__ = [
    "CLEANING_VERSION",
    "REPLACED",
    "Article",
    "Block",
    "Extractor",
    "Found",
    "FoundFile",
    "LeftOut",
    "Metadata",
    "TextsToday",
    "body_start",
    "find_articles",
    "is_file_text",
    "look_through",
    "overrides_hash",
    "read_article",
    "read_overrides",
    "statements_not_understood",
]
