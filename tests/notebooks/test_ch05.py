"""Chapter 5 keeps its promises: the ladder of taggers, what its prose says, its widgets."""

import re

import pytest

import autograd_lab
from autograd_lab.text import datasets, spans
from tests.notebooks.chapter import Chapter, texts

CHAPTER = Chapter("05")
PROSE, cell_with, after = CHAPTER.prose, CHAPTER.cell, CHAPTER.after
PRINTED = "\n".join(map(texts, CHAPTER.code))


def drawn(cell):
    """The words that an HTML output shows, without its marks."""
    html = "".join(o.get("data", {}).get("text/html", "") for o in cell.outputs)
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", html))


class TestLadder:
    """Each tagger of the chapter beats the one before."""

    LINES = re.findall(r"^(\S.*?) {2,}right tags (\d\.\d\d)   F1 (\d\.\d\d)   (█*)$", PRINTED, re.M)

    def test_there_are_six(self):
        assert [name for name, *_ in self.LINES] == [
            "always O", "the word's usual tag", "RNN", "LSTM", "LSTM, both ways", "... and endings",
        ]

    def test_the_two_yardsticks(self):
        assert [tuple(line[1:3]) for line in self.LINES[:2]] == [("0.87", "0.00"), ("0.92", "0.42")]
        assert "**0.42 is the number to beat.**" in PROSE

    @pytest.mark.parametrize(("place", "low", "high"), [
        (2, 0.60, 0.74), (3, 0.64, 0.80), (4, 0.80, 0.93), (5, 0.86, 0.95),
    ])
    def test_what_was_learned(self, place, low, high):
        assert low < float(self.LINES[place][2]) < high
        assert float(self.LINES[place][2]) > float(self.LINES[place - 1][2])

    def test_the_right_tags_tell_less(self):
        assert float(self.LINES[-1][1]) >= 0.97


class TestPromises:
    @pytest.mark.parametrize("number", ["0.87", "0.92", "0.42", "1,083 sentences", "2.4e+02"])
    def test_what_is_quoted_came_out(self, number):
        assert number in PRINTED

    def test_the_rnn_has_forgotten_the_second_word(self):
        shown = drawn(cell_with("reveal(lambda: three(simple"))
        said = re.findall(r"jordan (B-\w+) (\d+) %", shown)
        assert len(said) == 3 and len({kind for kind, _ in said}) == 1
        assert max(int(p) for _, p in said) - min(int(p) for _, p in said) <= 3

    def test_the_lstm_has_kept_it(self):
        said = re.findall(r"jordan (B-\w+)", drawn(cell_with("holding = fit(")))
        assert said == ["B-PER", "B-LOC", "B-ORG"]

    def test_the_gradient_fades_in_the_rnn_and_not_in_the_lstm(self):
        rnn, lstm = map(float, re.findall(r"(\S+) % of what moved the tag", PRINTED))
        assert rnn < 0.5 < 1 < lstm

    def test_the_long_sentences(self):
        rnn, lstm = re.search(r"RNN: F1 (\S+) +LSTM: F1 (\S+)", PRINTED).groups()
        assert float(rnn) < 0.55 and float(lstm) > 0.8

    def test_both_ways_tell_three_lincolns_apart(self):
        said = re.findall(r"lincoln (B-\w+)", drawn(cell_with("double = fit(")))
        assert said == ["B-LOC", "B-ORG", "B-PER"]

    def test_endings_help_with_new_words(self):
        before = float(re.search(r"124 new words; right tags (\S+)", PRINTED)[1])
        after = float(re.search(r"right tags on new words (\S+)", PRINTED)[1])
        assert after > before + 0.04 and after > 0.92

    def test_loops_by_hand_agree_with_the_library(self):
        for source in ("def read_lstm(", "rnn = nn.RNN(4, 3)", "both = nn.LSTM(4, 3, bidir"):
            assert after(source) == "True", source

    def test_a_clipped_gradient_finds_its_way(self):
        assert "to the power of 30: 2.0" in PRINTED and "1.0e+68" in PRINTED

    def test_own_sentence(self):
        said = re.findall(r"victoria (\S+) ", drawn(cell_with("show(\"Victoria told")))
        assert said == ["B-PER", "B-ORG", "B-LOC"]

    def test_real_english_or_a_word_on_why_not(self):
        if "This ran on UDPOS" not in PRINTED:
            assert "UD English-EWT is not here" in PRINTED
            return
        usual, *epochs = (float(r) for r in re.findall(r"right tags (0\.\d{3})", PRINTED))
        assert f"{usual:.3f}" == "0.870" and f"{epochs[-1]:.3f}" in PROSE
        assert epochs[0] < usual < 0.9 < epochs[-1]


class TestPictures:
    @pytest.mark.parametrize("widget", [
        "TensorView", "GraphView", "WordMap", "GatesView", "LossCurve", "Monitor",
    ])
    def test_each_widget_of_the_chapter_is_shown(self, widget):
        assert CHAPTER.shown(widget)


class TestCorpus:
    def test_the_drawn_names_are_those_of_the_tags(self):
        for part in datasets.Names():
            for words, tags in part:
                assert len(words) == len(tags) and words[-1] in ".?!"
                for kind, start, end in spans(tags):
                    assert kind in ("PER", "LOC", "ORG")
                    assert tags[start] == f"B-{kind}" and words[start][0].isupper(), words
                    assert end - start <= 3

    def test_no_test_sentence_is_in_the_training_part(self):
        train, test = ({" ".join(words).lower() for words, _ in part} for part in datasets.Names())
        assert not train & test and len(test) == 220

    def test_more_than_half_of_the_names_are_ambiguous(self):
        kinds, seen = {}, []
        for words, tags in (s for part in datasets.Names() for s in part):
            for kind, start, end in spans(tags):
                seen.append(" ".join(words[start:end]))
                kinds.setdefault(seen[-1], set()).add(kind)
        assert sum(len(kinds[name]) > 1 for name in seen) > len(seen) / 2


class TestOracle:
    def test_the_reading_loops_are_pytorchs(self):
        torch = pytest.importorskip("torch")
        for source, function in (("def read(x", "read"), ("def read_lstm(", "read_lstm")):
            code = cell_with(source).source.split("\n\n\n")[0]
            found = []
            for package in (torch, autograd_lab):
                names = {"torch": package}
                exec(compile(code, function, "exec"), names)
                rows = 3 if function == "read" else 12
                data = [package.arange(n).reshape(shape) / 7 % 1 - 0.5 for n, shape in (
                    (20, (5, 4)), (rows * 4, (rows, 4)), (rows * 3, (rows, 3)), (rows, (rows,)))]
                found.append(names[function](*data).numpy())
            assert abs(found[0] - found[1]).max() < 1e-6
