"""Every number that the page computes is the library's: results, gradients, sizes."""

import random
from base64 import b64encode

import numpy as np
import pytest

import autograd_lab as torch
from autograd_lab import nn
from autograd_lab.widgets.convolution_view import ConvolutionView, picture


def traits(view):
    """What the page gets, as JSON."""
    names = ("pixels", "weights", "upstream")
    sent = {name: b64encode(getattr(view, name)).decode() for name in names}
    return {"scene": view.scene, **sent}


def layers(dice):
    """One random layer of each kind, with an image that it takes."""
    pick = dice.choice
    groups = pick([1, 1, 2, 3])
    inputs, outputs = groups * pick([1, 2]), groups * pick([1, 2, 3])
    kernel, dilation = (pick([1, 2, 3]), pick([1, 2, 3])), (pick([1, 2]), pick([1, 3]))
    stride, padding = (pick([1, 2, 3]), pick([1, 2])), pick([0, 1, (2, 1), "same"])
    if padding == "same":
        stride = 1
    size = dice.randint(7, 9), dice.randint(7, 9)
    mode = pick(["zeros", "zeros", "reflect", "replicate", "circular"])
    conv = nn.Conv2d(
        inputs,
        outputs,
        kernel,
        stride,
        padding,
        dilation,
        groups,
        bias=pick([True, False]),
        padding_mode=mode,
    )
    yield conv, (2, inputs, *size)
    yield (
        nn.Conv1d(inputs, outputs, kernel[1], pick([1, 2]), pick([0, 2]), pick([1, 2]), groups),
        (1, inputs, size[1]),
    )
    pool = pick([2, 3, (2, 3)])
    least = min(pool) if isinstance(pool, tuple) else pool
    settings = {
        "stride": pick([None, 1, 2, (2, 3)]),
        "padding": pick([0, least // 2]),
        "ceil_mode": pick([False, True]),
    }
    yield nn.MaxPool2d(pool, dilation=pick([1, 1, 2]), **settings), (1, 2, *size)
    yield (
        nn.AvgPool2d(
            pool,
            count_include_pad=pick([True, False]),
            divisor_override=pick([None, 5]),
            **settings,
        ),
        (1, 2, *size),
    )


def asked(dice):
    """Views of random layers, and what the library says of them."""
    for layer, shape in layers(dice):
        layer = layer.double()
        x = torch.randn(*shape, dtype=torch.float64, requires_grad=True)
        y = layer(x)
        g = torch.randn(*y.shape, dtype=torch.float64)
        y.backward(g)
        yield layer, ConvolutionView(x, layer, grad=g), x, y


def flat(array):
    return np.array([[float(v) for v in row] for row in array])


def test_results_and_gradients_are_the_librarys(node):
    torch.manual_seed(0)
    dice = random.Random(5)
    cases = [case for _ in range(40) for case in asked(dice)]
    answers = node("answers.mjs", [traits(view) for _, view, *_ in cases])
    for (layer, view, x, y), answer in zip(cases, answers, strict=True):
        said = repr(layer)
        expected = y[0].detach().numpy().reshape(len(answer["result"]), -1)
        assert answer["places"] == list(view.output.shape[2:]), said
        np.testing.assert_allclose(flat(answer["result"]), expected, atol=1e-12, err_msg=said)
        np.testing.assert_allclose(flat(answer["values"]), expected, atol=1e-12, err_msg=said)
        np.testing.assert_allclose(
            view.output[0].numpy().reshape(expected.shape), expected, atol=1e-12
        )
        grad = x.grad[0].numpy().reshape(len(answer["image"]), -1)
        np.testing.assert_allclose(flat(answer["image"]), grad, atol=1e-12, err_msg=said)
        if x.shape[0] == 1 and answer["filter"]:  # a filter's gradient sums over the batch
            of_filter = np.array(answer["filter"]).reshape(layer.weight.shape)
            np.testing.assert_allclose(
                of_filter, layer.weight.grad.numpy(), atol=1e-11, err_msg=said
            )
        assert picture_says(view) == answer["formulas"][1 if view.plan.flat else 0], said


def picture_says(view):
    return next(picture.sizes(view.plan)).split("  ", 1)[-1].removeprefix("rows").strip()


def test_a_filters_gradient_on_one_image(node):
    torch.manual_seed(1)
    layer = nn.Conv2d(4, 6, 3, 2, 1, groups=2).double()
    x = torch.randn(1, 4, 9, 8, dtype=torch.float64)
    y = layer(x)
    y.sum().backward()
    (answer,) = node("answers.mjs", [traits(ConvolutionView(x, layer))])
    found = np.array(answer["filter"]).reshape(layer.weight.shape)
    np.testing.assert_allclose(found, layer.weight.grad.numpy(), atol=1e-12)


@pytest.mark.parametrize(
    "values",
    [
        [1, 1, 1, 1],
        [float("nan"), 1, 2, 3],
        [1, float("nan"), float("nan"), 9],
        [-float("inf")] * 4,
    ],
)
def test_ties_and_nan_are_won_as_in_the_library(node, values):
    x = torch.tensor(values, dtype=torch.float64, requires_grad=True)
    pool = nn.MaxPool2d(2)
    y = pool(x.reshape(1, 2, 2))
    y.sum().backward()
    (answer,) = node("answers.mjs", [traits(ConvolutionView(x.reshape(1, 2, 2), pool))])
    assert np.array_equal(
        flat(answer["result"]).ravel(), y.detach().numpy().ravel(), equal_nan=True
    )
    assert answer["image"] == [x.grad.tolist()]


def test_the_written_sentence_is_true():
    x = torch.arange(36.0).reshape(1, 6, 6)
    view = ConvolutionView(x, torch.tensor([[1.0, 2.0], [3.0, 4.0]]), torch.tensor([0.5]), stride=2)
    assert picture.sentence(view, 0, 1, 2) == (
        "y[0, 1, 2] = 1·16 + 2·17 + 3·22 + 4·23 + 0.5 (bias) = 208.5"
    )
    assert view.output[0, 0, 1, 2].item() == 208.5
    pool = ConvolutionView(x, nn.AvgPool2d(2))
    assert picture.sentence(pool, 0, 0, 0) == "y[0, 0, 0] = mean(0, 1, 6, 7) = 3.5"
