"""detect_anomaly: the first nan in backward, with the learner's own line."""

import linecache
import threading
from importlib import import_module

import pytest

import autograd_lab as lab
from autograd_lab.autograd.anomaly_mode import anomaly_state
from tests.core.oracle import both, refused

pytestmark = pytest.mark.filterwarnings("ignore::RuntimeWarning:autograd_lab")


@pytest.fixture(autouse=True)
def _left_as_found():
    watching = import_module("autograd_lab.watching")
    before = watching.watchers
    yield
    assert watching.watchers == before
    assert anomaly_state() == (False, False)


def bad(torch, x):
    """Compute something whose gradient is 0 * inf = nan at zero."""
    return (x.sqrt() * 0).sum()


def zero(torch):
    """Make a leaf at zero."""
    return torch.tensor([0.0, 1.0], requires_grad=True)


@both
def test_it_says_whether_it_is_on(torch):
    before = torch.is_anomaly_enabled()
    with torch.autograd.detect_anomaly(check_nan=False):
        return before, torch.is_anomaly_enabled()


@refused("Function 'SqrtBackward0' returned nan values in its 0th output.")
def test_a_nan_is_found(torch):
    with torch.autograd.detect_anomaly():
        bad(torch, zero(torch)).backward()


@refused("Function 'SqrtBackward0' returned nan values in its 0th output.")
def test_a_nan_is_found_when_only_backward_is_watched(torch):
    y = bad(torch, zero(torch))
    with torch.autograd.detect_anomaly():
        y.backward()


@refused("Function 'MulBackward0' returned nan values in its 1th output.")
def test_which_output(torch):
    x, z = torch.tensor([float("inf"), 1.0]), zero(torch)
    with torch.autograd.detect_anomaly():
        (x.requires_grad_() * z).sum().backward(torch.tensor(0.0))


@both
def test_nothing_found_nothing_changed(torch):
    x = torch.tensor([4.0, 1.0], requires_grad=True)
    with torch.autograd.detect_anomaly():
        bad(torch, x).backward()
    y = zero(torch)
    bad(torch, y).backward()
    return x.grad, y.grad.isnan()


@both
def test_check_nan_off(torch):
    x = zero(torch)
    with torch.autograd.detect_anomaly(check_nan=False):
        bad(torch, x).backward()
    return x.grad.isnan()


@both
def test_switched_on_and_off(torch):
    def found():
        try:
            bad(torch, zero(torch)).backward()
        except RuntimeError:
            return True
        return False

    seen = [found()]
    try:
        torch.autograd.set_detect_anomaly(True)
        seen.append(found())
    finally:
        torch.autograd.set_detect_anomaly(False)
    seen.append(found())
    with torch.autograd.set_detect_anomaly(True):
        seen.append(found())
        with torch.autograd.set_detect_anomaly(False):
            seen.append(found())
        seen.append(found())
    return [*seen, found()]


@both
def test_an_error_inside_switches_it_off(torch):
    with pytest.raises(ZeroDivisionError), torch.autograd.detect_anomaly():
        raise ZeroDivisionError
    x = zero(torch)
    bad(torch, x).backward()
    return x.grad.isnan()


# --- where


def message(text, filename):
    """Run a cell's text and give what the error says."""
    linecache.cache[filename] = (len(text), None, text.splitlines(True), filename)
    try:
        with pytest.raises(RuntimeError) as told:
            exec(compile(text, filename, "exec"), {"torch": lab})
    finally:
        del linecache.cache[filename]
    return str(told.value)


def test_the_line_is_named():
    said = message(
        "x = torch.tensor([0., 1.], requires_grad=True)\n"
        "with torch.autograd.detect_anomaly():\n"
        "    y = x * 2\n"
        "    z = torch.sqrt(y)  # here\n"
        "    (z * 0).sum().backward()\n",
        "<a cell>",
    )
    assert "SqrtBackward0" in said and "line 4" in said and "z = torch.sqrt(y)  # here" in said


def test_the_line_inside_a_function_is_named():
    said = message(
        "def net(x):\n"
        "    h = x * 2\n"
        "    return h.sqrt()\n"
        "x = torch.tensor([0., 1.], requires_grad=True)\n"
        "with torch.autograd.detect_anomaly():\n"
        "    (net(x) * 0).sum().backward()\n",
        "<another cell>",
    )
    assert "line 3" in said and "return h.sqrt()" in said


def test_a_notebook_cell_is_named():
    pytest.importorskip("IPython")
    from tests.graph.cells import notebook

    with notebook() as run:
        run("import autograd_lab as torch")
        run("x = torch.tensor([0., 1.], requires_grad=True)\n\ny = x.sqrt()  # the root")
        result = run("with torch.autograd.detect_anomaly():\n    z = x.sqrt()\n"
                     "    (z * 0).sum().backward()", fails=True)  # fmt: skip
    assert isinstance(result, RuntimeError)
    assert "In[3]" in str(result) and "line 2" in str(result) and "z = x.sqrt()" in str(result)


def test_in_a_function_of_the_learner():
    class Mine(lab.autograd.Function):
        @staticmethod
        def forward(ctx, x):
            return x * 2

        @staticmethod
        def backward(ctx, g):
            return g * float("nan")

    loss = Mine.apply(zero(lab)).sum()
    with lab.autograd.detect_anomaly(), pytest.raises(RuntimeError) as told:
        loss.backward()
    assert str(told.value).startswith("Function 'MineBackward' returned nan values in its 0th")


def test_several_outputs():
    x = zero(lab)
    a, b = x.sqrt().split(1)
    loss = (a * 0 + b).sum()
    with lab.autograd.detect_anomaly(), pytest.raises(RuntimeError, match="SqrtBackward0"):
        loss.backward()


def test_each_thread_by_itself():
    found = []

    def work():
        x = zero(lab)
        bad(lab, x).backward()
        found.append(bool(x.grad.isnan().any()))

    with lab.autograd.detect_anomaly():
        thread = threading.Thread(target=work)
        thread.start()
        thread.join()
    assert found == [True]
