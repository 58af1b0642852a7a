"""What is known of the processor: an unknown one is taken to be an ordinary one."""

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


def test_a_number_of_threads_that_is_none_is_passed_over(monkeypatch):
    monkeypatch.setenv("OPENBLAS_NUM_THREADS", "many")
    monkeypatch.setenv("MKL_NUM_THREADS", "3")
    assert processor.get_num_threads() == 3
