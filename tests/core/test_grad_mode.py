"""Recording on and off: as a block, as a decorator, at once, nested, in threads and generators."""

import threading

import pytest

import autograd_lab
from autograd_lab import grad_mode
from tests.core.oracle import both, oracle


@pytest.fixture(autouse=True)
def _left_as_found():
    yield
    assert autograd_lab.is_grad_enabled() and grad_mode.quiet == 0


def recorded(torch):
    """Say what a computation leaves behind under the present mode."""
    x = torch.ones(2, requires_grad=True)
    y = x * 2
    return torch.is_grad_enabled(), y.requires_grad, y.grad_fn is None, y.is_leaf


MODES = ["no_grad", "enable_grad", "inference_mode"]


@pytest.mark.parametrize("name", MODES)
@both
def test_a_block(torch, name):
    inside = []
    with getattr(torch, name)():
        inside.append(recorded(torch))
        inside.append(torch.is_inference_mode_enabled())
    return inside, recorded(torch)


@pytest.mark.parametrize("name", MODES)
@pytest.mark.parametrize("called", [True, False])
@both
def test_a_decorator(torch, name, called):
    mode = getattr(torch, name)

    @(mode() if called else mode)
    def inside(value, twice=1):
        """Say what is recorded."""
        return recorded(torch), value * twice

    with torch.no_grad():
        quiet = inside(2, twice=3)
    return inside(4), quiet, recorded(torch), inside.__name__, inside.__doc__


@pytest.mark.parametrize("name", MODES)
@both
def test_a_decorated_function_calls_itself(torch, name):
    @getattr(torch, name)()
    def down(n):
        return [recorded(torch), *(down(n - 1) if n else [])]

    return down(3), recorded(torch)


@both
def test_nesting(torch):
    seen = []
    with torch.no_grad():
        seen.append(recorded(torch))
        with torch.enable_grad():
            seen.append(recorded(torch))
            with torch.no_grad():
                seen.append(recorded(torch))
            seen.append(recorded(torch))
        seen.append(recorded(torch))
    return seen, recorded(torch)


@both
def test_one_object_entered_twice(torch):
    seen, mode = [], torch.no_grad()
    for _ in range(2):
        with mode:
            with torch.enable_grad(), mode:
                seen.append(recorded(torch))
            seen.append(recorded(torch))
    return seen, recorded(torch)


class Stop(Exception):
    """What these tests raise in a block."""


@pytest.mark.parametrize("name", MODES)
@both
def test_an_error_leaves_the_mode_as_it_was(torch, name):
    with pytest.raises(Stop), getattr(torch, name)():
        raise Stop
    return recorded(torch)


# --- set_grad_enabled


def test_a_cell_that_ends_with_the_call_shows_the_mode():
    with autograd_lab.enable_grad():
        assert repr(autograd_lab.set_grad_enabled(False)) == "set_grad_enabled(mode=False)"
        theirs = oracle().set_grad_enabled(True)
        assert repr(theirs).endswith(repr(autograd_lab.set_grad_enabled(True)))


@both
def test_set_grad_enabled_at_once(torch):
    seen = []
    try:
        torch.set_grad_enabled(False)
        seen.append(recorded(torch))
        torch.set_grad_enabled(True)
        seen.append(recorded(torch))
    finally:
        torch.set_grad_enabled(True)
    return seen


@pytest.mark.parametrize("on", [True, False])
@both
def test_set_grad_enabled_as_a_block(torch, on):
    seen = []
    with torch.no_grad():
        with torch.set_grad_enabled(on):
            seen.append(recorded(torch))
        seen.append(recorded(torch))
    with torch.set_grad_enabled(mode=on):
        seen.append(recorded(torch))
    return seen, recorded(torch)


@pytest.mark.parametrize("on", [True, False])
@both
def test_set_grad_enabled_as_a_decorator(torch, on):
    @torch.set_grad_enabled(on)
    def inside():
        return recorded(torch)

    between = recorded(torch)
    with torch.no_grad():
        quiet = inside()
    return inside(), between, quiet, recorded(torch)


@both
def test_set_grad_enabled_under_no_grad_as_a_plain_call(torch):
    with torch.no_grad():
        torch.set_grad_enabled(True)
        inside = recorded(torch)
    return inside, recorded(torch)


# --- generators and classes


@pytest.mark.parametrize("name", ["no_grad", "inference_mode"])
@both
def test_a_generator_is_quiet_only_inside(torch, name):
    @getattr(torch, name)()
    def numbers():
        got = yield recorded(torch)
        try:
            yield got, recorded(torch)
        except ValueError:
            yield recorded(torch)
        return "the end"

    made, seen = numbers(), []
    seen.append(next(made))
    seen.append(recorded(torch))
    seen.append(made.send("sent"))
    seen.append(made.throw(ValueError))
    seen.append(recorded(torch))
    with pytest.raises(StopIteration) as end:
        next(made)
    return seen, end.value.value


@both
def test_closing_a_generator(torch):
    seen = []

    @torch.no_grad()
    def numbers():
        try:
            yield 1
        finally:
            seen.append(recorded(torch))

    made = numbers()
    next(made)
    made.close()
    return seen, recorded(torch)


@both
def test_an_error_in_a_generator(torch):
    @torch.no_grad()
    def numbers():
        yield 1
        raise Stop

    made = numbers()
    next(made)
    with pytest.raises(Stop):
        next(made)
    return recorded(torch)


@both
def test_a_decorated_method(torch):
    class Model:
        @torch.no_grad()
        def predict(self, n):
            return recorded(torch), n

    return Model().predict(3), recorded(torch)


# --- what comes out


@both
def test_results_made_quietly_can_be_used_later(torch):
    x = torch.tensor([1.0, 2.0], requires_grad=True)
    with torch.no_grad():
        y = x * 2
    z = (y * x).sum()
    z.backward()
    return y, x.grad


@both
def test_inference_mode_off(torch):
    with torch.inference_mode(False):
        inside = recorded(torch), torch.is_inference_mode_enabled()
    with torch.inference_mode(), torch.inference_mode(False):
        nested = recorded(torch), torch.is_inference_mode_enabled()
    return inside, nested


@both
def test_enable_grad_does_not_record_in_inference_mode_of_tensors_made_there(torch):
    with torch.inference_mode():
        x = torch.ones(2)
        y = x * 2
    return y.requires_grad, y.tolist()


@both
def test_leaves_may_be_written_quietly(torch):
    x = torch.tensor([1.0, 2.0], requires_grad=True)
    with torch.no_grad():
        x *= 3
        x[0] = 10
        x.add_(1)
    (x * x).sum().backward()
    return x, x.grad


@both
def test_creation_under_no_grad(torch):
    with torch.no_grad():
        x = torch.ones(2, requires_grad=True)
        y = torch.tensor(3.0, requires_grad=True)
    return x, y, (x * y).sum().requires_grad


@both
def test_backward_under_no_grad(torch):
    x = torch.tensor([1.0, 2.0], requires_grad=True)
    y = (x * x).sum()
    with torch.no_grad():
        y.backward()
    return x.grad


# --- threads


@both
def test_each_thread_has_its_own_mode(torch):
    seen, go, done = [], threading.Event(), threading.Event()

    def other():
        go.wait(10)
        seen.append(recorded(torch))
        with torch.no_grad():
            seen.append(recorded(torch))
        done.set()

    thread = threading.Thread(target=other)
    thread.start()
    with torch.no_grad():
        go.set()
        done.wait(10)
        seen.append(recorded(torch))
    thread.join()
    return seen, recorded(torch)


def test_many_threads_switch_at_once():
    """The count of quiet blocks comes back to zero, and nobody sees another's setting."""
    wrong = []

    def work(quiet):
        for _ in range(500):
            if quiet:
                with autograd_lab.no_grad():
                    if autograd_lab.is_grad_enabled():
                        wrong.append("records")
            elif not recorded(autograd_lab)[1]:
                wrong.append("does not record")

    threads = [threading.Thread(target=work, args=(n % 2,)) for n in range(6)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    assert not wrong and grad_mode.quiet == 0


def test_a_thread_that_ends_quietly_leaves_nothing_behind():
    """A thread may call set_grad_enabled(False) and end: others must not pay, or go wrong."""
    thread = threading.Thread(target=lambda: autograd_lab.set_grad_enabled(False))
    thread.start()
    thread.join()
    assert recorded(autograd_lab) == (True, True, False, False)
    grad_mode.quiet = 0
