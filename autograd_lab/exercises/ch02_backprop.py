"""Exercises of chapter 2: nudging, rules, gradients by hand, order, repair, backward twice."""

from collections import Counter

import autograd_lab as torch

from ..watching import remember, watch_operations
from .by_hand import Lines
from .exercise import Exercise, mistake
from .limits import run
from .recipe import Recipe

SCALARS = [
    Recipe("x.sum() ** 3", lambda x: x.sum() ** 3),
    Recipe("x.prod() + (x * x).sum()", lambda x: x.prod() + (x * x).sum()),
    Recipe("(x * x).sum() * x[0]", lambda x: (x * x).sum() * x[0]),
    Recipe("x.sum() ** 2 * x[-1] + x[0] ** 3", lambda x: x.sum() ** 2 * x[-1] + x[0] ** 3),
]


class Nudge(Exercise):
    """Measure the gradient of `f` at `x` (n,) without backward, by nudging one number at a time.

    `f` gives a single number. Nudge each `x[i]` up by `h` **and** down by `h`.
    """

    name = "ch2.nudge"
    inputs = ("f(x) =", "x", "h")
    hints = (
        "A slope is rise over run. From a little below to a little above, how long is the run?",
        "For each i: a copy of `x` with `x[i] + h`, another with `x[i] - h`. Compare the two `f`.",
        "`(f(up) - f(down)) / (2 * h)` is entry i. Use `x.clone()`, or the nudges stay in `x`.",
    )
    after = "`gradcheck` does this to every operation of the lab, and to every rule of yours."

    @staticmethod
    def starter(f, x, h):
        ...

    @staticmethod
    def solution(f, x, h):
        slopes = []
        for i in range(len(x)):
            up, down = x.clone(), x.clone()
            up[i] += h
            down[i] -= h
            slopes.append((f(up) - f(down)) / (2 * h))
        return torch.stack(slopes)

    @staticmethod
    def case(draw):
        x = draw.floats(draw.count(2, 3)).clamp(-2, 3) + 0.5
        return [draw.pick(SCALARS), x, 0.1 if draw.small else draw.pick([0.1, 0.2, 0.05])]

    @staticmethod
    @mistake("you divided by h, but from down to up it is 2h",
             "One nudge down and one up: the run is twice as long.")
    def half(f, x, h):
        return 2 * Nudge.solution(f, x, h)

    @staticmethod
    @mistake("that is the rise alone: it was not divided by the run",
             "A slope is rise over run, and from down to up the run is 2h.")
    def rise(f, x, h):
        return 2 * h * Nudge.solution(f, x, h)

    @staticmethod
    @mistake("you nudged all numbers at once and measured only their common slope",
             "The gradient has one entry for each number. Nudge one, leave the others.")
    def together(f, x, h):
        return ((f(x + h) - f(x - h)) / (2 * h)).expand(len(x))

    @staticmethod
    @mistake("you did not put a number back before you nudged the next one",
             "Nudge a fresh `x.clone()` each time.")
    def left_there(f, x, h):
        slopes, x = [], x.clone()
        for i in range(len(x)):
            down = x.clone()
            down[i] -= h
            x[i] += h
            slopes.append((f(x) - f(down)) / (2 * h))
        return torch.stack(slopes)

    @staticmethod
    @mistake("you nudged only upwards: that slope belongs a little to the right of `x`",
             "From `x - h` to `x + h` the point itself lies in the middle, and the error is far "
             "smaller.")
    def one_sided(f, x, h):
        slopes = []
        for i in range(len(x)):
            up = x.clone()
            up[i] += h
            slopes.append((f(up) - f(x)) / h)
        return torch.stack(slopes)


class MulBackward(Exercise):
    """Write the backward rule of `y = a * b`, where `b` was broadcast over the rows of `a`.

    `a` and the incoming gradient `g` are (n, k), `b` is (k,). Return the gradients of `a` and of
    `b`, each in the shape of its own tensor.
    """

    name = "ch2.mul_backward"
    hints = (
        "Without broadcasting: if a grows by a little, by how much does `a * b` grow?",
        "`b[j]` was used once in every row. What happens to gradients of a value used many times?",
        "`g * b` is a's. b's is `g * a`, added up over the rows.",
    )
    after = "Broadcast forwards, sum backwards: the two always come as a pair."

    @staticmethod
    def starter(g, a, b):
        ...

    @staticmethod
    def solution(g, a, b):
        return g * b, (g * a).sum(0)

    @staticmethod
    def case(draw):
        n, k = draw.count(2), draw.count(2)
        n = k if draw.chance() else n
        return [draw.floats(n, k), draw.floats(n, k), draw.floats(k)]

    @staticmethod
    @mistake("the gradient of b has a row for every use of b: they were not added up",
             "`b[j]` is one number, so it has one gradient: the sum over the rows.")
    def no_sum(g, a, b):
        return g * b, g * a

    @staticmethod
    @mistake("the gradient of b is summed along the rows, not down the columns",
             "b was repeated from row to row, so it is the rows that must be added up: "
             "dimension 0.")
    def axis(g, a, b):
        return g * b, (g * a).sum(1)

    @staticmethod
    @mistake("you returned the local slopes only; the incoming gradient `g` is missing",
             "The chain rule multiplies: incoming gradient times local slope.")
    def no_g(g, a, b):
        return b.expand_as(a), a.sum(0)

    @staticmethod
    @mistake("each factor got its own value as its slope",
             "One more a is worth b. Exchange them.")
    def own(g, a, b):
        return g * a, (g * b).sum(0)

    @staticmethod
    @mistake("the gradient of b is an average over the rows",
             "Every use counts fully: add up, do not average.")
    def averaged(g, a, b):
        return g * b, (g * a).mean(0)


class FillGradients(Exercise):
    """`x = -2`, `y = 3`, `p = x * y`, `q = x - p`, `loss = q * p`. Fill in every gradient, by hand.

    Begin at the loss, whose gradient is 1, and walk back. Two of the values are used twice. Run the
    two cells below: the second one draws the lines, with a field at each node. Type the numbers
    there, Tab leads to the next field; or write them into the first cell, which a grader reads.
    """

    name = "ch2.fill_gradients"
    kind = "numbers"
    widget = "GradientPuzzle"
    hints = (
        "First the values: p is −6, q is 4. In a product, a factor's slope is the other factor.",
        "`p` feeds `q` and `loss`. What it hears from both is **added up**.",
        "q: −6. p: 4 from the loss, and what q passes on, times −1. y: what p has, times x.",
    )
    after = "You are now able to do what `backward` does. It is only faster."
    lines = Lines(("p = x * y", "q = x - p", "loss = q * p"), {"x": -2.0, "y": 3.0})

    @staticmethod
    def starter():
        return {
            "q": ...,
            "p": ...,
            "y": ...,
            "x": ...,
        }

    @staticmethod
    def solution():
        return {"q": -6.0, "p": 10.0, "y": -20.0, "x": 24.0}

    @staticmethod
    @mistake("where a value is used twice you kept one message instead of adding up",
             "It influences the loss on two ways, and hears from both. Both count: `+=`, not `=`.")
    def overwritten():
        return FillGradients.lines.walk("overwritten")

    @staticmethod
    @mistake("for a product you took each factor's own value as its slope",
             "In `a * b`, one more a is worth b: the slope of a factor is the **other** one.")
    def own():
        return FillGradients.lines.walk("own")

    @staticmethod
    @mistake("those are the slopes of one line each: what arrived from below is missing",
             "The chain rule multiplies: what has arrived, times the slope of this one line.")
    def no_chain():
        return FillGradients.lines.walk("no_chain")

    @staticmethod
    @mistake("a sign got lost on the way",
             "In `a - b`, one more b makes the result smaller: its slope is −1. And minus times "
             "minus is plus.")
    def sign():
        return FillGradients.lines.walk("sign")

    @staticmethod
    @mistake("you added the slope to what has arrived",
             "Messages from two users are added up. But what has arrived is **multiplied** with "
             "the slope.")
    def added():
        return FillGradients.lines.walk("added")

    @staticmethod
    @mistake("you wrote the value in place of the gradient",
             "A gradient asks: if this grows by a little, by how many times as much grows the "
             "loss?")
    def values():
        return FillGradients.lines.walk("values")


class Step:
    """A node of a small graph: `inputs` are the nodes that it was computed from."""

    def __init__(self, name, inputs=(), slopes=()):
        self.name, self.inputs, self.slopes = name, list(inputs), list(slopes)

    def __repr__(self):
        return self.name


class Tape:
    """A graph to walk back through, from its last node, the loss."""

    def __init__(self, steps):
        self.steps = steps

    def __repr__(self):
        made = [f"{step} from {' and '.join(map(str, step.inputs))}"
                for step in reversed(self.steps) if step.inputs]
        return "; ".join(made)

    def __deepcopy__(self, memo):
        return self

    def walk(self, order):
        """Hand gradients back in this order, from 1 at the loss; give what each node gathered.

        A node that is left out, or stands there twice, is told by its name.
        """
        order, gathered = list(order), dict.fromkeys(self.steps, 0.0)
        gathered[self.steps[-1]] = 1.0
        for step in order:
            for source, slope in zip(step.inputs, step.slopes):
                gathered[source] += gathered[step] * slope
        visits = Counter(map(id, order))
        told = {0: " (left out)", 1: ""}
        return {step.name + told.get(visits[id(step)], " (more than once)"): gradient
                for step, gradient in gathered.items()}


class Order(Exercise):
    """In which order may backward visit the nodes?

    `node.inputs` lists the nodes that `node` was computed from. Return a list that begins with
    `loss` and holds every node once, each **after** all nodes that used it. Checked is what comes
    out when gradients are handed back in your order.
    """

    name = "ch2.order"
    inputs = ("graph",)
    result = "gradients that arrive"
    hints = (
        "A node may pass on its gradient only when nobody will add to it any more. When is that?",
        "Turned round: put a node on the list only when all its inputs are on it. Then reverse.",
        "Visit a node: if seen, return; mark it; visit its inputs; append it. At the end, reverse.",
    )
    after = (
        "`backward` in this lab does the same, without recursion: see "
        "`autograd_lab/backward.py`."
    )

    @staticmethod
    def starter(loss):
        ...

    @staticmethod
    def solution(loss):
        done, seen = [], set()

        def visit(node):
            if node not in seen:
                seen.add(node)
                for source in node.inputs:
                    visit(source)
                done.append(node)

        visit(loss)
        return done[::-1]

    @staticmethod
    def attempt(answer, tape):
        order = answer(tape.steps[-1])
        try:
            return tape.walk(order)
        except (AttributeError, KeyError, TypeError):
            return order

    @staticmethod
    def case(draw):
        steps = [Step("x"), Step("y")]
        for name in "abcdef"[: draw.count(1, 2 if draw.small else 5)]:
            far = draw.pick(steps)
            pair = [steps[-1], far] if draw.chance(0.5) else [far, steps[-1]]
            steps.append(Step(name, pair, [draw.number(1, 3) for _ in range(2)]))
        tail = [steps[-1], draw.pick(steps[:-1]), draw.pick(steps[:-1])]
        draw.random.shuffle(tail)
        steps.append(Step("loss", tail, [draw.number(1, 3) for _ in range(3)]))
        return [Tape(steps)]

    @staticmethod
    def edges():
        x = Step("x")
        a = Step("a", [x, x], [1.0, 1.0])
        b = Step("b", [a], [2.0])
        c = Step("c", [a, b], [3.0, 1.0])
        return [[Tape([x, a, b, c, Step("loss", [a, c, b], [1.0, 2.0, 1.0])])],
                [Tape([x, a, b, c, Step("loss", [c, b, a], [1.0, 2.0, 1.0])])]]

    @staticmethod
    @mistake("you list a node as soon as you meet it, before all who used it had their say",
             "At a fork the other branch has still something to add. A node may only be listed "
             "**after** everybody who used it.")
    def as_met(loss):
        order, seen = [], set()

        def visit(node):
            if node not in seen:
                seen.add(node)
                order.append(node)
                for source in node.inputs:
                    visit(source)

        visit(loss)
        return order

    @staticmethod
    @mistake("you go level by level: a long way and a short way to one node get mixed up",
             "A node that is two steps away on one path may be five away on another. The longest "
             "path counts.")
    def by_level(loss):
        order, queue = [], [loss]
        while queue:
            node = queue.pop(0)
            if node not in order:
                order.append(node)
                queue.extend(node.inputs)
        return order

    @staticmethod
    @mistake("a node that is used twice stands on your list twice",
             "Keep a set of what you have seen, and leave those out.")
    def twice(loss):
        return [loss] + [node for source in loss.inputs for node in Order.twice(source)]

    @staticmethod
    @mistake("the list is the wrong way round: it begins with the inputs",
             "Forward goes from the inputs to the loss. Backward needs the reverse.")
    def forwards(loss):
        return Order.solution(loss)[::-1]


def with_rule(name, forward, rule, seconds=1.0):
    """Make an operation whose backward is a learner's rule; a rule that never ends is stopped."""

    class Made(torch.autograd.Function):
        @staticmethod
        def forward(ctx, x):
            ctx.save_for_backward(x)
            return forward(x)

        @staticmethod
        def backward(ctx, g):
            outcome = run(rule, [g, *ctx.saved_tensors], seconds)
            if outcome.error is not None:
                raise outcome.error
            return outcome.value

    Made.__name__ = name
    return Made.apply


class Sabotage(Exercise):
    """Somebody has been at these three rules: of `x.tanh()`, of `x ** 3`, and of `x.sum(1)`.

    Each gives the gradient of `x` (n, k) from the incoming one: `g` (n, k), or `h` (n,) for the
    sum. In each, one thing is wrong. Run the two cells below: the second one nudges what goes into
    each rule. Red is a line whose rule says something else (rule ≠ nudge). Repair it, run both
    cells again, and the line turns green.
    """

    name = "ch2.sabotage"
    widget = "RuleView"
    hints = (
        "Nudge them, one rule at a time: your function from the first exercise finds the guilty.",
        "Write down the derivative of tanh and of x³. And how often was `x[i, j]` used in the sum?",
        "tanh: 1 − y². Cube: multiply, as the chain rule says. Sum: row i gets `h[i]` everywhere.",
    )
    after = "Real bugs in real libraries looked like these. A nudge finds each of them."
    inputs = ("g", "h", "x")

    @staticmethod
    def starter(g, h, x):
        y = x.tanh()
        of_tanh = g * (1 - y)
        of_cube = g + 3 * x**2
        of_sum = h.expand(x.shape[1], -1)[: x.shape[0]]
        return of_tanh, of_cube, of_sum

    @staticmethod
    def solution(g, h, x):
        y = x.tanh()
        of_tanh = g * (1 - y**2)
        of_cube = g * 3 * x**2
        of_sum = h[:, None].expand_as(x)
        return of_tanh, of_cube, of_sum

    @staticmethod
    def case(draw):
        n, k = draw.count(2), draw.count(2)
        k = n if draw.chance() else k  # on a square table the wrong axis of `h` fits, too
        return [draw.floats(n, k), draw.floats(n), draw.floats(n, k)]

    @staticmethod
    def graph(answer):
        """Use the three rules in one graph; give its end, and what things are called."""
        x = torch.tensor([[0.5, -1.0], [0.25, 0.75]], dtype=torch.float64, requires_grad=True)
        with watch_operations(remember):
            y = with_rule("tanh", lambda x: x.tanh(), lambda g, x: answer(g, g[:, 0], x)[0])(x)
            z = with_rule("cube", lambda x: x**3, lambda g, x: answer(g, g[:, 0], x)[1])(y)
            s = with_rule("sum", lambda x: x.sum(1), lambda h, x: answer(0 * x, h, x)[2])(z)
        return s, {"x": x, "y": y, "z": z, "s": s}

    @staticmethod
    @mistake("two are repaired; the rule of tanh still limps",
             "With y = tanh x the slope is 1 − y², not 1 − y.")
    def tanh_left(g, h, x):
        _, cube, total = Sabotage.solution(g, h, x)
        return Sabotage.starter(g, h, x)[0], cube, total

    @staticmethod
    @mistake("two are repaired; the rule of the cube is still wrong",
             "The incoming gradient is **multiplied** with the local slope, never added.")
    def cube_left(g, h, x):
        tanh, _, total = Sabotage.solution(g, h, x)
        return tanh, Sabotage.starter(g, h, x)[1], total

    @staticmethod
    @mistake("two are repaired; the rule of the sum deals `h` out along the wrong axis",
             "Row i was added up to one number, whose gradient is `h[i]`: the whole row i gets "
             "that.")
    def sum_left(g, h, x):
        tanh, cube, _ = Sabotage.solution(g, h, x)
        return tanh, cube, Sabotage.starter(g, h, x)[2]

    @staticmethod
    @mistake("one is repaired, that of tanh; the rules of the cube and of the sum are still wrong",
             "The cube: is the incoming gradient added or **multiplied**? The sum: which entry of "
             "`h` belongs to row i?")
    def only_tanh(g, h, x):
        return Sabotage.solution(g, h, x)[0], *Sabotage.starter(g, h, x)[1:]

    @staticmethod
    @mistake("one is repaired, that of the cube; the rules of tanh and of the sum are still wrong",
             "What is the derivative of tanh, written with y? And which entry of `h` belongs to "
             "row i?")
    def only_cube(g, h, x):
        tanh, _, total = Sabotage.starter(g, h, x)
        return tanh, Sabotage.solution(g, h, x)[1], total

    @staticmethod
    @mistake("one is repaired, that of the sum; the rules of tanh and of the cube are still wrong",
             "What is the derivative of tanh, written with y? And does the chain rule add or "
             "multiply?")
    def only_sum(g, h, x):
        return *Sabotage.starter(g, h, x)[:2], Sabotage.solution(g, h, x)[2]


VALLEYS = [
    Recipe("x ** 4 + x ** 2", lambda x: x**4 + x**2),
    Recipe("3 * x ** 2 - 5 * x", lambda x: 3 * x**2 - 5 * x),
    Recipe("x.exp() - 2 * x", lambda x: x.exp() - 2 * x),
    Recipe("x ** 2 + x.cos() / 2", lambda x: x**2 + x.cos() / 2),
]


class Newton(Exercise):
    """Take one step of Newton towards the lowest point of `f`: go from x to x − f′(x) / f″(x).

    `x` is a single number, `f(x)` too. Both derivatives come from `torch.autograd.grad`. The `x`
    that you get has no `requires_grad` yet: go on with `x.detach().requires_grad_()`.
    """

    name = "ch2.newton"
    hints = (
        "The second derivative is the derivative of the first. What must the first one be part of?",
        "`torch.autograd.grad(f(x), x, create_graph=True)` gives a slope with a graph of its own.",
        "`(d1,) = grad(f(x), x, create_graph=True)`, `(d2,) = grad(d1, x)`, then x − d1 / d2.",
    )
    after = (
        "No learning rate! The curvature says how far to go. Its price comes with a million "
        "weights."
    )
    inputs = ("f(x) =", "x")

    @staticmethod
    def starter(f, x):
        ...

    @staticmethod
    def solution(f, x):
        x = x.detach().requires_grad_()
        (first,) = torch.autograd.grad(f(x), x, create_graph=True)
        (second,) = torch.autograd.grad(first, x)
        return x - first / second

    @staticmethod
    def case(draw):
        return [draw.pick(VALLEYS), draw.floats() / 2 + 0.5]

    @staticmethod
    @mistake("you divided f by f′: that step looks for a zero of f, not for its lowest point",
             "At the lowest point the slope is zero. So it is f′ that Newton sends to zero: "
             "everything one derivative higher.")
    def root(f, x):
        x = x.detach().requires_grad_()
        (first,) = torch.autograd.grad(f(x), x)
        return x - f(x) / first

    @staticmethod
    @mistake("that is a step of gradient descent: the curvature is missing",
             "Divide the slope by the second derivative.")
    def descent(f, x):
        x = x.detach().requires_grad_()
        (first,) = torch.autograd.grad(f(x), x)
        return x - first

    @staticmethod
    @mistake("the fraction is upside down", "Slope divided by curvature: f′ / f″.")
    def turned(f, x):
        return x + 1 / (Newton.solution(f, x) - x)

    @staticmethod
    @mistake("the step goes uphill", "Minus: against the slope.")
    def uphill(f, x):
        return 2 * x - Newton.solution(f, x)
