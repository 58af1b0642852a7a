"""Exercises of chapter 3: the loop, a silent shape, rates, least squares, decay, resuming."""

import copy

import autograd_lab as torch
from autograd_lab import nn, optim

from .exercise import Exercise, mistake


def line(w):
    """Make a linear model without bias whose weights are given."""
    model = nn.Linear(len(w), 1, bias=False).double()
    with torch.no_grad():
        model.weight.copy_(w[None])
    return model


class FiveLines(Exercise):
    """Write the five lines, and repeat them `steps` times.

    `model(x)` guesses, `loss_fn(guess, y)` compares, `optimizer` holds the model's parameters.
    Nothing is returned: the model itself learns.
    """

    name = "ch3.five_lines"
    inputs = ("first weights", "x", "y", "steps")
    result = "weights afterwards"
    hints = (
        "Guess, compare, forget, ask, step. Which of your lines is which?",
        "`optimizer.zero_grad()`, then `loss.backward()`, then `optimizer.step()`: in this order, "
        "each time anew.",
        "In the loop: `loss = loss_fn(model(x), y)`, then the three calls of hint 2.",
    )
    after = "These five lines train every network in this course, and most of those in the news."

    @staticmethod
    def starter(model, loss_fn, optimizer, x, y, steps):
        ...

    @staticmethod
    def solution(model, loss_fn, optimizer, x, y, steps):
        for _ in range(steps):
            loss = loss_fn(model(x), y)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()

    @staticmethod
    def attempt(answer, w, x, y, steps):
        model = line(w)
        answer(model, nn.MSELoss(), optim.SGD(model.parameters(), lr=0.05), x, y, steps)
        return model.weight

    @staticmethod
    def case(draw):
        n, k = draw.count(2, 4), draw.count(1, 3)
        y = draw.floats(n, 1)
        return [draw.floats(k), draw.floats(n, k) / 2, y + 1 if draw.small else y, draw.count(3, 5)]

    @staticmethod
    @mistake("the gradients of all steps pile up: nobody forgets the old ones",
             "`backward` **adds** to `.grad`. What must happen before it, in every round?")
    def no_zero_grad(model, loss_fn, optimizer, x, y, steps):
        for _ in range(steps):
            loss_fn(model(x), y).backward()
            optimizer.step()

    @staticmethod
    @mistake("the model does not move at all",
             "Only `step` moves it, to where `.grad` points. Is it called in every round? Has "
             "`backward` filled `.grad` just before, with no `zero_grad` between the two?")
    def unmoved(model, loss_fn, optimizer, x, y, steps):
        for _ in range(steps):
            loss = loss_fn(model(x), y)
            optimizer.zero_grad()
            optimizer.step()
            loss.backward()

    @staticmethod
    @mistake("the model takes a single step", "All five lines belong inside the loop.")
    def once(model, loss_fn, optimizer, x, y, steps):
        FiveLines.solution(model, loss_fn, optimizer, x, y, 1)

    @staticmethod
    @mistake("the model takes one step too few",
             "`range(steps)` already counts from 0 to steps − 1.")
    def one_short(model, loss_fn, optimizer, x, y, steps):
        FiveLines.solution(model, loss_fn, optimizer, x, y, steps - 1)


class MeanSquares(Exercise):
    """Return the mean squared error of `prediction` (n, 1) against `target` (n,).

    One is a column, the other a row, and no error will warn you.
    """

    name = "ch3.mean_squares"
    hints = (
        "Print the shape of `prediction - target`. How many differences does it hold?",
        "Broadcasting compared every prediction with every target. Make both the same shape first.",
        "`prediction[:, 0]` is (n,). Now subtract, square, and take the mean.",
    )
    after = "Print shapes before you believe a loss: this bug has its own section in the chapter."

    @staticmethod
    def starter(prediction, target):
        ...

    @staticmethod
    def solution(prediction, target):
        return ((prediction[:, 0] - target) ** 2).mean()

    @staticmethod
    def case(draw):
        n = draw.count(2)
        return [draw.floats(n, 1), draw.floats(n)]

    @staticmethod
    @mistake("you compared every prediction with **every** target",
             "(n, 1) − (n,) is a table of (n, n). Drop the 1, or give the target one.")
    def pairs(prediction, target):
        return ((prediction - target) ** 2).mean()

    @staticmethod
    @mistake("you added the squares up", "Mean: divide by n.")
    def summed(prediction, target):
        return ((prediction[:, 0] - target) ** 2).sum()

    @staticmethod
    @mistake("that is the root of it", "The mean *squared* error keeps its squares.")
    def root(prediction, target):
        return MeanSquares.solution(prediction, target).sqrt()

    @staticmethod
    @mistake("positive and negative errors cancel: the square comes after the mean",
             "First square each error, then average.")
    def late(prediction, target):
        return (prediction[:, 0] - target).mean() ** 2

    @staticmethod
    @mistake("you averaged the absolute errors", "Square them: a large error should count more.")
    def absolute(prediction, target):
        return (prediction[:, 0] - target).abs().mean()


class LargestRate(Exercise):
    """Up to which learning rate is gradient descent on `((x @ w - y) ** 2).mean()` stable?

    Find it by eye first: run the two cells below, move the learning rate of the second one until
    the way is about to leave, and commit to a number. Then write the function for any `x` (n, k):
    return 2 / λmax, where λmax is the largest eigenvalue of the Hessian. It depends neither on `w`
    nor on `y`.
    """

    name = "ch3.largest_rate"
    widget = "RateGuess"
    played = "Now let a function say it, for any x: its number is tried on this bowl, too."
    hints = (
        "In one direction the loss is a parabola. Which number says how steeply it bends?",
        "The Hessian of this loss is `2 / n * x.T @ x`: the square brings the 2, the mean the n.",
        "`torch.linalg.eigvalsh(2 / len(x) * x.T @ x)` are its eigenvalues. Take 2 / the largest.",
    )
    after = "Train 1 % below it and 1 % above it, and you will believe every word of the chapter."

    @staticmethod
    def starter(x):
        ...

    @staticmethod
    def solution(x):
        return 2 / torch.linalg.eigvalsh(2 / len(x) * x.T @ x).max()

    @staticmethod
    def case(draw):
        n, k = draw.count(3), draw.count(2, 3)
        return [draw.floats(n, k) + (torch.arange(n)[:, None] == torch.arange(k))]

    @staticmethod
    @mistake("that is the best rate for the steepest direction, not the largest that is stable",
             "At 1/λ a step lands in the middle; it may go as far beyond as it came from: 2/λ.")
    def half(x):
        return LargestRate.solution(x) / 2

    @staticmethod
    @mistake("your Hessian lacks the 2 of the square",
             "d/dw of (…)² is 2 (…): the curvature is `2 / n * x.T @ x`.")
    def no_two(x):
        return 2 * LargestRate.solution(x)

    @staticmethod
    @mistake("you used the flattest direction; the steepest one leaves first",
             "The **largest** eigenvalue sets the limit.")
    def flattest(x):
        return 2 / torch.linalg.eigvalsh(2 / len(x) * x.T @ x).min()

    @staticmethod
    @mistake("your Hessian is that of the sum, not of the mean",
             "The loss averages over n rows, so the curvature is divided by n, too.")
    def of_sum(x):
        return LargestRate.solution(x) / len(x)

    @staticmethod
    @mistake("you forgot the 2 / n in front: `x.T @ x` alone is not the Hessian",
             "Differentiate the loss twice: the square brings a 2, and the mean divides by n.")
    def no_two_over_n(x):
        return 2 / torch.linalg.eigvalsh(x.T @ x).max()

    @staticmethod
    @mistake("that is the largest curvature itself, not the rate it allows",
             "The steeper the valley, the smaller the step: 2 divided by λmax.")
    def curvature(x):
        return 2 / LargestRate.solution(x)


class LeastSquares(Exercise):
    """Find the best weights `w` (k,) and bias `b` for `x @ w + b ≈ y`, without a single step.

    `x` is (n, k), `y` is (n,). Return both, `(w, b)`.
    """

    name = "ch3.least_squares"
    hints = (
        "At the lowest point all slopes are 0. That is a system of equations, and `solve` exists.",
        "A bias is the weight of a column of ones: append one, `torch.cat([x, ones], 1)`.",
        "With that X: `torch.linalg.solve(X.T @ X, X.T @ y)`. The last entry is b.",
    )
    after = (
        "Where this is possible nobody needs steps. With one hidden layer it is no longer "
        "possible."
    )

    @staticmethod
    def starter(x, y):
        ...

    @staticmethod
    def solution(x, y):
        X = torch.cat([x, torch.ones(len(x), 1, dtype=x.dtype)], 1)
        best = torch.linalg.solve(X.T @ X, X.T @ y)
        return best[:-1], best[-1]

    @staticmethod
    def case(draw):
        k = draw.count(1, 2)
        n = k + draw.count(3, 4)
        return [draw.floats(n, k) + (torch.arange(n)[:, None] % (k + 1) == torch.arange(k)),
                draw.floats(n) + 1]

    @staticmethod
    @mistake("your line goes through zero: it has no bias of its own",
             "Give x a column of ones. Its weight is the bias.")
    def through_zero(x, y):
        w = torch.linalg.solve(x.T @ x, x.T @ y)
        return w, torch.zeros((), dtype=x.dtype)

    @staticmethod
    @mistake("the bias was added afterwards, to a slope that was found without it",
             "Weights and bias must be solved for together.")
    def afterwards(x, y):
        w = torch.linalg.solve(x.T @ x, x.T @ y)
        return w, (y - x @ w).mean()

    @staticmethod
    @mistake("the weights are right, but as bias you took the mean of y",
             "That would be right if every column of x had mean 0.")
    def bias_of_mean(x, y):
        return LeastSquares.solution(x, y)[0], y.mean()


class WeightDecay(Exercise):
    """Take one step of SGD with weight decay: every weight is also pulled a little towards 0.

    Return the new weights. The pull is what the penalty `decay / 2 * (w ** 2).sum()` does when it
    is added to the loss.
    """

    name = "ch3.weight_decay"
    hints = (
        "The penalty is part of the loss. What is its gradient?",
        "The gradient of `decay / 2 * w²` is `decay * w`. It is added to `grad`.",
        "`w - lr * (grad + decay * w)`",
    )
    after = "`optim.SGD(..., weight_decay=...)` is this line."

    @staticmethod
    def starter(w, grad, lr, decay):
        ...

    @staticmethod
    def solution(w, grad, lr, decay):
        return w - lr * (grad + decay * w)

    @staticmethod
    def case(draw):
        n = draw.count(2)
        return [draw.floats(n), draw.floats(n), draw.number(0.1, 0.5), draw.number(0.2, 0.9)]

    @staticmethod
    @mistake("your weights are pushed away from 0", "Large weights shall shrink: look at the sign.")
    def outwards(w, grad, lr, decay):
        return w - lr * (grad - decay * w)

    @staticmethod
    @mistake("the pull does not go through the learning rate",
             "The penalty belongs to the loss, so its gradient is multiplied by `lr` like the "
             "rest.")
    def without_lr(w, grad, lr, decay):
        return w - lr * grad - decay * w

    @staticmethod
    @mistake("all weights are pulled equally hard, whatever their size",
             "That is the penalty |w|. With w² the pull grows with the weight.")
    def equally(w, grad, lr, decay):
        return w - lr * (grad + decay * w.sign())

    @staticmethod
    @mistake("the pull is twice too strong", "The ½ in the penalty cancels the 2 of the square.")
    def doubled(w, grad, lr, decay):
        return w - lr * (grad + 2 * decay * w)

    @staticmethod
    @mistake("that is a plain step of SGD: nothing pulls the weights towards 0",
             "`decay` is not in it yet. What does the penalty add to the gradient?")
    def plain(w, grad, lr, decay):
        return w - lr * grad


class Snapshot(Exercise):
    """Remember a training so that it can go on **exactly** as if nothing had happened.

    Return a function `restore()` that puts `model` and `optimizer` back to where they are now. In
    between, both will be trained on. The optimizer has momentum.
    """

    name = "ch3.snapshot"
    inputs = ("weights", "x", "y")
    result = "weights 3 steps after restore(), and once more"
    hints = (
        "What besides the weights does the next step depend on?",
        "`state_dict()` shows the numbers as they are now **and later**: it must be copied.",
        "`copy.deepcopy(model.state_dict())`, the same of the optimizer; restore with "
        "`load_state_dict` of each.",
    )
    after = "So do checkpoints of week-long trainings. Theirs also keep the random generator."

    @staticmethod
    def starter(model, optimizer):
        ...

    @staticmethod
    def solution(model, optimizer):
        weights = copy.deepcopy(model.state_dict())
        memory = copy.deepcopy(optimizer.state_dict())

        def restore():
            model.load_state_dict(weights)
            optimizer.load_state_dict(memory)

        return restore

    @staticmethod
    def attempt(answer, w, x, y):
        model = line(w)
        optimizer = optim.SGD(model.parameters(), lr=0.02, momentum=0.8)
        FiveLines.solution(model, nn.MSELoss(), optimizer, x, y, 2)
        restore = answer(model, optimizer)
        FiveLines.solution(model, nn.MSELoss(), optimizer, x, y, 3)
        if not callable(restore):
            return restore
        weights = []
        for _ in range(2):  # what was kept must survive the training after the first time
            restore()
            FiveLines.solution(model, nn.MSELoss(), optimizer, x, y, 3)
            weights.append(model.weight.detach().clone())
        return weights

    @staticmethod
    def case(draw):
        n, k = draw.count(2, 4), draw.count(1, 3)
        return [draw.floats(k), draw.floats(n, k) / 2, draw.floats(n, 1) + 1]

    @staticmethod
    @mistake("the weights come back, but the momentum does not",
             "The optimizer remembers where it was rolling to. It has a `state_dict`, too.")
    def weights_only(model, optimizer):
        weights = copy.deepcopy(model.state_dict())
        return lambda: model.load_state_dict(weights)

    @staticmethod
    @mistake("the weights come back, and with them a later momentum: what you kept went along",
             "`optimizer.state_dict()` does not copy. Keep `copy.deepcopy` of it.")
    def memory_shared(model, optimizer):
        weights = copy.deepcopy(model.state_dict())
        memory = optimizer.state_dict()
        return lambda: (model.load_state_dict(weights), optimizer.load_state_dict(memory))

    @staticmethod
    @mistake("the weights do not come back, nor the right momentum: what you kept went along",
             "`state_dict()` does not copy. Keep `copy.deepcopy` of both.")
    def not_copied(model, optimizer):
        memory = optimizer.state_dict()
        return lambda: optimizer.load_state_dict(memory)

    @staticmethod
    @mistake("nothing comes back: `restore()` leaves both as they are",
             "It must load what you kept: `load_state_dict`, of the model and of the optimizer.")
    def idle(model, optimizer):
        return lambda: None

    @staticmethod
    @mistake("the momentum comes back, but the weights do not",
             "Two things have a state: the optimizer **and** the model. And `state_dict()` does "
             "not copy: did you keep `copy.deepcopy(model.state_dict())`?")
    def memory_only(model, optimizer):
        memory = copy.deepcopy(optimizer.state_dict())
        return lambda: optimizer.load_state_dict(memory)
