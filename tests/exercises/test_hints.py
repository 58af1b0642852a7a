"""The last hint says almost all: written down as it stands, it is a right answer."""

import copy
import inspect
import re

import pytest

import autograd_lab as torch
from autograd_lab.exercises import every, find, judge
from autograd_lab.text.conll import spans

F = torch.nn.functional
NAMES = [name for name in every() if find(name).kind == "function"]


class Followed:
    """Each exercise as somebody writes it who has the last hint before them."""

    def is_view(x, way):
        before = x.clone()
        y = way(x)
        y += 1
        shared = not torch.equal(x, before)
        y -= 1
        return shared

    def standardise(x):
        return (x - x.mean(0)) / x.std(0, correction=0)

    def distances(a, b):
        return ((a[:, None] - b[None]) ** 2).sum(-1).sqrt()

    def one_hot(labels, classes):
        table = labels[:, None] == torch.arange(classes)
        return table.float()

    def batch_matmul(a, b):
        return (a[:, :, :, None] * b[:, None]).sum(2)

    def nudge(f, x, h):
        slopes = torch.zeros(len(x))
        for i in range(len(x)):
            up, down = x.clone(), x.clone()
            up[i] += h
            down[i] -= h
            slopes[i] = (f(up) - f(down)) / (2 * h)
        return slopes

    def mul_backward(g, a, b):
        rows = g * a
        return g * b, rows.sum(0)

    def order(loss):
        found, seen = [], []

        def visit(node):
            if node in seen:
                return
            seen.append(node)
            for source in node.inputs:
                visit(source)
            found.append(node)

        visit(loss)
        found.reverse()
        return found

    def sabotage(g, h, x):
        y = x.tanh()
        of_sum = torch.zeros(x.shape)
        for i in range(len(x)):
            of_sum[i] = h[i]
        return g * (1 - y**2), g * 3 * x**2, of_sum

    def newton(f, x):
        grad = torch.autograd.grad
        x = x.clone().requires_grad_()
        (d1,) = grad(f(x), x, create_graph=True)
        (d2,) = grad(d1, x)
        return x - d1 / d2

    def five_lines(model, loss_fn, optimizer, x, y, steps):
        for _ in range(steps):
            loss = loss_fn(model(x), y)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()

    def mean_squares(prediction, target):
        return ((prediction[:, 0] - target) ** 2).mean()

    def largest_rate(x):
        return 2 / torch.linalg.eigvalsh(2 / len(x) * x.T @ x).max()

    def least_squares(x, y):
        ones = torch.ones(len(x), 1)
        X = torch.cat([x, ones], 1)
        best = torch.linalg.solve(X.T @ X, X.T @ y)
        return best[:-1], best[-1]

    def weight_decay(w, grad, lr, decay):
        return w - lr * (grad + decay * w)

    def snapshot(model, optimizer):
        weights = copy.deepcopy(model.state_dict())
        memory = copy.deepcopy(optimizer.state_dict())

        def restore():
            model.load_state_dict(weights)
            optimizer.load_state_dict(memory)

        return restore

    def size(n, kernel, stride, padding):
        return (n + 2 * padding - kernel) // stride + 1

    def correlate(image, kernel):
        k = len(kernel)
        result = torch.zeros(image.shape[0] - k + 1, image.shape[1] - k + 1)
        for i in range(result.shape[0]):
            for j in range(result.shape[1]):
                patch = image[i:i + k, j:j + k]
                result[i, j] = (patch * kernel).sum()
        return result

    def edges(image):
        return image[:, 1:] - image[:, :-1]

    def count(inputs, outputs, kernel, size):
        P = size**2
        return outputs * (inputs * kernel**2 + 1), outputs * P * (inputs * P + 1)

    def to_batch(pictures):
        return pictures.permute(0, 3, 1, 2) / 255

    def prune(weight, share):
        count = round(share * weight.numel())
        flat = weight.flatten().clone()
        flat[weight.abs().flatten().argsort()[:count]] = 0
        return flat.reshape(weight.shape)

    def span_f1(gold, guess):
        gold, guess = set(spans(gold)), set(spans(guess))
        if not gold and not guess:
            return 0
        return 2 * len(gold & guess) / (len(gold) + len(guess))

    def masked_loss(loss, mask):
        return (loss * mask).sum() / mask.sum()

    def lstm_step(gates, c):
        i, f, g, o = gates
        c = f.sigmoid() * c + i.sigmoid() * g.tanh()
        h = o.sigmoid() * c.tanh()
        return h, c

    def reverse(words, lengths):
        result = words.clone()
        for i in range(len(words)):
            n = lengths[i]
            result[i, :n] = words[i, :n].flip(0)
        return result

    def clip(grads, limit):
        length = sum((g**2).sum() for g in grads) ** 0.5
        if length > limit:
            return [g * limit / length for g in grads]
        return grads

    def feature(word, known):
        word = word.lower()
        return word if word in known else "-" + word[-3:]


def by_the_other_way(image):
    """The hint of ch4.edges names a kernel, too."""
    kernel = torch.tensor([[-1., 1.]]).reshape(1, 1, 1, 2)
    return F.conv2d(image[None, None], kernel)[0, 0]


@pytest.mark.parametrize("name", NAMES)
def test_the_last_hint_is_right(name):
    verdict = judge(find(name), vars(Followed)[find(name).variable()])
    assert verdict.state == "right", verdict


def test_a_kernel_as_the_hint_writes_it_is_right():
    verdict = judge(find("ch4.edges"), by_the_other_way)
    assert verdict.state == "right", verdict


IN_WORDS = {"ch2.order", "ch2.sabotage", "ch3.five_lines", "ch4.edges"}  # no code, or of two ways


@pytest.mark.parametrize("name", [name for name in NAMES if name not in IN_WORDS])
def test_what_was_followed_is_what_the_hint_says(name):
    """So that a hint which is changed is followed anew."""
    code = re.sub(r"\s", "", inspect.getsource(vars(Followed)[find(name).variable()]))
    said = re.findall(r"`([^`]+)`", find(name).hints[-1])
    parts = [re.sub(r"\s", "", piece) for piece in said]
    calls = [part for part in parts if any(sign in part for sign in "(*+/[=")]
    assert [part for part in calls if part not in code] == []
