"""Files with one word a line: columns, CoNLL-U, IOB1 and IOB2, span F1."""

import random

import pytest

from autograd_lab.text import as_iob1, as_iob2, read_columns, read_conllu, span_f1, spans

NEWS = """-DOCSTART- -X- -X- O

EU NNP B-NP I-ORG
rejects VBZ B-VP O
German JJ B-NP I-MISC

Peter NNP B-NP I-PER
Blackburn NNP I-NP I-PER
Anna NNP I-NP B-PER
"""
TREE = """# newdoc id = x
# text = I don't.
1\tI\tI\tPRON\tPRP\tCase=Nom\t4\tnsubj\t_\t_
2-3\tdon't\t_\t_\t_\t_\t_\t_\t_\t_
2\tdo\tdo\tAUX\tVBP\t_\t4\taux\t_\t_
3\tn't\tnot\tPART\tRB\t_\t4\tadvmod\t_\t_
3.1\tgo\tgo\tVERB\tVB\t_\t_\t_\t_\t_
4\t.\t.\tPUNCT\t.\t_\t0\troot\t_\t_

1\t#\t#\tSYM\tNN\t_\t_\t_\t_\t_
"""


def test_columns(tmp_path):
    file = tmp_path / "eng.train"
    file.write_text(NEWS)
    for source in (file, str(file), NEWS.splitlines(keepends=True)):
        sentences = list(read_columns(source))
        assert [s[0] for s in sentences] == [
            ["EU", "rejects", "German"],
            ["Peter", "Blackburn", "Anna"],
        ]
        assert sentences[1][-1] == ["I-PER", "I-PER", "B-PER"] and len(sentences[0]) == 4


def test_columns_by_tabs():
    assert list(read_columns(["New York\tB-LOC\r\n"], "\t")) == [[["New York"], ["B-LOC"]]]


def test_a_line_that_lacks_a_column_is_named():
    with pytest.raises(ValueError, match="line 4: 2 columns, where the sentence began with 4"):
        list(read_columns(NEWS.replace("VBZ B-VP O", "VBZ").splitlines()))
    with pytest.raises(ValueError, match="line 3: a CoNLL-U line has 10 columns, not 3"):
        list(read_conllu(["# x", "", "1\tI\tI"]))


def test_conllu(tmp_path):
    file = tmp_path / "x.conllu"
    file.write_text(TREE, encoding="utf-8")
    first, second = read_conllu(file)
    assert [w.form for w in first] == ["I", "do", "n't", "."]
    assert [w.upos for w in first] == ["PRON", "AUX", "PART", "PUNCT"]
    assert (first[0].lemma, first[0].xpos, first[0].feats) == ("I", "PRP", "Case=Nom")
    assert (first[0].head, first[0].deprel, second[0].head) == (4, "nsubj", None)
    assert second[0].form == "#"


@pytest.mark.parametrize(("tags", "found"), [
    ([], []),
    (["O", "O"], []),
    (["B-A", "I-A", "O", "B-B"], [("A", 0, 2), ("B", 3, 4)]),
    (["I-A", "I-A", "B-A", "I-A"], [("A", 0, 2), ("A", 2, 4)]),
    (["I-A", "I-B"], [("A", 0, 1), ("B", 1, 2)]),
    (["B-A", "B-A"], [("A", 0, 1), ("A", 1, 2)]),
    (["B-A", "I-B", "I-B"], [("A", 0, 1), ("B", 1, 3)]),
    (["O", "I-A", "O"], [("A", 1, 2)]),
    (["B-a-b", "I-a-b"], [("a-b", 0, 2)]),
])  # fmt: skip
def test_spans(tags, found):
    assert spans(tags) == found


@pytest.mark.parametrize("tag", ["X-A", "B", "I-", "", "b-A"])
def test_what_is_no_tag(tag):
    with pytest.raises(ValueError, match="is not a tag"):
        spans([tag])


def test_both_ways_to_write_tags_mean_the_same():
    draw = random.Random(0)
    for _ in range(300):
        tags = [draw.choice(["O", "B-A", "I-A", "B-B", "I-B"]) for _ in range(draw.randrange(9))]
        one, two = as_iob1(tags), as_iob2(tags)
        assert spans(one) == spans(two) == spans(tags)
        assert as_iob1(two) == one and as_iob2(one) == two
        for before, tag in zip(["O", *two], two):  # in IOB2 no span begins with I-
            assert tag[0] != "I" or before[2:] == tag[2:]
        for before, tag in zip(["O", *one], one):  # in IOB1 B- stands only where it must
            assert tag[0] != "B" or before[2:] == tag[2:]


def test_span_f1():
    wanted = [["B-PER", "I-PER", "O", "B-LOC"], ["O", "B-LOC", "B-LOC"], ["O"]]
    found = [["B-PER", "I-PER", "O", "B-ORG"], ["B-LOC", "I-LOC", "B-LOC"], ["O"]]
    score = span_f1(found, wanted)
    assert (score.found, score.wanted, score.right) == (4, 4, 2)
    assert score.precision == score.recall == score.f1 == 0.5
    assert score.kinds["PER"].f1 == 1.0
    loc = score.kinds["LOC"]
    assert (loc.precision, loc.recall, loc.f1) == (0.5, pytest.approx(1 / 3), pytest.approx(0.4))
    assert score.kinds["ORG"].precision == score.kinds["ORG"].recall == 0.0
    assert span_f1([["I-A", "B-A"]], [["B-A", "B-A"]]).f1 == 1.0  # IOB1 against IOB2
    assert span_f1([["O"]], [["O"]]).f1 == 0.0


def test_sentences_must_fit_their_tags():
    with pytest.raises(ValueError, match="sentence 1: 1 predicted tags for 2 words"):
        span_f1([["O"], ["O"]], [["O"], ["O", "O"]])
    with pytest.raises(ValueError, match="zip"):
        span_f1([["O"]], [])
