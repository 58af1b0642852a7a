"""Exercises of chapter 1: shapes, views, columns, distances, comparisons, many products at once."""

import autograd_lab as torch

from .exercise import Exercise, mistake
from .recipe import Recipe


class Shapes(Exercise):
    """Six shapes, in your head: `x` is (4, 3), `row` is (3,), `column` is (4,).

    Replace each `...` by the shape, say `(4, 3)`, or by `"error"` where PyTorch would refuse.
    """

    name = "ch1.shapes"
    kind = "numbers"
    hints = (
        "`x.sum(0)` adds up along dimension 0. Which of the two sizes has nothing left to say?",
        "Two shapes are laid under each other from the **right**. Sizes must be equal, or one "
        "is 1.",
        "`(4, 3)` and `(3,)` fit: 3 under 3. `(4, 3)` and `(4,)` do not: 4 stands under 3.",
    )
    after = "Half of all errors in deep learning are these six. You will see them coming."

    @staticmethod
    def starter():
        return {
            "x.sum(0)": ...,
            "x.mean(1)": ...,
            "x.argmax(0)": ...,
            "x + row": ...,
            "x + column": ...,
            "row + column[:, None]": ...,
        }

    @staticmethod
    def solution():
        return {
            "x.sum(0)": (3,),
            "x.mean(1)": (4,),
            "x.argmax(0)": (3,),
            "x + row": (4, 3),
            "x + column": "error",
            "row + column[:, None]": (4, 3),
        }

    @staticmethod
    @mistake("by your answers the dimension that is named stays, and the other one goes",
             "`x.sum(0)` walks **along** dimension 0 and adds up what it meets: that one is "
             "used up.")
    def stays():
        return {**Shapes.solution(), "x.sum(0)": (4,), "x.mean(1)": (3,), "x.argmax(0)": (4,)}

    @staticmethod
    @mistake("you laid the shapes under each other from the left",
             "From the right: write `(4, 3)`, and `(3,)` below it so that the last sizes meet.")
    def left():
        return {**Shapes.solution(), "x + row": "error", "x + column": (4, 3),
                "row + column[:, None]": "error"}

    @staticmethod
    @mistake("by your answers the dimension that is used up stays, with size 1",
             "It would with `keepdim=True`. Without it the dimension is gone: (4, 3) becomes (3,).")
    def kept():
        return {**Shapes.solution(), "x.sum(0)": (1, 3), "x.mean(1)": (4, 1),
                "x.argmax(0)": (1, 3)}


WAYS = [
    Recipe("x[1:]", lambda x: x[1:]),
    Recipe("x.T", lambda x: x.T),
    Recipe("x[:, 1]", lambda x: x[:, 1]),
    Recipe("x[[1, 0]]", lambda x: x[[1, 0]]),
    Recipe("x + 0", lambda x: x + 0),
    Recipe("x.clone()", lambda x: x.clone()),
    Recipe("x.reshape(-1)", lambda x: x.reshape(-1)),
    Recipe("x.T.reshape(-1)", lambda x: x.T.reshape(-1)),
    Recipe("x[x > -99]", lambda x: x[x > -99]),
    Recipe("x[None]", lambda x: x[None]),
    Recipe("x.T[0]", lambda x: x.T[0]),
    Recipe("x[0]", lambda x: x[0]),
    Recipe("x.flip(0)", lambda x: x.flip(0)),
    Recipe("x * 1", lambda x: x * 1),
    Recipe("x.T.contiguous()", lambda x: x.T.contiguous()),
    Recipe("x.view(-1)", lambda x: x.view(-1)),
]


class IsView(Exercise):
    """`way(x)` makes a tensor `y` from `x`. Is `y` a view, that is, do both share their numbers?

    Return True or False. Find out by an experiment: write into `y` and look at `x`. Afterwards `x`
    must be what it was.
    """

    name = "ch1.is_view"
    hints = (
        "If you painted your reflection's nose red, would you see it on your own? Try that.",
        "Remember `x.clone()`, add 1 to `y` in place, and compare `x` with what you remember.",
        "`y += 1` writes into `y`. After comparing, `y -= 1` puts things back.",
    )
    after = "This is how a view is defined, here and in PyTorch: same memory, other glasses."

    @staticmethod
    def starter(x, way):
        ...

    @staticmethod
    def solution(x, way):
        before = x.clone()
        y = way(x)
        y += 1
        shared = not torch.equal(x, before)
        x.copy_(before)
        return shared

    @staticmethod
    def case(draw):
        x = draw.floats(draw.count(2), draw.count(2)).round()  # whole: + 1 - 1 gives them back
        return [x, draw.pick(WAYS)]

    @staticmethod
    def edges():
        x = torch.arange(6.0, dtype=torch.float64).reshape(2, 3)
        return [[x, way] for way in WAYS]

    @staticmethod
    @mistake("you compared shapes: a view may have another one, and a copy the same",
             "Only writing tells them apart. Change `y`, and look at `x`.")
    def by_shape(x, way):
        return way(x).shape == x.shape

    @staticmethod
    @mistake("you asked where the memory begins, but a view may begin further on",
             "`x[1:]` begins one row later and still looks at the same numbers. Write, and look.")
    def by_start(x, way):
        return way(x).data_ptr() == x.data_ptr()

    @staticmethod
    @mistake("you asked whether all numbers are found again, and a copy has all of them",
             "Equal is not the same. Change one of them, and see whether the other follows.")
    def by_value(x, way):
        return way(x).numel() == x.numel()

    @staticmethod
    @mistake("your answers are upside down", "If `x` changes with `y`, they share: that is True.")
    def inverted(x, way):
        return not IsView.solution(x, way)


class Standardise(Exercise):
    """Return `x` (n samples, k features) with mean 0 and standard deviation 1 in every **column**.

    For the standard deviation divide by n, not by n − 1.
    """

    name = "ch1.standardise"
    hints = (
        "A column is one feature over all samples. How many means does a 5 × 3 table need?",
        "`x.mean(0)` uses up dimension 0: it goes down each column and leaves one mean for each.",
        "Subtract the mean of each column, then divide by `x.std(0, correction=0)`.",
    )
    after = "Chapter 3 will show what this one line does to a learning rate."

    @staticmethod
    def starter(x):
        ...

    @staticmethod
    def solution(x):
        return (x - x.mean(0)) / x.std(0, correction=0)

    @staticmethod
    def case(draw):
        n, k = draw.count(2), draw.count(1)
        k = n if draw.chance() else k  # on a square table a missing keepdim says nothing
        x = draw.floats(n, k)
        while not draw.small and x.std(0, correction=0).min() < 0.1:
            x = draw.floats(n, k)  # a tiny one would blow up the noise of another right way
        if draw.small:  # no row and no column of equal numbers
            x = x + torch.arange(n)[:, None] * torch.arange(1, k + 1) + torch.arange(k)
        return [x]

    @staticmethod
    @mistake("you averaged over the features of each sample",
             "Dimension 1 runs along a row. A column mean goes down: which dimension is used up?")
    def axis(x):
        return (x - x.mean(1, keepdim=True)) / x.std(1, correction=0, keepdim=True)

    @staticmethod
    @mistake("your standard deviation divides by n − 1",
             "`std` estimates from a sample unless you ask for `correction=0`.")
    def ddof(x):
        return (x - x.mean(0)) / x.std(0)

    @staticmethod
    @mistake("you averaged each row, and the row means then met the columns",
             "A shape of (n,) is laid under (n, k) from the right, so it meets the columns. And is "
             "a row what you want to average?")
    def keepdim(x):
        return (x - x.mean(1)) / x.std(1, correction=0)

    @staticmethod
    @mistake("the whole table got one mean and one standard deviation",
             "Each column needs its own. Say which dimension to use up.")
    def globally(x):
        return (x - x.mean()) / x.std(correction=0)

    @staticmethod
    @mistake("you divided by the variance",
             "The variance is the square of the standard deviation: take its root.")
    def variance(x):
        return (x - x.mean(0)) / x.var(0, correction=0)

    @staticmethod
    @mistake("you subtracted the means, and left the spread as it was",
             "The second half is missing: divide by the standard deviation of each column.")
    def only_moved(x):
        return x - x.mean(0)

    @staticmethod
    @mistake("only the mean was divided: brackets are missing",
             "`/` comes before `-`. Subtract first: `(x - ...) / ...`.")
    def brackets(x):
        return x - x.mean(0) / x.std(0, correction=0)


class Distances(Exercise):
    """How far is every row of `a` (n, k) from every row of `b` (m, k)?

    Return the (n, m) Euclidean distances. Try it without a loop: let broadcasting walk
    through the pairs.
    """

    name = "ch1.distances"
    hints = (
        "You need every row of `a` beside every row of `b`. What shape has a table of all pairs?",
        "Make room: `a[:, None]` is (n, 1, k), `b[None]` is (1, m, k). What is their difference?",
        "Square the difference, add up over the last dimension, take the root.",
    )
    after = "That is a nearest-neighbour classifier, but for an `argmin`."

    @staticmethod
    def starter(a, b):
        ...

    @staticmethod
    def solution(a, b):
        return ((a[:, None] - b[None]) ** 2).sum(-1).sqrt()

    @staticmethod
    def case(draw):
        n, m, k = draw.count(), draw.count(), draw.count(2)
        return [draw.floats(n, k), draw.floats(n if draw.chance() else m, k)]

    @staticmethod
    @mistake("the table lies on its side: row i should belong to `a[i]`",
             "Result `[i, j]` is the distance from `a[i]` to `b[j]`. Which of them got the new "
             "axis?")
    def turned(a, b):
        return ((b[:, None] - a[None]) ** 2).sum(-1).sqrt()

    @staticmethod
    @mistake("these are the squares of the distances", "One step is left: the root.")
    def squared(a, b):
        return ((a[:, None] - b[None]) ** 2).sum(-1)

    @staticmethod
    @mistake("you added up how far it is along each axis: the way of a taxi",
             "Euclid goes straight: square, add up, root.")
    def taxi(a, b):
        return (a[:, None] - b[None]).abs().sum(-1)

    @staticmethod
    @mistake("you averaged over the features where they should be added up",
             "`mean` divides by k. Pythagoras does not.")
    def averaged(a, b):
        return ((a[:, None] - b[None]) ** 2).mean(-1).sqrt()

    @staticmethod
    @mistake("you added up over the rows of `b` and kept the features",
             "In the table (n, m, k) of differences it is the last dimension that goes.")
    def over_rows(a, b):
        return ((a[:, None] - b[None]) ** 2).sum(1).sqrt()


class OneHot(Exercise):
    """Turn `labels` (n,) into rows of 0 and 1: row i has its only 1 at place `labels[i]`.

    Return floats of shape (n, classes). One comparison does it: try it without a loop
    and without `one_hot`.
    """

    name = "ch1.one_hot"
    hints = (
        "Ask of every place in the row: are you the label? How do you ask all of them at once?",
        "`torch.arange(classes)` are the places. What shape must `labels` have to meet all of "
        "them?",
        "`labels[:, None] == torch.arange(classes)` is a table of True and False. Make it floats.",
    )
    after = "A matrix product with such rows picks rows of a table: that is an embedding."

    @staticmethod
    def starter(labels, classes):
        ...

    @staticmethod
    def solution(labels, classes):
        return (labels[:, None] == torch.arange(classes)).float()

    @staticmethod
    def case(draw):
        classes = draw.count(2)
        n = classes if draw.chance(0.3) else draw.count(1)
        return [draw.ints(0, classes - 1, n), classes]

    @staticmethod
    @mistake("the table lies on its side: every label should have a row",
             "You gave the new axis to the places. Give it to the labels: `labels[:, None]`.")
    def turned(labels, classes):
        return (labels == torch.arange(classes)[:, None]).float()

    @staticmethod
    @mistake("the 1 stands one place too late: you counted from 1",
             "Places begin with 0: `torch.arange(classes)` gives 0, 1, and so on.")
    def from_one(labels, classes):
        return (labels[:, None] + 1 == torch.arange(classes)).float()

    @staticmethod
    @mistake("there are ones at all places up to the label",
             "You asked *not larger than*. Ask *equal*.")
    def up_to(labels, classes):
        return (torch.arange(classes) <= labels[:, None]).float()

    @staticmethod
    @mistake("0 and 1 have changed places", "True becomes 1: compare with `==`.")
    def inverted(labels, classes):
        return (labels[:, None] != torch.arange(classes)).float()


class BatchMatmul(Exercise):
    """Multiply n pairs of matrices at once: `a` (n, i, k) times `b` (n, k, j) gives (n, i, j).

    Broadcasting and one sum are enough: try it without a loop, `@` and `einsum`.
    """

    name = "ch1.batch_matmul"
    hints = (
        "One entry is a sum of products over k. Which four letters does a table of all products "
        "have?",
        "Give it the shape (n, i, k, j). Where does `a` need a new axis, and where `b`?",
        "`a[:, :, :, None] * b[:, None]` holds all products. Add up over the one letter that goes.",
    )
    after = "A matrix product is a broadcast and a sum. BLAS only does it without the big table."

    @staticmethod
    def starter(a, b):
        ...

    @staticmethod
    def solution(a, b):
        return (a[:, :, :, None] * b[:, None]).sum(2)

    @staticmethod
    def case(draw):
        n, i, k, j = draw.count(2, 4), draw.count(2, 4), draw.count(2, 4), draw.count(2, 4)
        if draw.chance(0.6):
            i = j = k
        return [draw.floats(n, i, k), draw.floats(n, k, j)]

    @staticmethod
    @mistake("you multiplied entry by entry; a matrix product adds up rows times columns",
             "`*` never adds up. Entry [i, j] needs the whole row i of `a` and the column j of "
             "`b`.")
    def entries(a, b):
        return a * b

    @staticmethod
    @mistake("you multiplied with the transposed of each `b`",
             "Rows of `a` meet **columns** of `b`: both must share the letter k.")
    def turned(a, b):
        return (a[:, :, None] * b[:, None]).sum(-1)

    @staticmethod
    @mistake("every matrix of `a` met the first one of `b`",
             "Pair number n belongs together: keep the batch axis of both in the same place.")
    def first(a, b):
        return (a[:, :, :, None] * b[:1, None]).sum(2)

    @staticmethod
    @mistake("you averaged the products instead of adding them up", "`sum`, not `mean`.")
    def averaged(a, b):
        return (a[:, :, :, None] * b[:, None]).mean(2)

    @staticmethod
    @mistake("you added up over the columns of `b`, and k is still there",
             "Both matrices have the letter k, and the result has not: that one goes.")
    def columns(a, b):
        return (a[:, :, :, None] * b[:, None]).sum(-1)
