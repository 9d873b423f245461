"""A file -> an Article: decoded, its body found, who reported it and when."""

from qabot.articles.article import Article, Block, LeftOut, Metadata
from qabot.articles.find import FoundFile, find_articles
from qabot.articles.front_matter import read_overrides
from qabot.articles.read import CLEANING_VERSION, TextsToday, body_start, is_file_text, read_article, text_of

__all__ = [
    "CLEANING_VERSION",
    "Article",
    "Block",
    "FoundFile",
    "LeftOut",
    "Metadata",
    "TextsToday",
    "body_start",
    "find_articles",
    "is_file_text",
    "read_article",
    "read_overrides",
    "text_of",
]
