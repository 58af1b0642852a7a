"""What a GPU must not be asked: losses check targets on the host only, tables go there once."""

import pytest

import autograd_lab as torch
from tests.fake_cupy import counting, no_sync

F = torch.nn.functional
SCORES, CLASSES = [[2.0, 0.5, 0.1], [0.3, 1.0, -1.0]], [2, -100]
CHANCES = [[0.9, 0.2, 0.5], [0.1, 0.6, 0.4]]
LOSSES = {
    "cross_entropy": lambda x: F.cross_entropy(x, of(x, CLASSES)),
    "cross_entropy, all rows": lambda x: F.cross_entropy(x, of(x, [0, 1])),
    "cross_entropy of each": lambda x: F.cross_entropy(x, of(x, CLASSES), reduction="none").sum(),
    "cross_entropy with weights": lambda x: F.cross_entropy(x, of(x, CLASSES), of(x, [1.0, 2, 3])),
    "cross_entropy, smoothed": lambda x: F.cross_entropy(x, of(x, [0, 1]), label_smoothing=0.1),
    "nll_loss": lambda x: F.nll_loss(x.log_softmax(1), of(x, CLASSES)),
    "binary_cross_entropy": lambda x: F.binary_cross_entropy(x.sigmoid(), of(x, CHANCES)),
    "binary_cross_entropy_with_logits":
        lambda x: F.binary_cross_entropy_with_logits(x, of(x, CHANCES)),
    "multi_margin_loss": lambda x: F.multi_margin_loss(x, of(x, [2, 0])),
    "multilabel_margin_loss":
        lambda x: F.multilabel_margin_loss(x, of(x, [[2, -1, 0], [0, 1, -1]])),
    "gaussian_nll_loss": lambda x: F.gaussian_nll_loss(x, of(x, CHANCES), x.exp()),
    "gaussian_nll_loss, one variance": lambda x: F.gaussian_nll_loss(x, of(x, CHANCES), 0.5),
    "kl_div": lambda x: F.kl_div(x.log_softmax(1), of(x, CHANCES), reduction="sum"),
}  # fmt: skip


def of(x, values):
    return torch.tensor(values, device=x.device)


@pytest.mark.parametrize("name", LOSSES)
def test_a_loss_does_not_wait_for_the_gpu(name, gpu):
    made = []
    for device in ("cpu", "cuda"):
        x = torch.tensor(SCORES, device=device, requires_grad=True)
        with no_sync():
            loss = LOSSES[name](x)
            loss.backward()
        made.append((loss.detach().cpu(), x.grad.cpu()))
    (loss, grad), (loss_there, grad_there) = made
    assert torch.allclose(loss, loss_there) and torch.allclose(grad, grad_there)


WRONG = {
    "cross_entropy": lambda x: F.cross_entropy(x, of(x, [3, 0])),
    "nll_loss": lambda x: F.nll_loss(x, of(x, [-1, 0])),
    "binary_cross_entropy": lambda x: F.binary_cross_entropy(x, of(x, CHANCES)),
    "multi_margin_loss": lambda x: F.multi_margin_loss(x, of(x, [3, 0])),
    "multilabel_margin_loss": lambda x: F.multilabel_margin_loss(x, of(x, [[3, 0, 0]] * 2)),
    "gaussian_nll_loss": lambda x: F.gaussian_nll_loss(x, of(x, CHANCES), -x.exp()),
    "gaussian_nll_loss, one variance": lambda x: F.gaussian_nll_loss(x, of(x, CHANCES), -0.5),
}


@pytest.mark.parametrize("name", WRONG)
def test_on_the_host_it_is_said_what_is_wrong(name):
    with pytest.raises((IndexError, RuntimeError, ValueError)):
        WRONG[name](torch.tensor(SCORES))


def uploads(call) -> int:
    call()
    with counting() as cost:
        call()
    return cost.h2d


@pytest.mark.parametrize("mode", ["nearest", "bilinear", "bicubic", "area"])
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_the_tables_of_interpolate_go_to_the_gpu_once(mode, dtype, gpu):
    x = torch.rand(1, 1, 4, 4, device="cuda", dtype=dtype).requires_grad_()
    assert uploads(lambda: F.interpolate(x, size=(7, 5), mode=mode).sum().backward()) == 0


def test_the_tables_of_interpolate_go_to_each_gpu(gpu):
    x = torch.rand(1, 1, 4, 4)
    for place in ("cuda:0", "cuda:1", "cpu"):
        y = F.interpolate(x.to(place), size=(6, 6), mode="bilinear")
        assert y.device == torch.device(place)
        assert torch.allclose(y.cpu(), F.interpolate(x, size=(6, 6), mode="bilinear"))


def test_a_plan_of_sequences_goes_to_the_gpu_once(gpu):
    lstm = torch.nn.LSTM(2, 3, bidirectional=True).to("cuda")
    steps = [torch.rand(n, 2, device="cuda") for n in (4, 2, 1)]
    packed = torch.nn.utils.rnn.pack_sequence(steps)
    with counting() as cost:
        y, (h, c) = lstm(packed)
        (y.data.sum() + h.sum() + c.sum()).backward()
    assert cost.h2d <= 3  # which row comes instead, which is the last, where the state before lies
