"""Files with one word a line, and what their tags mean.

The tags of CoNLL mark spans. In IOB2 every span begins with ``B-``: ``B-PER I-PER O``. In IOB1,
which CoNLL-2003 is published in, ``B-`` stands only where a span follows another one of its kind
without a gap: ``I-PER I-PER O``.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Word:
    """One line of a CoNLL-U file.

    >>> next(read_conllu(["1 cats cat NOUN NNS _ 0 root _ _".replace(" ", chr(9))]))[0].lemma
    'cat'
    """

    form: str
    lemma: str
    upos: str
    xpos: str
    feats: str
    head: int | None
    deprel: str


def _lines(source):
    """Read lines from a file by its name, or from anything that gives lines."""
    if isinstance(source, str) or hasattr(source, "__fspath__"):
        with open(source, encoding="utf-8") as opened:
            yield from opened
    else:
        yield from source


def _blocks(source):
    """Cut a file at its empty lines: [(line number, line), ...] for each sentence."""
    block = []
    for number, line in enumerate(_lines(source), 1):
        line = line.rstrip("\r\n")
        if line.strip():
            block.append((number, line))
        elif block:
            yield block
            block = []
    if block:
        yield block


def read_columns(source, separator=None):
    r"""Yield the sentences of a file in columns: for each one a list of its columns.

    ``source`` is the name of a file, or lines. Lines that begin with ``-DOCSTART-`` are left out.

    >>> lines = ["EU NNP I-NP I-ORG", "rejects VBZ I-VP O", "", "Peter NNP I-NP I-PER"]
    >>> for words, pos, chunks, tags in read_columns(lines):
    ...     print(words, tags)
    ['EU', 'rejects'] ['I-ORG', 'O']
    ['Peter'] ['I-PER']
    """
    for block in _blocks(source):
        rows = [(n, line.split(separator)) for n, line in block if not _starts_document(line)]
        if not rows:
            continue
        width = len(rows[0][1])
        for number, row in rows:
            if len(row) != width:
                raise ValueError(
                    f"line {number}: {len(row)} columns, where the sentence began with {width}"
                )
        yield [list(column) for column in zip(*[row for _, row in rows])]


def _starts_document(line):
    return line.startswith("-DOCSTART-")


def read_conllu(source):
    r"""Yield the sentences of a CoNLL-U file, each a list of ``Word``.

    ``source`` is the name of a file, or lines. Comments, words that only name several ("don't"),
    and empty nodes are left out.

    >>> lines = ["# text = Go!", "1\tGo\tgo\tVERB\tVB\t_\t0\troot\t_\t_",
    ...          "2\t!\t!\tPUNCT\t.\t_\t1\tpunct\t_\t_"]
    >>> [(word.form, word.upos, word.head) for word in next(read_conllu(lines))]
    [('Go', 'VERB', 0), ('!', 'PUNCT', 1)]
    """
    for block in _blocks(source):
        sentence = []
        for number, line in block:
            if line.startswith("#"):
                continue
            fields = line.split("\t")
            if len(fields) != 10:
                raise ValueError(f"line {number}: a CoNLL-U line has 10 columns, not {len(fields)}")
            if not fields[0].isdecimal():  # 3-4 names two words at once, 3.1 is an empty node
                continue
            head = int(fields[6]) if fields[6].isdecimal() else None
            sentence.append(Word(*fields[1:6], head, fields[7]))
        if sentence:
            yield sentence


# --- what the tags mean


def _parts(tag):
    """Cut a tag into its letter and its kind: ``"B-PER"`` is ("B", "PER")."""
    letter, _, kind = tag.partition("-")
    if tag != "O" and (letter not in ("B", "I") or not kind):
        raise ValueError(f"{tag!r} is not a tag: O, B-kind and I-kind are")
    return letter, kind


def spans(tags) -> list[tuple[str, int, int]]:
    """Give the spans that tags mark: (kind, first word, word behind the last).

    IOB1 and IOB2 are both understood: a span begins at ``B-``, and at an ``I-`` that continues
    nothing.

    >>> spans(["I-PER", "I-PER", "O", "I-LOC", "B-LOC"])
    [('PER', 0, 2), ('LOC', 3, 4), ('LOC', 4, 5)]
    """
    found, open_kind, start = [], "", 0
    for place, tag in enumerate([*tags, "O"]):
        letter, kind = _parts(tag)
        if open_kind and (letter != "I" or kind != open_kind):
            found.append((open_kind, start, place))
            open_kind = ""
        if letter != "O" and not open_kind:
            open_kind, start = kind, place
    return found


def as_iob2(tags) -> list[str]:
    """Write tags in IOB2: every span begins with ``B-``.

    >>> as_iob2(["I-PER", "I-PER", "O", "I-LOC", "B-LOC"])
    ['B-PER', 'I-PER', 'O', 'B-LOC', 'B-LOC']
    """
    return _written(tags, lambda kind, start, before: True)


def as_iob1(tags) -> list[str]:
    """Write tags in IOB1: ``B-`` only where a span follows another one of its kind at once.

    >>> as_iob1(["B-PER", "I-PER", "O", "B-LOC", "B-LOC"])
    ['I-PER', 'I-PER', 'O', 'I-LOC', 'B-LOC']
    """
    return _written(tags, lambda kind, start, before: before == (kind, start))


def _written(tags, marks):
    """Write the spans of tags anew; ``marks`` says which of them begin with ``B-``."""
    written, before = ["O"] * len(tags), None
    for kind, start, end in spans(tags):
        written[start:end] = [f"I-{kind}"] * (end - start)
        if marks(kind, start, before):
            written[start] = f"B-{kind}"
        before = kind, end
    return written
