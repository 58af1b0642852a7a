"""A tensor prints as PyTorch prints it, character for character."""

import os

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import autograd_lab as lab
from autograd_lab import printing
from autograd_lab.core import Tensor, wrap
from tests.fake_cupy.fixture import pretend_gpu  # noqa: F401

torch = pytest.importorskip("torch", reason="PyTorch is the oracle: pip install torch==2.13.0")

CASES = int(os.environ.get("PRINTING_CASES", 1000))
DTYPES = ["bool", "uint8", "int8", "int16", "int32", "int64", "float16", "float32", "float64",
          "complex64", "complex128"]  # fmt: skip
SCALES = [1e-30, 1e-8, 1e-5, 1e-4, 1e-3, 0.1, 1, 10, 300, 1e4, 1e7, 1e8, 1e12, 1e30]
SPECIAL = [0.0, -0.0, np.nan, np.inf, -np.inf, 1.0, -1.0, 0.5, 1e-4, 1e-5, 1000.0, 1e8, 100000001]


@pytest.fixture(autouse=True)
def _options_restored():
    with printing.printoptions():
        before = torch._tensor_str.get_printoptions()
        yield
        torch.set_printoptions(**before)


def both(array, **leaf):
    """The same numbers as our tensor and as PyTorch's."""
    ours = wrap(array)
    return ours.requires_grad_(**leaf) if leaf else ours, torch.tensor(array.copy(), **leaf)


def same(ours, theirs):
    assert repr(ours) == repr(theirs)
    assert str(ours) == str(theirs)


@st.composite
def arrays(draw):
    dtype = np.dtype(draw(st.sampled_from(DTYPES)))
    size = st.one_of(st.integers(0, 4), st.integers(1, 9), st.sampled_from([20, 60]))
    shape = tuple(draw(st.lists(size, max_size=3 if draw(st.booleans()) else 5)))
    if draw(st.integers(0, 5)) == 0:
        shape = (draw(st.sampled_from([999, 1000, 1001, 3000])),)
    while np.prod(shape) > 4000:
        shape = shape[1:]
    array = fill(draw, dtype, shape)
    if draw(st.booleans()):
        array = array.transpose(draw(st.permutations(range(array.ndim))))
    if array.ndim and draw(st.booleans()):
        array = array[draw(st.sampled_from([slice(None, None, 2), slice(None, None, -1)]))]
    return array


def fill(draw, dtype, shape):
    random = np.random.default_rng(draw(st.integers(0, 2**32)))
    if dtype.kind in "biu":
        top = draw(st.sampled_from([2, 10, 100, 2**31, 2**62]))
        return random.integers(-top if dtype.kind == "i" else 0, top, shape).astype(dtype)
    with np.errstate(all="ignore"):
        parts = [floats(draw, random, shape) for _ in range(2 if dtype.kind == "c" else 1)]
        array = np.empty(shape, dtype)
        array[...] = parts[0]
        if dtype.kind == "c":
            array.imag[...] = parts[1]
    return array


def floats(draw, random, shape):
    array = random.standard_normal(shape) * draw(st.sampled_from(SCALES))
    how = draw(st.sampled_from(["as it is", "whole", "mixed", "special", "zeros", "steps"]))
    if how == "whole":
        array = np.round(array)
    elif how == "mixed":
        array = array * 10.0 ** random.integers(-6, 6, shape)
    elif how == "special":
        array = random.choice(draw(st.lists(st.sampled_from(SPECIAL), min_size=1)), shape)
    elif how == "zeros":
        array = np.where(random.random(shape) < 0.9, 0.0, array)
    elif how == "steps":
        array = np.round(array * 4) / 4
    return array


options = st.fixed_dictionaries(
    {"sci_mode": st.sampled_from([None, None, True, False])},
    optional={
        "profile": st.sampled_from(["default", "short", "full"]),
        "precision": st.integers(0, 9),
        "threshold": st.sampled_from([0, 1, 5, 50, 1000, float("inf")]),
        "edgeitems": st.integers(0, 5),
        "linewidth": st.sampled_from([1, 20, 40, 79, 81, 120, 1000]),
    },
)  # fmt: skip


class TestLikePyTorch:
    @settings(max_examples=CASES, deadline=None)
    @given(arrays())
    def test_any_tensor(self, array):
        same(*both(array))

    @settings(max_examples=CASES, deadline=None)
    @given(arrays(), options)
    def test_any_options(self, array, chosen):
        printing.set_printoptions(profile="default")
        torch.set_printoptions(profile="default")
        printing.set_printoptions(**chosen)
        torch.set_printoptions(**chosen)
        same(*both(array))

    @settings(max_examples=CASES // 5, deadline=None)
    @given(arrays())
    def test_any_tensor_with_a_gradient(self, array):
        if array.dtype.kind not in "fc":
            return
        ours, theirs = both(array, requires_grad=True)
        same(ours.clone(), theirs.clone())
        same(ours, theirs)

    @pytest.mark.parametrize("dtype", ["float32", "float64"])
    def test_the_default_dtype_is_not_named(self, dtype):
        try:
            for lib in (lab, torch):
                lib.set_default_dtype(getattr(lib, dtype))
            for kind in DTYPES:
                same(*both(np.ones(2, kind)))
                same(*both(np.ones(0, kind)))
        finally:
            lab.set_default_dtype(lab.float32)
            torch.set_default_dtype(torch.float32)

    @pytest.mark.parametrize("number", [0.0, -0.0, 2.5, 3.0, 1e-9, 1e12, np.nan, -np.inf])
    def test_a_number(self, number):
        same(*both(np.asarray(number, np.float32)))
        assert repr(wrap(np.float32(number))) == repr(torch.tensor(number))


    @pytest.mark.parametrize("numbers", [
        [1.0, 1000.0], [1.0, 1001.0], [0.5, 500.0], [0.5, 500.5], [1e-4, 1e-3], [9.99e-5, 1e-3],
        [1e8 + 0.5, 1e8], [1e8, 1e7], [1e8 + 1, 1e7], [1e-4], [5e-324, 1e308], [0.0, np.nan],
    ])  # fmt: skip
    def test_where_the_notation_changes(self, numbers):
        same(*both(np.array(numbers)))


class TestFormat:
    @pytest.mark.parametrize("spec", ["", ".3f", "8.2e", ">10", "+.1f"])
    @pytest.mark.parametrize("number", [2.5, 3, True])
    def test_a_0d_tensor_formats_like_its_number(self, number, spec):
        assert format(lab.tensor(number), spec) == format(torch.tensor(number), spec)

    def test_with_a_gradient(self):
        loss = lab.tensor(2.5, requires_grad=True) * 2
        assert f"{loss:.2f}" == "5.00"

    def test_more_numbers_have_no_format(self):
        for lib in (lab, torch):
            with pytest.raises(TypeError, match="unsupported format string passed to Tensor"):
                format(lib.tensor([1.0, 2.0]), ".2f")
            assert format(lib.tensor([1.0]), "") == "tensor([1.])"


class TestNames:
    def test_a_subclass_prints_under_its_name(self):
        for lib in (lab, torch):
            Kelvin = type("Kelvin", (lib.Tensor,), {})
            assert repr(Kelvin([1.0, 2.0])) == "Kelvin([1., 2.])"

    def test_a_parameter(self):
        Parameter = type("Parameter", (Tensor,), {"__repr__": printing.parameter_repr})
        ours = Parameter([1.0, 2.0]).requires_grad_()
        assert repr(ours) == repr(torch.nn.Parameter(torch.tensor([1.0, 2.0])))

    def test_a_parameter_of_ones_own(self):
        Parameter = type("Parameter", (Tensor,), {"__repr__": printing.parameter_repr})
        ours = type("Mine", (Parameter,), {})([1.0]).requires_grad_()
        theirs = type("Mine", (torch.nn.Parameter,), {})(torch.tensor([1.0]))
        assert repr(ours) == repr(theirs)


class TestOptions:
    def test_all_of_them_come_back(self):
        printing.set_printoptions(precision=2, linewidth=40, sci_mode=True, html=False)
        state = printing.get_printoptions()
        printing.set_printoptions(profile="full", html=True)
        assert printing.get_printoptions() != state
        printing.set_printoptions(**state)
        assert printing.get_printoptions() == state

    def test_a_block_restores_them_also_after_an_error(self):
        before = printing.get_printoptions()
        with printing.printoptions(precision=1):
            assert repr(lab.tensor([0.123])) == "tensor([0.1])"
        assert printing.get_printoptions() == before
        with pytest.raises(AttributeError), printing.printoptions(precision=1):
            lab.tensor([0.123]).no_such_name()
        assert printing.get_printoptions() == before

    def test_sci_mode_is_forgotten_by_the_next_call(self):
        for lib in (printing, torch):
            lib.set_printoptions(sci_mode=True)
            lib.set_printoptions(precision=3)
        same(*both(np.array([1.5])))


class TestOnlyWhatIsShownIsRead:
    @pytest.mark.parametrize("shape", [(10**6,), (10**4, 200), (200, 10**4), (30, 40, 500, 3)])
    def test_corners(self, shape):
        array = np.zeros(1).reshape((1,) * len(shape))
        huge = np.broadcast_to(array, shape)
        taken = printing.corners(huge, 3)
        assert taken.shape == tuple(min(n, 6) for n in shape)
        assert repr(wrap(huge)) == repr(torch.from_numpy(array.copy()).expand(shape))

    def test_on_a_gpu(self, pretend_gpu, monkeypatch):  # noqa: F811
        copied, move = [], printing.move
        monkeypatch.setattr(printing, "move", lambda a, to: copied.append(a.size) or move(a, to))
        big = lab.zeros(1000, 1000).to("cuda")
        text = repr(big)
        assert copied == [36]
        assert text.endswith("device='cuda:0')")
        assert text.replace(", device='cuda:0'", "") == repr(torch.zeros(1000, 1000))
        assert repr(big.sum()) == "tensor(0., device='cuda:0')"
