"""The pretend GPU must catch what a real one would refuse, and compute what NumPy computes."""

import copy
import gc
import importlib
import importlib.util
import sys
import threading
import weakref

import numpy as np
import pytest

from tests import fake_cupy
from tests.fake_cupy import DeviceSync, capture, counting, no_sync, stats
from tests.fake_cupy.surface import SURFACE

xp = fake_cupy


@pytest.fixture(autouse=True)
def first_gpu():
    xp.cuda.Device(0).use()
    stats.reset()


def gpu(values, dtype=np.float32):
    return xp.asarray(np.array(values, dtype))


X = np.arange(6, dtype=np.float32).reshape(2, 3)


def inside(context, function):
    def call():
        with context():
            return function()

    return call


def other_gpu():
    with xp.cuda.Device(1):
        return xp.ones((2, 3), np.float32)


def assign(array, index, value):
    array[index] = value


# name: (the mistake, the same done right, the error, words of its message)
MISTAKES = {
    "host operand on the right": (
        lambda: gpu(X) + X, lambda: gpu(X) + gpu(X), TypeError, "Unsupported type"),
    "host operand on the left": (
        lambda: X * gpu(X), lambda: gpu(X) * gpu(X), TypeError, "Unsupported type"),
    "host operand of @": (
        lambda: gpu(X) @ X.T, lambda: gpu(X) @ gpu(X).T, TypeError, "Unsupported type"),
    "host operand of a ufunc": (
        lambda: xp.maximum(gpu(X), np.zeros(3)), lambda: xp.maximum(gpu(X), 0), TypeError,
        "maximum: Unsupported type <class 'numpy.ndarray'>"),
    "host operand in place": (
        lambda: gpu(X).__iadd__(X), lambda: gpu(X).__iadd__(gpu(X)), TypeError, "Unsupported"),
    "in place into a host array": (
        lambda: np.ones(3).__iadd__(gpu(X[0])), lambda: xp.ones(3).__iadd__(gpu(X[0])), TypeError,
        "Unsupported type"),
    "host array in concatenate": (
        lambda: xp.concatenate([gpu(X), X]), lambda: xp.concatenate([gpu(X), gpu(X)]), TypeError,
        "Unsupported type"),
    "host array in where": (
        lambda: xp.where(gpu(X) > 1, gpu(X), np.zeros(3)), lambda: xp.where(gpu(X) > 1, gpu(X), 0),
        TypeError, "Unsupported type"),
    "host array in a reduction": (
        lambda: xp.sum(X), lambda: xp.sum(gpu(X)), TypeError, "Unsupported type"),
    "host array assigned": (
        lambda: assign(gpu(X), 0, X[0]), lambda: assign(gpu(X), 0, gpu(X[0])), TypeError,
        "Unsupported type"),
    "list assigned": (
        lambda: assign(gpu(X), 0, [1, 2, 3]), lambda: assign(gpu(X), 0, 1), TypeError,
        "Unsupported type <class 'list'>"),
    "list operand": (
        lambda: gpu(X) * [1, 2, 3], lambda: gpu(X) * xp.asarray([1, 2, 3]), TypeError,
        "Unsupported type <class 'list'>"),
    "list operand of a ufunc": (
        lambda: xp.exp([1.0, 2.0]), lambda: xp.exp(xp.asarray([1.0, 2.0])), TypeError,
        "Unsupported type <class 'list'>"),
    "list operand of a function": (
        lambda: xp.dot(gpu(X), [1, 2, 3]), lambda: xp.dot(gpu(X), gpu([1, 2, 3])), TypeError,
        "Unsupported type <class 'list'>"),
    "np.ones_like in a backward": (
        lambda: np.ones_like(gpu(X)), lambda: xp.ones_like(gpu(X)), TypeError, "use xp.ones_like"),
    "np.exp of a GPU array": (
        lambda: np.exp(gpu(X)), lambda: xp.exp(gpu(X)), TypeError, "use xp.exp"),
    "np.sum of a GPU array": (
        lambda: np.sum(gpu(X)), lambda: gpu(X).sum(), TypeError, "use xp.sum"),
    "np.asarray of a GPU array": (
        lambda: np.asarray(gpu(X)), lambda: gpu(X).get(), TypeError, "Implicit conversion"),
    "np.array of a list of GPU arrays": (
        lambda: np.array([gpu(X)]), lambda: xp.asarray([gpu(X)]), TypeError, "Implicit"),
    "a name CuPy lacks": (
        lambda: xp.vecdot, lambda: xp.vdot, AttributeError, "no attribute 'vecdot'"),
    "a method CuPy lacks": (
        lambda: gpu(X).setflags(write=False), lambda: gpu(X).copy(), AttributeError, "setflags"),
    "a flag CuPy lacks": (
        lambda: gpu(X).flags.writeable, lambda: gpu(X).flags.c_contiguous, AttributeError,
        "writeable"),
    "sum(where=)": (
        lambda: xp.sum(gpu(X), where=gpu(X) > 1), lambda: xp.sum(xp.where(gpu(X) > 1, gpu(X), 0)),
        TypeError, "unexpected keyword argument 'where'"),
    "max(initial=)": (
        lambda: gpu(X).max(initial=0), lambda: gpu(X).max(), TypeError, "'initial'"),
    "a ufunc's where=": (
        lambda: xp.add(gpu(X), 1, where=gpu(X) > 1), lambda: xp.add(gpu(X), 1, dtype=np.float64),
        TypeError, "Wrong arguments"),
    "too many positional arguments": (
        lambda: gpu(X).sum(0, None, None, False, 0.0), lambda: gpu(X).sum(0, None, None, False),
        TypeError, "positional"),
    "random.normal of a Generator": (
        lambda: xp.random.default_rng(0).normal(), lambda: xp.random.default_rng(0).random(),
        AttributeError, "normal"),
    "a ufunc.at CuPy lacks": (
        lambda: xp.subtract.at(gpu(X[0]), xp.asarray([0, 1]), 1.0),
        lambda: xp.add.at(gpu(X[0]), xp.asarray([0, 1]), -1.0), TypeError, "does not support"),
    "maximum.reduce": (
        lambda: xp.maximum.reduce(gpu(X)), lambda: xp.add.reduce(gpu(X)), NotImplementedError,
        "not supported yet"),
    "an array of another GPU": (
        lambda: gpu(X) + other_gpu(), lambda: gpu(X) + xp.asarray(other_gpu()), ValueError,
        r"resides \(1\) is different from the current device \(0\)"),
    "work on another GPU": (
        lambda: xp.exp(other_gpu()), lambda: other_gpu().copy() + 1, ValueError, "resides"),
    "a GPU that is not there": (
        lambda: xp.cuda.Device(7).use(), lambda: xp.cuda.Device(1).use(), RuntimeError,
        "invalid device ordinal"),
    "a GPU number as an index": (
        lambda: [1, 2][xp.argmax(gpu(X[0])) - 1], lambda: [1, 2][int(xp.argmax(gpu(X[0]))) - 1],
        TypeError, "indices must be"),
    "in-place float into int": (
        lambda: gpu([1, 2], np.int32).__itruediv__(2), lambda: gpu([1, 2]).__itruediv__(2),
        TypeError, "same_kind"),
    "item() in a step": (
        inside(no_sync, lambda: gpu(X).sum().item()), lambda: gpu(X).sum().item(), DeviceSync,
        "item"),
    "float() in a step": (
        inside(no_sync, lambda: float(gpu(X).sum())), inside(no_sync, lambda: gpu(X).sum()),
        DeviceSync, "float"),
    "if on a GPU value": (
        inside(no_sync, lambda: 1 if gpu(X).sum() > 3 else 0),
        inside(no_sync, lambda: xp.where(gpu(X).sum() > 3, 1, 0)), DeviceSync, "bool"),
    "max() of GPU values": (
        inside(no_sync, lambda: max(gpu(X)[0, 0], gpu(X)[0, 1])),
        inside(no_sync, lambda: xp.maximum(gpu(X)[0, 0], gpu(X)[0, 1])), DeviceSync, "bool"),
    "in on a GPU array": (
        inside(no_sync, lambda: 3.0 in gpu(X[0])),
        inside(no_sync, lambda: (gpu(X[0]) == 3).any()), DeviceSync, "bool"),
    "print in a step": (
        inside(no_sync, lambda: f"{gpu(X).sum()}"), lambda: f"{gpu(X).sum()}", DeviceSync,
        "format"),
    "mask read in a step": (
        inside(no_sync, lambda: gpu(X)[gpu(X) > 1]),
        inside(no_sync, lambda: xp.where(gpu(X) > 1, gpu(X), 0)), DeviceSync, "mask"),
    "mask write in a step": (
        inside(no_sync, lambda: assign(gpu(X), gpu(X) > 1, 0.0)),
        inside(no_sync, lambda: xp.copyto(gpu(X), 0.0, where=gpu(X) > 1)), DeviceSync, "mask"),
    "nonzero in a step": (
        inside(no_sync, lambda: gpu(X).nonzero()), lambda: gpu(X).nonzero(), DeviceSync, "nonzero"),
    "where with one argument in a step": (
        inside(no_sync, lambda: xp.where(gpu(X))), lambda: xp.where(gpu(X)), DeviceSync, "where"),
    "unique in a step": (
        inside(no_sync, lambda: xp.unique(gpu(X))), lambda: xp.unique(gpu(X)), DeviceSync,
        "unique"),
    "product in a capture": (
        inside(capture, lambda: xp.ones((2, 2)) @ xp.ones((2, 2))),
        inside(capture, lambda: xp.ones((2, 2)) * xp.ones((2, 2))), NotImplementedError, "cuBLAS"),
    "einsum in a capture": (
        inside(capture, lambda: xp.einsum("ij,jk", xp.ones((2, 2)), xp.ones((2, 2)))),
        inside(capture, lambda: xp.ones((2, 2)).sum(0)), NotImplementedError, "cuBLAS"),
    "inverse in a capture": (
        inside(capture, lambda: xp.linalg.inv(xp.eye(2))), lambda: xp.linalg.inv(xp.eye(2)),
        NotImplementedError, "cuSOLVER"),
    "random numbers in a capture": (
        inside(capture, lambda: xp.random.rand(2)), lambda: xp.random.rand(2),
        NotImplementedError, "cuRAND"),
    "upload in a capture": (
        inside(capture, lambda: xp.asarray(X)), inside(capture, lambda: xp.zeros((2, 3))),
        RuntimeError, "H2D transfers are disallowed"),
    "host index in a capture": (
        inside(capture, lambda: xp.zeros(3)[[0, 1]]),
        inside(capture, lambda: xp.zeros(3)[xp.arange(2)]), RuntimeError, "H2D"),
    "download in a capture": (
        inside(capture, lambda: xp.ones(3).get()), inside(capture, lambda: xp.ones(3) + 1),
        RuntimeError, "capturing"),
    "a number out of range as an index": (
        lambda: gpu(X)[5], lambda: gpu(X)[xp.asarray([5])], IndexError, "out of bounds"),
    "weak reference to the memory": (
        lambda: weakref.ref(gpu(X).data.mem), lambda: weakref.ref(gpu(X)), TypeError, "weak"),
    "an unknown attribute": (
        lambda: setattr(gpu(X), "grad", 1), lambda: setattr(gpu(X), "shape", (3, 2)),
        AttributeError, "grad"),
}  # fmt: skip


@pytest.mark.parametrize("name", MISTAKES)
def test_mistake_is_caught(name):
    wrong, right, error, words = MISTAKES[name]
    right()
    xp.cuda.Device(0).use()
    with pytest.raises(error, match=words):
        wrong()


class TestNumbers:
    FUNCTIONS = (
        "exp log1p sqrt tanh abs sign floor ceil square negative sum mean max min prod argmax "
        "argmin all any std var cumsum cumprod sort argsort isnan isfinite ravel transpose squeeze "
        "flip zeros_like ones_like copy median ptp diff round nan_to_num tril triu amax amin trace "
        "logical_not reciprocal sinc count_nonzero atleast_3d"
    )

    @pytest.mark.parametrize("name", FUNCTIONS.split())
    def test_functions_of_one_array_agree_with_numpy(self, name):
        host = np.linspace(0.5, 2.5, 12, dtype=np.float32).reshape(3, 4)
        result, expected = getattr(xp, name)(gpu(host)), getattr(np, name)(host)
        assert type(result) is xp.ndarray
        assert result.dtype == np.asarray(expected).dtype
        np.testing.assert_array_equal(result.get(), expected)

    @pytest.mark.parametrize(
        "name", "add subtract multiply divide power maximum less equal arctan2 hypot".split()
    )
    def test_functions_of_two_arrays_agree_with_numpy(self, name):
        host = np.linspace(0.5, 2.5, 12, dtype=np.float32).reshape(3, 4)
        for other in (host[0], 2, 2.5, np.float64(2), np.int8(3)):
            on_gpu = gpu(other) if isinstance(other, np.ndarray) else other
            result = getattr(xp, name)(gpu(host), on_gpu)
            expected = getattr(np, name)(host, other)
            assert result.dtype == expected.dtype
            np.testing.assert_array_equal(result.get(), expected)

    def test_operators_agree_with_numpy_on_both_sides(self):
        host = np.array([[1.0, 2.0], [3.0, 4.0]], np.float32)
        x = gpu(host)
        for result, expected in [
            (x + 1, host + 1), (1 - x, 1 - host), (x * x, host * host), (1 / x, 1 / host),
            (x // 2, host // 2), (x % 2, host % 2), (x**2, host**2), (2**x, 2**host),
            (x @ x, host @ host), (-x, -host), (abs(-x), host), (x > 2, host > 2),
            (x == 2, host == 2),
            (np.float32(2) * x, np.float32(2) * host), (np.float64(2) + x, np.float64(2) + host),
            (np.float32(2) < x, np.float32(2) < host), (divmod(x, 2)[1], host % 2),
        ]:  # fmt: skip
            assert result.dtype == expected.dtype
            np.testing.assert_array_equal(result.get(), expected)

    def test_arguments_in_cupys_order_reach_numpys_names(self):
        x = gpu(X)
        assert xp.argmax(x, 1, None, None, True).shape == (2, 1)  # (a, axis, dtype, out, keepdims)
        assert xp.reshape(x, newshape=(3, 2)).shape == (3, 2)
        with pytest.raises(TypeError, match="'shape'"):
            xp.reshape(x, shape=(3, 2))

    def test_reductions_stay_on_the_device(self):
        for result in (gpu(X).sum(), xp.mean(gpu(X)), gpu(X)[0, 0], xp.array_equal(gpu(X), gpu(X))):
            assert type(result) is xp.ndarray
            assert result.shape == ()

    def test_division_by_zero_is_silent_here_and_loud_on_the_host(self):
        assert xp.isinf(1 / xp.zeros(2)).all()
        with pytest.warns(RuntimeWarning, match="divide by zero"):
            1 / np.zeros(2)

    def test_out(self):
        x, out = gpu(X), xp.empty((2, 3), np.float32)
        assert xp.exp(x, out=out) is out
        assert xp.sum(x, axis=0, out=out[0]).base is out
        np.testing.assert_array_equal(out[0].get(), X.sum(0))

    def test_results_are_contiguous_as_cupy_makes_them(self):
        transposed = gpu(X).T
        assert transposed.flags.f_contiguous
        assert (transposed + 1).flags.c_contiguous
        assert xp.exp(transposed).flags["C_CONTIGUOUS"]


class TestTraps:
    def test_an_index_array_out_of_range_wraps(self):
        x = gpu([10, 11, 12])
        assert x[xp.asarray([0, 4, -1, 3])].tolist() == [10, 11, 12, 10]
        assert xp.take(x, xp.asarray([5])).tolist() == [12]
        assert xp.take_along_axis(x, xp.asarray([4]), 0).tolist() == [11]
        x[xp.asarray([4])] = 0
        assert x.tolist() == [10, 0, 12]
        xp.add.at(x, xp.asarray([3, 0]), 1)
        assert x.tolist() == [12, 0, 12]
        table = gpu(X)
        assert table[:, xp.asarray([4])].tolist() == [[1], [4]]
        assert table[xp.asarray([3]), xp.asarray([4])].tolist() == [4]
        assert table[..., None, xp.asarray([3])].tolist() == [[[0]], [[3]]]

    def test_duplicates_do_not_let_the_last_one_win(self):
        x = xp.zeros(3)
        x[xp.asarray([1, 1, 2])] = gpu([5, 6, 7])
        assert x.tolist() == [0, 5, 7]
        table = xp.zeros((2, 2))
        table[:, xp.asarray([0, 0])] = gpu([[1, 2], [3, 4]])
        assert table.tolist() == [[1, 0], [3, 0]]
        view = xp.zeros((2, 2)).T
        view[xp.asarray([0, 0]), xp.asarray([1, 1])] = gpu([8, 9])
        assert view.tolist() == [[0, 8], [0, 0]]

    def test_duplicates_all_count_in_add_at(self):
        x = xp.zeros(3, np.float32)
        xp.add.at(x, xp.asarray([1, 1, 2]), gpu([5, 6, 7]))
        assert x.tolist() == [0, 11, 7]

    def test_empty_is_poisoned(self):
        assert xp.isnan(xp.empty(4)).all()
        assert xp.isnan(xp.empty_like(gpu(X))).all()
        assert xp.isnan(xp.ndarray((2,), np.float32)).all()
        assert (xp.empty(4, np.int32) > 2**30).all()

    def test_casts_to_integers_saturate(self):
        x = gpu([-1, np.inf, -np.inf, np.nan, 2.9, -2.9])
        assert x.astype(np.int32).tolist() == [-1, 2**31 - 1, -(2**31), 0, 2, -2]
        assert x.astype(np.uint8).tolist() == [0, 255, 0, 0, 2, 0]
        assert xp.asarray(x, np.int64).tolist()[1:4] == [2**63 - 1, -(2**63), 0]
        into = xp.zeros(6, np.uint8)
        into[:] = x
        assert into.tolist() == [0, 255, 0, 0, 2, 0]

    def test_the_same_seed_gives_other_numbers_than_on_the_host(self):
        xp.random.seed(0)
        np_state = np.random.RandomState(0)
        first = xp.random.rand(4).get()
        assert not np.array_equal(first, np_state.rand(4))
        xp.random.seed(0)
        np.testing.assert_array_equal(first, xp.random.rand(4).get())
        assert xp.random.standard_normal((2,), dtype=np.float32).dtype == np.float32
        assert sorted(xp.random.permutation(5).tolist()) == [0, 1, 2, 3, 4]

    def test_unsupported_dtypes_are_refused(self):
        for host in (np.array(["a"]), np.array([None]), np.ones(2, np.longdouble)):
            with pytest.raises(ValueError, match="Unsupported dtype"):
                xp.asarray(host)


class TestMemory:
    def test_views_share_memory_and_know_their_base(self):
        x = gpu(X)
        windows = xp.lib.stride_tricks.sliding_window_view(x, (2, 2))
        strided = xp.lib.stride_tricks.as_strided(x, (2,), (4,))
        views = [
            x[0], x[:, 1:], x[0, 0], x.T, x.reshape(-1), x.ravel(), x[None], xp.squeeze(x[None]),
            xp.broadcast_to(x, (4, 2, 3)), xp.moveaxis(x, 0, 1), x.swapaxes(0, 1), x.view(),
            xp.expand_dims(x, 0), xp.split(x, 3, axis=1)[1], x.diagonal(), x[0][1:],
            windows, strided,
        ]  # fmt: skip
        for view in views:
            assert view.base is x
            assert view.data.mem is x.data.mem
        assert x[0, 1:].data.ptr == x.data.ptr + 4
        x[0, 0] = 50
        assert float(x.T[0, 0]) == float(views[2]) == float(strided[0]) == 50

    def test_views_cost_nothing_and_copies_one_launch(self):
        x = gpu(X)
        with counting() as cost:
            x[0], x.T, x.reshape(3, 2), xp.broadcast_to(x, (2, 2, 3)), xp.empty((2,))
        assert cost.launches == 0
        with counting() as cost:
            fresh = [x.T.reshape(-1), x.copy(), x.astype(np.float64), x.flatten(), x + 1, x.sum()]
            fresh += [x[xp.arange(1)]]
        assert cost.launches == 8
        for one in fresh:
            assert one.base is None
            assert one.data.mem is not x.data.mem

    def test_a_0d_view_writes_through(self):
        x = gpu([1, 2])
        corner = x[1]
        corner += 5
        assert x.tolist() == [1, 7]

    def test_in_place_operators_keep_the_array(self):
        x = gpu(X)
        before, alias = x.data.mem, x[1]
        x += 1
        x *= gpu(X)
        x -= x
        assert x.data.mem is before
        assert alias.tolist() == [0, 0, 0]
        w = gpu(np.eye(2))
        kept = w
        w @= w  # there is no in-place product: the name is bound to a new array
        assert w is not kept

    def test_the_host_copy_is_its_own(self):
        host = X.copy()
        x = xp.asarray(host)
        host[:] = -1
        down = x.get()
        down[:] = -2
        assert x.tolist() == X.tolist()

    def test_the_pool_counts_what_is_alive(self):
        pool = xp.get_default_memory_pool()
        gc.collect()
        before = pool.used_bytes()
        x = xp.zeros((1024,), np.float32)
        view = x[:10]
        assert pool.used_bytes() - before == 4096
        del x
        assert pool.used_bytes() - before == 4096
        del view
        assert pool.used_bytes() == before
        assert pool.total_bytes() >= before + 4096
        pool.free_all_blocks()
        assert pool.total_bytes() == before

    def test_copies_and_pickles(self):
        x = gpu(X)
        for one in (copy.copy(x), copy.deepcopy(x), x.__reduce__()[0](*x.__reduce__()[1])):
            assert one.base is None
            np.testing.assert_array_equal(one.get(), X)
        with xp.cuda.Device(1):
            elsewhere = copy.deepcopy(x)
        assert elsewhere.device == x.device

    def test_set_uploads(self):
        x = xp.zeros((2, 3), np.float32)
        x.set(X)
        np.testing.assert_array_equal(x.get(), X)
        with pytest.raises(TypeError, match="float64 array cannot be set"):
            x.set(X.astype(float))


class TestDevices:
    def test_arrays_live_where_they_were_made(self):
        x = other_gpu()
        assert x.device.id == 1
        assert x[0].device.id == 1
        assert gpu(X).device.id == 0
        with xp.cuda.Device(1):
            assert (x + 1).device.id == 1

    def test_devices_nest_and_belong_to_a_thread(self):
        seen = []
        with xp.cuda.Device(1):
            with xp.cuda.Device(0):
                assert xp.cuda.runtime.getDevice() == 0
            assert xp.cuda.get_device_id() == 1
            thread = threading.Thread(target=lambda: seen.append(xp.cuda.runtime.getDevice()))
            thread.start()
            thread.join()
        assert seen == [0]
        assert xp.cuda.runtime.getDeviceCount() == 2

    def test_asarray_and_copy_bring_an_array_here(self):
        for here in (xp.asarray(other_gpu()), other_gpu().copy()):
            assert here.device.id == 0

    def test_streams_and_events(self):
        stream = xp.cuda.Stream(non_blocking=True)
        with stream:
            assert xp.cuda.get_current_stream() is stream
            start, end = stream.record(), stream.record()
        assert xp.cuda.get_elapsed_time(start, end) >= 0
        assert xp.cuda.get_current_stream() is xp.cuda.Stream.null
        stream.begin_capture()
        with pytest.raises(NotImplementedError, match="cuBLAS"):
            xp.ones((2, 2)) @ xp.ones((2, 2))
        stream.end_capture()
        with counting() as cost:
            stream.synchronize()
            end.synchronize()
            xp.cuda.Device().synchronize()
        assert cost.syncs == 3

    def test_get_array_module(self):
        assert xp.get_array_module(X, gpu(X)) is xp
        assert xp.get_array_module(X) is np


class TestCounting:
    def test_each_kind_of_cost(self):
        x = gpu(X)
        for work, expected in [
            (lambda: x + 1, (1, 0, 0, 0, 0)),
            (lambda: x @ x.T, (1, 1, 0, 0, 0)),
            (lambda: xp.asarray(X), (0, 0, 0, 1, 0)),
            (lambda: x.get(), (0, 0, 1, 0, 1)),
            (lambda: x.sum().item(), (1, 0, 1, 0, 1)),
            (lambda: x[[0, 1]], (1, 0, 0, 1, 0)),
            (lambda: xp.asarray(3.0), (1, 0, 0, 0, 0)),
            (lambda: xp.concatenate([x] * 8), (8, 0, 0, 0, 0)),
            (lambda: xp.stack([x] * 9), (1, 0, 0, 1, 0)),
            (lambda: x.shape, (0, 0, 0, 0, 0)),
            (lambda: xp.asnumpy(X), (0, 0, 0, 0, 0)),
        ]:
            with counting() as cost:
                work()
            got = (cost.launches, cost.gemms, cost.syncs, cost.h2d, cost.d2h)
            assert got == expected

    def test_a_refused_wait_is_not_counted(self):
        with counting() as cost, no_sync(), pytest.raises(DeviceSync):
            gpu(X).get()
        assert (cost.syncs, cost.d2h) == (0, 0)
        gpu(X).get()

    def test_no_sync_and_capture_nest(self):
        with no_sync():
            with capture(), pytest.raises(RuntimeError, match="capturing"):
                gpu(X)
            with pytest.raises(DeviceSync):
                gpu(X).get()
        gpu(X).get()


def softmax_step(xp, w, b, x, target, lr):
    """One step of softmax regression: loss, gradients by hand, update in place."""
    score = x @ w + b
    score = score - score.max(axis=1, keepdims=True)
    p = xp.exp(score)
    p /= p.sum(axis=1, keepdims=True)
    loss = -xp.log((p * target).sum(axis=1)).mean()
    g = (p - target) / len(x)
    w -= lr * (x.T @ g)
    b -= lr * g.sum(axis=0)
    return loss


def test_a_training_step_computes_numpys_numbers_without_waiting():
    rng = np.random.default_rng(0)
    x = rng.standard_normal((64, 10)).astype(np.float32)
    target = np.eye(4, dtype=np.float32)[rng.integers(0, 4, 64)]
    w, b = np.zeros((10, 4), np.float32), np.zeros(4, np.float32)
    on_gpu = [gpu(one) for one in (w, b, x, target)]
    for _ in range(5):
        loss = softmax_step(np, w, b, x, target, 0.1)
        with counting() as cost, no_sync():
            gpu_loss = softmax_step(xp, *on_gpu, 0.1)
        assert (cost.syncs, cost.h2d, cost.d2h, cost.gemms) == (0, 0, 0, 2)
        assert 15 <= cost.launches <= 25
        assert float(gpu_loss) == loss
    np.testing.assert_array_equal(on_gpu[0].get(), w)
    assert w.any()


class TestSurface:
    @pytest.mark.parametrize("module", ["", "random", "linalg", "fft", "lib.stride_tricks"])
    def test_every_name_of_cupy_is_answered(self, module):
        part = xp
        for name in filter(None, module.split(".")):
            part = getattr(part, name)
        missing = {"polynomial", "testing", "typing", "exceptions"}
        for name in SURFACE["modules"][module].keys() - missing:
            assert getattr(part, name, self) is not self, name

    def test_no_public_array_method_is_ours_alone(self):
        public = {n for n in dir(xp.ndarray) if not n.startswith("_")}
        assert public <= SURFACE["classes"]["ndarray"].keys()
        assert len(public) > 60
        for special in ("__index__", "__contains__", "__imatmul__", "__array_namespace__"):
            assert special not in dir(xp.ndarray)

    def test_signatures_have_cupys_names(self):
        from tests.fake_cupy import creation
        from tests.fake_cupy.refresh import parameters

        for name in "array asarray empty empty_like take put asnumpy astype copy".split():
            known = SURFACE["modules"][""][name].removeprefix("function")
            assert parameters(getattr(creation, name)) == known


class TestInstalling:
    def test_import_cupy_gives_the_pretend_gpu(self, pretend_gpu):
        import cupy
        import cupy.cuda.runtime
        import cupyx

        assert cupy is pretend_gpu is fake_cupy
        assert cupy.cuda.runtime.getDeviceCount() == 2
        x = cupy.zeros(2, np.float32)
        with pytest.warns(DeprecationWarning, match="add.at"):
            cupyx.scatter_add(x, cupy.asarray([0, 0]), 1.0)
        assert x.tolist() == [2, 0]

    def test_it_is_taken_away_again(self):
        before = sys.modules.get("cupy")
        with fake_cupy.installed():
            assert sys.modules["cupy"] is fake_cupy
        assert sys.modules.get("cupy") is before

    def test_the_project_finds_it_and_forgets_it(self):
        device = importlib.import_module("autograd_lab.device")
        with fake_cupy.installed() as gpu:
            assert device.cupy() is gpu
            assert device.device_count() == 2
        assert device.cupy.cache_info().currsize == 0


if importlib.util.find_spec("cupy"):  # only where the real CuPy is installed: no skip elsewhere

    def test_the_surface_is_the_installed_cupys():
        from tests.fake_cupy.refresh import read

        installed = read()
        if installed["cupy"] == SURFACE["cupy"]:
            assert installed == SURFACE
