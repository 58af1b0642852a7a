"""Cut text into words, and words into groups."""

import re

APART = {"'": " '  ", ".": " . ", ",": " , ", "(": " ( ", ")": " ) ", "!": " ! ", "?": " ? "}
AWAY = {'"': "", ";": " ", ":": " "}
SIGNS = str.maketrans(APART | AWAY)


def get_tokenizer(tokenizer, language: str = "en"):
    """Give the function that cuts a text into words.

    ``None`` cuts at white space; ``"basic_english"`` also writes small letters and sets signs
    apart; a function is given back as it is.

    >>> get_tokenizer("basic_english")("You can't; it's (too) LATE.")
    ['you', 'can', "'", 't', 'it', "'", 's', '(', 'too', ')', 'late', '.']
    """
    if tokenizer is None:
        return str.split
    if callable(tokenizer):
        return tokenizer
    if tokenizer == "basic_english":
        if language != "en":
            raise ValueError("Basic normalization is only available for English (en)")
        return _basic_english
    if tokenizer == "spacy":
        raise ValueError(
            "spaCy is not built in. Where it is installed, give its function: "
            'words = spacy.load("en_core_web_sm").tokenizer; '
            "get_tokenizer(lambda text: [word.text for word in words(text)]). "
            "get_tokenizer('basic_english') needs nothing"
        )
    raise ValueError(
        f"Requested tokenizer {tokenizer!r}: valid choices are None, 'basic_english', or a "
        "function that takes a text and gives a list of words"
    )


def _basic_english(line: str) -> list[str]:
    return re.sub(r"<br />", " ", line.lower()).translate(SIGNS).split()


def ngrams_iterator(token_list, ngrams: int):
    """Yield the words, then all groups of 2, 3, ... up to ``ngrams`` words in a row.

    >>> list(ngrams_iterator(["here", "we", "are"], 2))
    ['here', 'we', 'are', 'here we', 'we are']
    """
    words = list(token_list)
    for size in range(1, ngrams + 1):
        for start in range(len(words) - size + 1):
            yield " ".join(words[start : start + size])
