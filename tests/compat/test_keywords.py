"""Every argument may be named with PyTorch's word for it."""

import inspect
import re

import numpy as np
import pytest
import torch as oracle

import autograd_lab as lab
import autograd_lab.nn.functional

CALLS = """
add(input=a, other=a) | add(input=a, other=a, alpha=2) | sub(input=a, other=a, alpha=2)
div(input=a, other=a, rounding_mode="floor") | pow(input=a, exponent=2) | mul(input=a, other=2)
sum(input=a) | sum(input=a, dim=0) | mean(input=a, dim=0, keepdim=True) | prod(input=a, dim=0)
std(input=a, dim=0) | var(input=a, dim=0, unbiased=False) | var(input=a, dim=0, correction=0)
max(input=a) | max(input=a, dim=0) | min(input=a, dim=1, keepdim=True) | amax(input=a, dim=0)
argmax(input=a, dim=1) | logsumexp(input=a, dim=1) | cumsum(input=a, dim=0) | median(input=a)
softmax(input=a, dim=0) | log_softmax(input=a, dim=1) | tanh(input=a) | relu(input=a)
reshape(input=a, shape=(4,)) | permute(input=a, dims=(1, 0)) | transpose(input=a, dim0=0, dim1=1)
swapaxes(input=a, axis0=0, axis1=1) | squeeze(input=a) | unsqueeze(input=a, dim=0) | t(input=a)
flip(input=a, dims=(0,)) | roll(input=a, shifts=1) | tril(input=a, diagonal=-1) | triu(input=a)
diagonal(input=a) | diag_embed(input=a) | clone(input=a) | flatten(input=a, start_dim=0)
round(input=a, decimals=1) | nan_to_num(input=a) | clamp(input=a, min=2) | deg2rad(input=a)
matmul(input=a, other=a) | mm(input=a, mat2=a) | mv(input=a, vec=a[0])
dot(input=a[0], tensor=a[0])
matrix_power(input=a, n=2) | slogdet(input=a)[1] | inverse(input=a)
linalg.inv(A=a) | linalg.slogdet(A=a)[1] | addmm(input=a, mat1=a, mat2=a, beta=0.5)
allclose(input=a, other=a) | isclose(input=a, other=a) | equal(input=a, other=a)
eq(input=a, other=a)
split(tensor=a, split_size_or_sections=1)[1] | cat(tensors=(a, a), dim=0)
stack(tensors=[a], dim=1)
gather(input=a, dim=0, index=i) | scatter(input=a, dim=0, index=i, value=2.0)
scatter(input=a, dim=0, index=i, src=a) | index_select(input=a, dim=0, index=i[0])
where(condition=a > 2, input=a, other=a) | masked_fill(input=a, mask=a > 2, value=0)
promote_types(type1=torch.int32, type2=torch.float16).is_floating_point | topk(input=a, k=1)[0]
nn.functional.gelu(input=a, approximate="tanh") | nn.functional.softplus(input=a)
nn.functional.prelu(input=a, weight=a[0, :1]) | nn.functional.one_hot(input=i, num_classes=2)
nn.functional.relu6(input=a) | nn.functional.softsign(input=a) | nn.functional.tanhshrink(input=a)
nn.functional.linear(input=a, weight=a, bias=a[0]) | nn.functional.mse_loss(input=a, target=a)
Tensor.matmul(a, other=a) | Tensor.eq(a, other=a) | Tensor.div(a, other=2, rounding_mode="trunc")
Tensor.view(a, size=(4,)) | Tensor.add(a, other=a, alpha=2) | Tensor.sum(a, dim=0)
"""


@pytest.mark.parametrize("call", [c.strip() for c in re.split(r"[|\n]", CALLS) if c.strip()])
def test_named_as_in_pytorch(call):
    found = []
    for torch in (lab, oracle):
        a, i = torch.tensor([[1.0, 2.0], [3.0, 5.0]]), torch.tensor([[0]])
        y = eval(f"torch.{call}", {"torch": torch, "a": a, "i": i})
        y = y[0] if isinstance(y, tuple) else y
        found.append(y if isinstance(y, bool) else y.numpy())
    np.testing.assert_allclose(*found, rtol=1e-5, atol=1e-6)


def test_a_signature_shows_pytorchs_names():
    for name, first in {"sum": "input", "tanh": "input", "add": "input", "cat": "tensors"}.items():
        assert next(iter(inspect.signature(getattr(lab, name)).parameters)) == first


@pytest.mark.parametrize("call", [
    "sum([1])", "add([1], 2)", "tanh([1])", "softmax([1.0], 0)", "matmul(torch.ones(2), None)",
    "nn.Linear(2, 1)(None)", "nn.Dropout()(None)", "nn.LayerNorm(2)(None)", "nn.PReLU()(None)",
    "nn.MaxPool2d(2)(None)", "nn.AvgPool2d(2)([1])", "nn.ConvTranspose2d(1, 1, 2)(None)",
    "nn.NLLLoss()(None, torch.ones(2))", "nn.NLLLoss()(torch.ones(2, 2), None)",
    "nn.PixelShuffle(2)(None)", "nn.KLDivLoss(reduction='sum')(3, 4)",
])  # fmt: skip
def test_a_wrong_operand_is_named_as_in_pytorch(call):
    said = []
    for torch in (lab, oracle):
        with pytest.raises(TypeError) as error:
            eval(f"torch.{call}", {"torch": torch})
        words = str(error.value).replace("nll_loss_nd", "nll_loss")
        said.append(re.findall(r"\w+\(\): argument '\w+' \(position \d\)", words))
    assert said[0] == said[1] != []


class Odd:
    """An object with operators of its own, which stands on the right or on the left."""

    __radd__ = __rsub__ = __rmul__ = __rtruediv__ = __rmatmul__ = __rpow__ = __rfloordiv__ = (
        lambda self, other: "from the right"
    )
    __add__ = __sub__ = __mul__ = __truediv__ = __matmul__ = __pow__ = __floordiv__ = (
        lambda self, other: "from the left"
    )


@pytest.mark.parametrize("sign", ["+", "-", "*", "/", "@", "**", "//"])
def test_operators_give_way_to_those_of_other_objects(sign):
    for torch in (lab, oracle):
        known = {"a": torch.ones(2), "odd": Odd()}
        assert eval(f"a {sign} odd", known) == "from the right"
        assert eval(f"odd {sign} a", known) == "from the left"


@pytest.mark.parametrize("other", ["None", "'a'", "[1]", "object"])
@pytest.mark.parametrize("sign", ["+", "-", "*", "/", "@", "**", "//", "%", "&", "<"])
@pytest.mark.parametrize("size", [2, 0])
def test_an_operator_without_meaning_is_pythons_error(sign, other, size):
    said = []
    for torch in (lab, oracle):
        with pytest.raises(TypeError) as error:
            eval(f"torch.ones(size) {sign} {other}", {"torch": torch, "size": size})
        said.append(str(error.value).splitlines()[0])
    assert said[0] == said[1] or "must be Tensor" in said[1] or "only integer" in said[1]


@pytest.mark.parametrize("what", ["nn.Linear", "nn.Conv2d", "nn.functional.relu", "ones(1)", "3"])
def test_what_is_no_module_is_named(what):
    said = []
    for torch in (lab, oracle):
        thing = eval(f"torch.{what}" if what != "3" else what, {"torch": torch})
        with pytest.raises(TypeError, match="is not a Module subclass") as error:
            torch.nn.Sequential(thing)
        said.append((str(error.value), torch.typename(thing)))
    assert said[0] == said[1]


@pytest.mark.parametrize("name", ["add", "sub", "mul", "div", "floor_divide", "pow", "maximum"])
@pytest.mark.parametrize("pair", [(2, 3), (2.5, 3), (7, 2.0), (True, 2), (1j, 2)])
@pytest.mark.filterwarnings("ignore:Casting complex")
def test_two_plain_numbers(name, pair):
    found = []
    for torch in (lab, oracle):
        try:
            y = getattr(torch, name)(*pair)
            found.append((str(y), str(y.dtype)))
        except (TypeError, RuntimeError):
            found.append("refused")
    assert found[0] == found[1]
