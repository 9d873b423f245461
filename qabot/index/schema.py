"""The tables of index.sqlite: the truth that everything else is derived from."""

SCHEMA_VERSION = 3

SCHEMA = """
CREATE TABLE meta (
    key TEXT PRIMARY KEY,
    value TEXT NOT NULL
) WITHOUT ROWID;

-- Every file that was looked at. `skipped` says why it is no article; what the system says of it (size, times, inode)
-- spares reading it again.
CREATE TABLE files (
    path TEXT PRIMARY KEY,
    size INTEGER NOT NULL,
    mtime_ns INTEGER NOT NULL,
    ctime_ns INTEGER NOT NULL,
    inode INTEGER NOT NULL,
    content_hash TEXT,
    skipped TEXT
) WITHOUT ROWID;

CREATE TABLE articles (
    id INTEGER PRIMARY KEY,
    path TEXT NOT NULL UNIQUE,
    content_hash TEXT NOT NULL,
    title TEXT, outlet TEXT, author TEXT, published TEXT, language TEXT, via TEXT, url TEXT,
    text TEXT NOT NULL,
    left_out TEXT NOT NULL
);

-- One row a sentence. Offsets are characters of articles.text; the keys name what was embedded. said_by is who says
-- what the sentence reports; denies and announces are 0 or 1: whether it denies something, whether it only leads in.
CREATE TABLE passages (
    id INTEGER PRIMARY KEY,
    article_id INTEGER NOT NULL REFERENCES articles(id) ON DELETE CASCADE,
    ordinal INTEGER NOT NULL,
    paragraph INTEGER NOT NULL,
    section INTEGER NOT NULL,
    "start" INTEGER NOT NULL,
    "end" INTEGER NOT NULL,
    said_by TEXT,
    denies INTEGER NOT NULL,
    announces INTEGER NOT NULL,
    sentence_key BLOB NOT NULL REFERENCES vectors(key),
    window_key BLOB NOT NULL REFERENCES vectors(key),
    UNIQUE (article_id, ordinal)
);
CREATE INDEX passages_by_sentence_key ON passages(sentence_key);
CREATE INDEX passages_by_window_key ON passages(window_key);

-- float32[dimension] as bytes, by hash of model identity and text: an unchanged text is never embedded again.
CREATE TABLE vectors (
    key BLOB PRIMARY KEY,
    vector BLOB NOT NULL
);

-- rowid is passages.id.
CREATE VIRTUAL TABLE passages_fts USING fts5(title, sentence, passage, tokenize = "porter unicode61");

-- The words as they are written, for spelling variants: in how many sentences, and in how many of them capitalised.
CREATE TABLE words (
    word TEXT PRIMARY KEY,
    skeleton TEXT NOT NULL,
    sentences INTEGER NOT NULL,
    capitalised INTEGER NOT NULL
) WITHOUT ROWID;
CREATE INDEX words_by_skeleton ON words(skeleton);
CREATE INDEX words_gone ON words(word) WHERE sentences <= 0;

-- The generations that one can still go back from, and what made them.
CREATE TABLE generations (
    number INTEGER PRIMARY KEY,
    built TEXT NOT NULL,
    stamp TEXT NOT NULL
);

-- What stood in place of what a generation changed: the rows of the article before, as MessagePack, or NULL.
CREATE TABLE undo (
    generation INTEGER NOT NULL,
    path TEXT NOT NULL,
    before BLOB,
    PRIMARY KEY (generation, path)
) WITHOUT ROWID;

-- The vectors that went out of use with a generation; they stay as long as one can go back from it.
CREATE TABLE unused_vectors (
    key BLOB NOT NULL,
    generation INTEGER NOT NULL,
    PRIMARY KEY (key, generation)
) WITHOUT ROWID;
CREATE INDEX unused_vectors_by_generation ON unused_vectors(generation);

-- What happened to the articles: added, edited, described (front matter alone), renamed, removed. `was` is a renamed
-- one's path before, `sentences` what an edit put in place of what, as JSON.
CREATE TABLE history (
    generation INTEGER NOT NULL,
    at TEXT NOT NULL,
    path TEXT NOT NULL,
    kind TEXT NOT NULL,
    was TEXT,
    sentences TEXT NOT NULL
);
CREATE INDEX history_by_path ON history(path);
"""
