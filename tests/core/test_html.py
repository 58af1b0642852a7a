"""The card of a tensor in a notebook: true, small, quick, and unbroken by any name."""

import io
import time
import warnings
from base64 import b64decode
from html.parser import HTMLParser

import nbformat
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

import autograd_lab as torch
from autograd_lab import html, printing
from autograd_lab.autograd import Function
from autograd_lab.core import Tensor, wrap
from autograd_lab.watching import watch_operations as watching
from tests.fake_cupy.fixture import pretend_gpu  # noqa: F401

HARMLESS = {"div", "span", "b", "i", "img", "table", "tbody", "tr", "td"}
ATTRIBUTES = {"class", "style", "title", "alt", "src", "role", "aria-label"}


class Reader(HTMLParser):
    """Reads a card, strictly: what it opens it closes, and it is made of harmless things."""

    def __init__(self, text):
        super().__init__()
        self.open, self.said, self.all = [], "", []
        self.feed(text)
        self.close()
        assert not self.open

    def handle_starttag(self, tag, attributes):
        assert tag in HARMLESS
        assert {name for name, _ in attributes} <= ATTRIBUTES
        self.all.append((tag, dict(attributes)))
        if tag != "img":
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.said += data

    def handle_comment(self, data):
        raise AssertionError("a comment")

    def of(self, tag):
        """The attributes of every such element."""
        return [attributes for name, attributes in self.all if name == tag]

    def picture(self, number=0):
        """A map as pixels: red, green, blue and opacity, decoded by somebody else's program."""
        data = self.of("img")[number]["src"].removeprefix("data:image/png;base64,")
        return np.asarray(Image.open(io.BytesIO(b64decode(data))).convert("RGBA")).astype(int)


def card(tensor):
    return Reader(tensor._repr_html_())


def normal(*shape, dtype="float32"):
    return wrap(np.random.default_rng(0).standard_normal(shape).astype(dtype))


def with_grad(tensor):
    tensor.requires_grad_()
    tensor.grad = wrap(tensor.array.copy())
    return tensor


class TestWords:
    def test_what_it_is(self):
        said = card(normal(3, 4)).said
        for word in ("Tensor", "3 × 4", "float32", "cpu"):
            assert word in said
        assert "grad" not in said

    def test_a_leaf_without_and_with_its_gradient(self):
        w = normal(3).requires_grad_()
        assert "requires grad · gradient: none yet" in card(w).said
        (w * 2).sum().backward()
        assert "none yet" not in card(w).said
        assert card(w).said.count("2") >= 3

    def test_a_result_names_its_node_and_never_warns(self):
        y = normal(3).requires_grad_() * 2
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            assert "gradient not kept" in card(y).said
        y.retain_grad()
        y.sum().backward()
        assert "not kept" not in card(y).said

    def test_the_name_of_a_parameter(self):
        p = type("Parameter", (Tensor,), {})([1.0])
        p.name = "fc1.weight"
        assert {"Parameter", "fc1.weight"} <= set(card(p).said.split())

    def test_for_those_who_listen(self):
        x = wrap(np.float32([[-1.2, 0.5], [0.9, 0]]))
        label = "tensor of shape 2 by 2, float32, from −1.2 to 0.9, no NaN"
        assert card(x).of("div")[0]["aria-label"] == label
        x[0, 0] = float("nan")
        assert card(x).of("div")[0]["aria-label"].endswith("from 0 to 0.9, 1 NaN")

    def test_plain_text_for_those_who_prefer_it(self):
        with printing.printoptions(html=False):
            assert normal(3)._repr_html_() is None
        assert normal(3)._repr_html_() is not None

    @pytest.mark.parametrize("shape", [(0,), (0, 3), (2, 0, 5)])
    def test_nothing(self, shape):
        assert "no elements" in card(wrap(np.zeros(shape))).said


class TestNumbers:
    def test_small_tensors_show_theirs(self):
        x = wrap(np.array([[0.25, -1.5, 0], [1e-9, 123456.0, 7]]))
        cells = card(x).of("td")
        assert [c["title"] for c in cells][:2] == ["[0, 0] = 0.25", "[0, 1] = -1.5"]
        for text in ("0.25", "−1.5", "1.0e−9", "1.2e5"):
            assert text in card(x).said

    def test_signs_have_colours_and_zero_is_seen(self):
        below, zero, above = (c["style"] for c in card(wrap(np.array([-1.0, 0, 1]))).of("td"))
        for style, colour in ((below, html.BELOW), (zero, html.ZERO), (above, html.ABOVE)):
            assert "rgba({},{},{},".format(*colour) in style

    @pytest.mark.parametrize("number", [3.5, -2, True, 1 + 2j, float("nan"), 1e300])
    def test_a_single_number_stands_large(self, number):
        reader = card(wrap(np.asarray(number)))
        assert html.short(number, 6) in reader.said and not reader.of("td")

    def test_a_long_vector_goes_over_several_lines(self):
        assert len(card(torch.arange(100)).of("tr")) == 10

    @pytest.mark.parametrize("shape", [(100,), (2, 50), (50, 2), (100, 1), (2, 1, 50), (2, 50, 1)])
    def test_all_of_a_small_tensor_is_shown(self, shape):
        titles = [c["title"] for c in card(wrap(np.arange(100).reshape(shape))).of("td")]
        assert titles == [f"{list(i)} = {n}" for n, i in enumerate(np.ndindex(shape))]

    def test_many_pieces_are_counted(self):
        said = card(normal(16, 3, 3, 3)).said
        assert "[0, 0]" in said and "[3, 2]" in said and "+ 36 more" in said
        assert "more" not in card(normal(2, 3, 3)).said

    @pytest.mark.parametrize(("value", "text"), [
        (0.0, "0"), (-0.5, "−0.5"), (1234.5, "1234"), (99999, "99999"), (1e5, "1.0e5"),
        (0.001, "0.001"), (0.00099, "9.9e−4"), (True, "True"), (1 - 2j, "1−2j"),
    ])  # fmt: skip
    def test_short(self, value, text):
        assert html.short(value) == text


class TestMap:
    def test_each_cell_has_its_colour(self):
        x = np.zeros((12, 20))
        x[3, 4], x[5, 6], x[7, 8], x[9, 9] = -2, 2, 1, -1
        image = card(wrap(x)).picture()
        side = image.shape[0] // 12
        middle = image[side // 2 :: side, side // 2 :: side]
        assert middle.shape == (12, 20, 4)
        assert tuple(middle[3, 4, :3]) == html.BELOW and tuple(middle[5, 6, :3]) == html.ABOVE
        assert middle[5, 6, 3] > middle[7, 8, 3] > middle[0, 0, 3] > 0
        assert middle[3, 4, 3] > middle[9, 9, 3] > middle[0, 0, 3]
        assert tuple(middle[0, 0, :3]) == html.ZERO

    @pytest.mark.parametrize("bad", ["nan", "inf", "-inf"])
    def test_what_is_no_number_has_a_colour_a_sign_and_a_word(self, bad):
        x = normal(12, 20)
        x[3, 4] = float(bad)
        reader = card(x)
        image = reader.picture()
        side = image.shape[0] // 12
        cell = image[3 * side : 4 * side, 4 * side : 5 * side, :3].reshape(-1, 3)
        colours = {tuple(c) for c in cell.tolist()}
        assert html.BAD in colours and (255, 255, 255) in colours
        white = (cell == 255).all(1).sum()
        assert white == sum(line.count("#") for line in html.SIGNS[bad])
        assert ("1 NaN" if bad == "nan" else "1 infinite") in reader.said

    def test_the_pointer_reads_values(self):
        x = normal(12, 20)
        tips = [i["title"] for i in card(x).of("i")]
        assert len(tips) == 240
        assert np.allclose([float(t) for t in tips], x.array.ravel(), rtol=0.06)

    def test_two_at_once_on_a_digit_with_gradient(self):
        tips = [i["title"] for i in card(with_grad(normal(28, 28))).of("i")]
        assert len(tips) == 2 * 28 * 14 and all(len(t.split()) == 2 for t in tips)

    def test_a_large_one_says_what_is_drawn(self):
        assert "28 of 1,000 rows, 28 of 500 columns drawn" in card(normal(1000, 500)).said
        assert "72 of 5,000 elements drawn" in card(normal(5000)).said

    def test_a_sample_holds_both_ends(self):
        blocks, _ = html.blocks_of(np.arange(10**6).reshape(1000, 1000))
        assert blocks[0].values[0, 0] == 0 and blocks[0].values[-1, -1] == 999_999

    @pytest.mark.parametrize("dtype", ["bool", "uint8", "int64", "float16", "float64", "complex64"])
    def test_every_dtype(self, dtype):
        for shape in ((3, 4), (30, 40), (70_000,), (3, 2, 20, 20), (1000, 1), (1, 1000)):
            array = np.random.default_rng(0).integers(0, 2, shape).astype(dtype)
            card(with_grad(wrap(array)) if array.dtype.kind in "fc" else wrap(array))


class TestLook:
    def test_agrees_with_numpy(self):
        x = normal(40, 50, dtype="float64").array
        facts = html.look(x)
        assert (facts.low, facts.high) == (x.min(), x.max())
        assert facts.mean == pytest.approx(x.mean()) and facts.norm == pytest.approx(
            np.linalg.norm(x)
        )
        assert sum(facts.counts) == x.size and not facts.sampled

    def test_a_large_one_is_estimated_but_bad_numbers_are_all_counted(self):
        x = normal(1500, 1001).array
        x[777, 333], x[0, 1], x[5, 5] = np.nan, np.inf, -np.inf
        facts = html.look(x)
        assert facts.sampled and (facts.nans, facts.infinite) == (1, 2)
        assert facts.norm == pytest.approx(np.sqrt(x.size), rel=0.02)

    @pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
    def test_numbers_at_the_edge_overflow_nothing(self, dtype):
        x = np.full(5000, np.finfo(dtype).max)
        facts = html.look(x)
        assert facts.bad() == "" and facts.high == np.finfo(dtype).max
        card(wrap(x))

    def test_nothing_but_nan(self):
        for shape in ((3,), (300,)):
            reader = card(wrap(np.full(shape, np.nan)))
            assert f"{shape[0]} NaN" in reader.said and "mean" not in reader.said

    def test_thinning_copies_nothing(self):
        x = np.broadcast_to(np.float32(0), (10**5, 10**5))
        assert html.thinned(x).size <= html.SAMPLE
        assert np.shares_memory(html.thinned(x), x)


class TestSmallAndQuiet:
    @pytest.mark.parametrize("shape", [
        (10, 10), (100,), (2, 50), (25, 2, 2), (28, 28), (40, 40), (64, 1, 28, 28), (1000, 1000),
        (11, 101), (10, 3, 3, 3), (5000,), (1000, 1), (1, 1000), (12, 12, 9, 9), (101, 1, 1),
    ])  # fmt: skip
    def test_bytes(self, shape):
        text = with_grad(normal(*shape, dtype="float64") * -1e-9)._repr_html_()
        assert len(text.encode()) < 32_000

    def test_no_operation_is_recorded(self):
        x, seen = with_grad(normal(20, 30)), []
        with watching(lambda *told: seen.append(told)):
            card(x)
        assert not seen

    def test_on_a_gpu_little_is_copied(self, pretend_gpu, monkeypatch):  # noqa: F811
        copied, move = [], html.move
        monkeypatch.setattr(html, "move", lambda a, to: copied.append(a.size) or move(a, to))
        x = normal(500, 500).to("cuda")
        reader = card(x)
        assert "cuda:0" in reader.said and sum(copied) <= 4096 * 2 + html.CELLS
        assert reader.picture().shape == card(normal(500, 500)).picture().shape
        x[3, 4] = float("nan")
        assert "1 NaN" in card(x).said
        assert "250,000" not in card(x.sum()).said

    @pytest.mark.speed
    def test_ten_million_elements_take_twenty_milliseconds(self):
        for x in (normal(10**7), wrap(normal(2500, 4000).array.T), torch.arange(10**7)):
            best = min(timed(x._repr_html_) for _ in range(5))
            assert best < 0.02


def timed(call):
    start = time.perf_counter()
    call()
    return time.perf_counter() - start


HOSTILE = (
    "</div></span>\"'><script>document.title='broken'</script><img src=x onerror=alert(1)> $x^2$"
)


def hostile(name):
    """A tensor that carries a stranger's text wherever a stranger can put some."""

    class Double(Function):
        @staticmethod
        def forward(ctx, x):
            return x * 2

        @staticmethod
        def backward(ctx, g):
            return g * 2

    Double.__name__ = Double.__qualname__ = name
    Double.formula = Double.gradient = name
    y = Double.apply(normal(3, 4).requires_grad_())
    y.name = name
    leaf = type("Parameter", (Tensor,), {})([1.0])
    type(leaf).__name__ = name
    leaf.name = name
    return y, leaf


names = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=80)


class TestStrangers:
    @settings(max_examples=200, deadline=None)
    @given(names.filter(bool))
    def test_any_name(self, name):
        for tensor in hostile(name):
            reader = card(tensor)
            visible = "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in name)
            assert visible[:60] in reader.said

    def test_the_worst_name(self):
        for tensor in hostile(HOSTILE):
            assert HOSTILE[:60] in card(tensor).said
            assert "<script" not in tensor._repr_html_()

    def test_a_name_that_turns_the_text_round(self):
        for tensor in hostile("a\u202eb\u2066c\nd"):
            assert "a\ufffdb\ufffdc\ufffdd" in card(tensor).said

    @pytest.mark.parametrize("name", [7, None, b"x", object(), type("S", (str,), {})("x")])
    def test_a_name_that_is_no_text_is_not_shown(self, name):
        x = normal(2)
        x.name = name
        assert card(x).said == card(normal(2)).said


LOOK = """
root => [...root.querySelectorAll("*")].map(e =>
  [e.tagName, e.getAttribute("style"), e.getAttribute("title"), e.getAttribute("alt")].join("|"))
"""
AT = """
([picture, row, column, side]) => {
  picture.scrollIntoView({block: "center"});
  const box = picture.getBoundingClientRect();
  return document.elementFromPoint(
    box.left + (column + .5) * side, box.top + (row + .5) * side).title }
"""


@pytest.fixture(scope="module")
def lab(tmp_path_factory):
    from tests.widgets.lab import Lab

    with Lab(tmp_path_factory.mktemp("lab")) as lab:
        yield lab


@pytest.mark.e2e
class TestInJupyterLab:
    """The card comes through JupyterLab unchanged, trusted or not, and the pointer reads it."""

    def shown(self, lab, texts, trusted):
        """Open a notebook with saved outputs that nobody has run here."""
        from tests.widgets.lab import Notebook

        outputs = [
            nbformat.v4.new_output("display_data", {"text/html": text, "text/plain": "plain"})
            for text in texts
        ]
        cell = nbformat.v4.new_code_cell("pass", outputs=outputs)
        book = nbformat.v4.new_notebook(cells=[cell])
        book.metadata.kernelspec = {"name": "python3", "display_name": "Python 3"}
        file = lab.folder / f"card-{trusted}.ipynb"
        nbformat.write(book, file)
        page = lab.browser.new_page(viewport={"width": 1200, "height": 1000})
        notebook = Notebook(page, f"{lab.url}/lab/tree/{file.name}?reset", file)
        if trusted:
            notebook.page.evaluate("""() => { const { content } = jupyterapp.shell.currentWidget;
              content.widgets.forEach(cell => { cell.model.trusted = true }) }""")
        return notebook

    @pytest.mark.parametrize("trusted", [True, False])
    def test_is_seen_as_it_was_made(self, lab, trusted):
        x = normal(12, 20)
        tensors = [x, with_grad(normal(3, 4)), *hostile(HOSTILE), with_grad(normal(28, 28)),
                   *hostile("$x^2$ \\(y\\)")]  # fmt: skip
        texts = [tensor._repr_html_() for tensor in tensors]
        notebook = self.shown(lab, texts, trusted)
        page = notebook.page
        cards = page.locator(".jp-OutputArea-output div[style*='border-left:3px']")
        cards.first.wait_for()
        page.wait_for_timeout(500)
        assert (cards.first.get_attribute("role") == "group") is trusted
        for number, text in enumerate(texts):
            assert cards.nth(number).evaluate(LOOK) == expected(text)
        picture = cards.first.locator("img").element_handle()
        side = picture.evaluate("e => e.naturalWidth / 20")
        for place in ((0, 0), (7, 13), (11, 19)):
            tip = page.evaluate(AT, [picture, *place, side])
            assert float(tip) == pytest.approx(float(x.array[place]), rel=0.06)
        assert "broken" not in page.title()
        assert notebook.trouble == []
        notebook.close()


def expected(text):
    """What LOOK finds in a card that nobody has changed."""
    return ["|".join([tag.upper(), *(seen.get(name) or "" for name in ("style", "title", "alt"))])
            for tag, seen in Reader(text).all[1:]]  # fmt: skip
