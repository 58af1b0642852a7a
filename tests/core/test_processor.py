"""What is known of the processor: an unknown one is taken to be an ordinary one."""

import ctypes
import os
import types

import numpy as np
import pytest

from autograd_lab import processor


@pytest.fixture
def able(monkeypatch):
    """A processor with AVX-512, and OpenBLAS."""
    monkeypatch.delenv("OPENBLAS_CORETYPE", raising=False)
    built = {"Build Dependencies": {"blas": {"name": "scipy-openblas"}}}
    monkeypatch.setattr(np, "show_config", lambda mode: built)
    features = {"AVX512_SKX": True}
    monkeypatch.setattr(np._core._multiarray_umath, "__cpu_features__", features)
    return built, features


def test_an_able_one_multiplies_as_it_lies(able):
    assert processor._multiplies_as_it_lies()


@pytest.mark.parametrize("pinned", ["Haswell", "Zen"])
def test_other_kernels_rearrange(able, monkeypatch, pinned):
    monkeypatch.setenv("OPENBLAS_CORETYPE", pinned)
    assert not processor._multiplies_as_it_lies()


@pytest.mark.parametrize(
    "built",
    [{}, {"Build Dependencies": {}}, {"Build Dependencies": {"blas": {"name": "accelerate"}}}],
)
def test_another_or_an_unknown_blas_rearranges(able, monkeypatch, built):
    monkeypatch.setattr(np, "show_config", lambda mode: built)
    assert not processor._multiplies_as_it_lies()


def test_a_processor_without_avx_512_rearranges(able):
    able[1]["AVX512_SKX"] = False
    assert not processor._multiplies_as_it_lies()


# --- threads


@pytest.fixture
def no_wishes(monkeypatch):
    for name in ("OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "OMP_NUM_THREADS"):
        monkeypatch.delenv(name, raising=False)


def test_an_unknown_blas_keeps_its_threads(no_wishes, monkeypatch):
    monkeypatch.setattr(processor, "_blas", lambda: (None, None))
    threads = processor.Threads()
    assert not threads.tells_blas
    assert threads.count == min(os.cpu_count(), processor.MOST)
    monkeypatch.setenv("OPENBLAS_NUM_THREADS", "many")
    monkeypatch.setenv("MKL_NUM_THREADS", "3")
    assert processor.Threads().count == 3
    monkeypatch.setenv("OPENBLAS_NUM_THREADS", "0")
    assert processor.Threads().count == 1


def test_the_engine_takes_over_the_threads_of_its_blas(monkeypatch):
    told = []
    monkeypatch.setattr(processor, "_blas", lambda: (lambda: 64, told.append))
    threads = processor.Threads()
    assert threads.tells_blas and told == [1]
    assert threads.count == processor.MOST


@pytest.mark.parametrize("spelling", processor.SPELLINGS)
def test_openblas_is_found_under_each_of_its_names(spelling, monkeypatch):
    names = [spelling.format(name) for name in ("get_num_threads", "set_num_threads")]
    library = types.SimpleNamespace(**dict.fromkeys(names, abs))
    monkeypatch.setattr(ctypes, "CDLL", lambda path: library)
    assert processor._blas() == [abs, abs]


def test_a_library_that_cannot_be_asked(monkeypatch):
    monkeypatch.setattr(ctypes, "CDLL", lambda path: types.SimpleNamespace())
    assert processor._blas() == (None, None)

    def missing(path):
        raise OSError("no such file")

    monkeypatch.setattr(ctypes, "CDLL", missing)
    assert processor._blas() == (None, None)


def test_the_library_beside_numpy_is_asked_too(monkeypatch):
    """Windows does not show what a library is linked to."""
    own, *beside = processor._libraries()
    if not beside:
        pytest.skip("this NumPy did not bring its BLAS along")
    load, asked = ctypes.CDLL, []

    def blind(path):
        asked.append(path)
        return types.SimpleNamespace() if path == own else load(path)

    monkeypatch.setattr(ctypes, "CDLL", blind)
    get, _ = processor._blas()
    assert get() == 1 and asked[0] == own and asked[1] in beside


def test_numpys_own_openblas_obeys():
    """The wheels of NumPy hold an OpenBLAS whose functions we know: else two threads gain less."""
    get, set_count = processor._blas()
    if get is None:
        pytest.skip("this NumPy multiplies by another BLAS")
    assert get() == 1
    try:
        set_count(2)
        assert get() == 2
    finally:
        set_count(1)
