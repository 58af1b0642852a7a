"""Any product of tensors, told by letters: ``einsum("ij,jk->ik", a, b)``."""

import math
import re

from ..core import Arrays, Op, Tensor
from ..dispatch import op
from ..dtypes import accumulator
from ..tensors_only import check_elements
from .reduce import sum
from .shape import expand, permute, reshape
from .triangle import diagonal

LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"


@op
class contract(Op):
    r"""Multiply tensors by labels; add up over the labels that the result lacks.

    ``terms`` names the dimensions of each operand, each label once; ``result`` those of the result.

    >>> contract([torch.ones(2, 3), torch.ones(3, 4)], ("ij", "jk"), "ik").shape
    torch.Size([2, 4])
    """

    formula = r"y_{ik} = \sum_j a_{ij}\, b_{jk}"
    gradient = (
        r"\bar a_{ij} = \sum_k \bar y_{ik}\, b_{jk},\quad "
        r"\bar b_{jk} = \sum_i a_{ij}\, \bar y_{ik}"
    )
    torch_name = "EinsumBackward0"

    def forward(self, factors: Arrays, terms, result):
        self.terms, self.answer = terms, result
        arrays, terms = list(factors), list(terms)
        while len(arrays) > 1:
            needed = {label for term in (result, *terms[2:]) for label in term}
            made, term = pair(self.xp, *arrays[:2], *terms[:2], needed)
            arrays[:2], terms[:2] = [made], [term]
        y, term = summed(*arrays, *terms, set(result))
        return y.transpose([term.index(label) for label in result])

    def backward(self, g, factors):
        return [
            self.slope(g, factors, i) if i in self.edges else None for i in range(len(factors))
        ]

    def slope(self, g, factors, i):
        """Give the gradient of one factor: the same kind of product, of g and the others."""
        term, shape = self.terms[i], factors[i].shape
        others = [x.conj() for k, x in enumerate(factors) if k != i]
        terms = [self.answer, *[t for k, t in enumerate(self.terms) if k != i]]
        found = [label for label in term if any(label in t for t in terms)]
        g = contract([g, *others], tuple(terms), tuple(found))
        if len(found) < len(term):  # dimensions that were only added up: repeat
            g = reshape(g, tuple([n if k in found else 1 for k, n in zip(term, shape)]))
        return expand(g, shape) if g.shape != shape else g


def summed(x, term, needed):
    """Add up over the dimensions whose labels nobody needs any more."""
    dims = tuple([i for i, label in enumerate(term) if label not in needed])
    if not dims:
        return x, list(term)
    return x.sum(dims, dtype=accumulator(x.dtype)), [label for label in term if label in needed]


def pair(xp, a, b, a_term, b_term, needed):
    """Multiply two arrays as one stack of matrix products."""
    a, a_term = summed(a, a_term, needed | set(b_term))
    b, b_term = summed(b, b_term, needed | set(a_term))
    stack = [k for k in a_term if k in b_term and k in needed]
    inner = [k for k in a_term if k in b_term and k not in needed]
    left = [k for k in a_term if k not in b_term]
    right = [k for k in b_term if k not in a_term]
    a = a.transpose([a_term.index(k) for k in stack + left + inner])
    b = b.transpose([b_term.index(k) for k in stack + inner + right])
    s, m, n = len(stack), len(stack) + len(left), len(stack) + len(inner)
    shape = a.shape[:m] + b.shape[n:]
    if not inner:
        a = a.reshape((*a.shape, *(1,) * len(right)))
        b = b.reshape((*b.shape[:s], *(1,) * len(left), *b.shape[s:]))
        return a * b, stack + left + right
    a = a.reshape((*a.shape[:s], math.prod(a.shape[s:m]), math.prod(a.shape[m:])))
    b = b.reshape((*b.shape[:s], math.prod(b.shape[s:n]), math.prod(b.shape[n:])))
    return (xp.matmul(a, b) if s else a.dot(b)).reshape(shape), stack + left + right


def einsum(equation, *operands):
    """Multiply tensors as an equation says: letters name dimensions, missing ones are added up.

    >>> a, b = torch.ones(2, 3), torch.ones(3, 4)
    >>> torch.einsum("ij,jk->ik", a, b)
    tensor([[3., 3., 3., 3.],
            [3., 3., 3., 3.]])
    >>> torch.einsum("ii", torch.ones(3, 3))
    tensor(3.)
    """
    if isinstance(equation, Tensor):
        equation, operands = from_lists((equation, *operands))
    if len(operands) == 1 and isinstance(operands[0], (list, tuple)):
        operands = operands[0]
    if not all(hasattr(x, "shape") for x in operands):
        check_elements(operands, 1)
    terms, result = parsed(equation, [x.shape for x in operands])
    sizes = sizes_of(terms, operands)
    ready = [prepared(x, term, sizes) for x, term in zip(operands, terms)]
    if len(ready) == 1:
        ((x, term),) = ready
        gone = [i for i, label in enumerate(term) if label not in result]
        x = sum(x, gone) if gone else x
        term = [label for label in term if label in result]
        return permute(x, tuple([term.index(label) for label in result]))
    tensors, terms = zip(*ready)
    return contract(list(tensors), tuple(map(tuple, terms)), tuple(result))


def prepared(x, term, sizes):
    """Give an operand in which each label stands once and has its full size."""
    term = list(term)
    for label in dict.fromkeys(term):
        while term.count(label) > 1:
            first = term.index(label)
            second = term.index(label, first + 1)
            x = diagonal(x, 0, first, second)
            del term[second], term[first]
            term.append(label)
    stretched = [x.shape[i] == 1 != sizes[label] for i, label in enumerate(term)]
    if any(stretched):
        x = reshape(x, tuple([n for n, drop in zip(x.shape, stretched) if not drop]))
    return x, [label for label, drop in zip(term, stretched) if not drop]


def sizes_of(terms, operands):
    """Find the size that each label stands for; sizes of 1 may be stretched."""
    sizes = {}
    for i, (term, x) in enumerate(zip(terms, operands)):
        here = {}
        for label, n in zip(term, x.shape):
            if here.setdefault(label, n) != n:
                raise RuntimeError(
                    f"einsum(): subscript {label} is repeated for operand {i} but the sizes don't "
                    f"match, {n} != {here[label]}"
                )
            before = sizes.get(label, 1)
            if 1 not in (n, before) and n != before:
                raise RuntimeError(
                    f"einsum(): subscript {label} has size {n} for operand {i} which does not "
                    f"broadcast with previously seen size {before}"
                )
            sizes[label] = before if n == 1 else n
    return sizes


def parsed(equation, shapes):
    """Read an equation: the labels of each operand, and of the result.

    >>> parsed("ij,jk", [(2, 3), (3, 4)])
    ([['i', 'j'], ['j', 'k']], ['i', 'k'])
    """
    left, arrow, right = equation.replace(" ", "").partition("->")
    texts = left.split(",")
    if not shapes:
        raise RuntimeError("einsum(): must provide at least one operand")
    if len(texts) != len(shapes):
        which = "more" if len(texts) < len(shapes) else "fewer"
        raise RuntimeError(
            f"einsum(): {which} operands were provided than specified in the equation"
        )
    terms = [labels(text, f"operand {i}", equation) for i, text in enumerate(texts)]
    dots = [len(shape) - len(term) + 1 for term, shape in zip(terms, shapes) if "..." in term]
    wide = max(dots, default=0)
    for i, (term, shape) in enumerate(zip(terms, shapes)):
        extra = len(shape) - len(term)
        if extra and "..." not in term or extra < -1:
            covered = len(term) - ("..." in term)
            more = "" if "..." in term else " and no ellipsis was given"
            raise RuntimeError(
                f"einsum(): the number of subscripts in the equation ({covered}) "
                + ("is more than the number of dimensions" if more == "" else
                   "does not match the number of dimensions")
                + f" ({len(shape)}) for operand {i}{more}"
            )
        spelled_out(term, wide, extra + 1)
    if arrow:
        return terms, checked_result(labels(right, "the output", equation), terms, wide)
    once = [k for k in LETTERS if [k for t in terms for k in t].count(k) == 1]
    return terms, [f"...{k}" for k in range(wide)] + once


def labels(text, whose, equation):
    """Split a term into its labels: letters, and at most one ellipsis."""
    found = re.findall(r"\.\.\.|.", text)
    for label in found:
        if label == ".":
            raise RuntimeError(f"einsum(): found '.' for {whose} that is not part of any ellipsis")
        if label != "..." and label not in LETTERS:
            raise RuntimeError(
                f"einsum(): invalid subscript given at index {equation.index(label)} in the "
                "equation string, subscripts must be in [a-zA-Z]"
            )
    if found.count("...") > 1:
        raise RuntimeError(
            f"einsum(): found '.' for {whose} for which an ellipsis was already found"
        )
    return found


def spelled_out(term, wide, size):
    """Replace an ellipsis by labels, counted from the right: all operands' ellipses line up."""
    if "..." in term:
        at = term.index("...")
        term[at : at + 1] = [f"...{k}" for k in range(wide - size, wide)]


def checked_result(result, terms, wide):
    """Raise PyTorch's error where the result names what no operand has."""
    spelled_out(result, wide, wide)
    for label in result:
        if result.count(label) > 1:
            raise RuntimeError(
                f"einsum(): output subscript {label} appears more than once in the output"
            )
        if not any(label in term for term in terms):
            raise RuntimeError(
                f"einsum(): output subscript {label} does not appear in the equation for any input "
                "operand"
            )
    return result


def from_lists(args):
    """Turn the form ``einsum(a, [0, 1], b, [1, 2], [0, 2])`` into an equation and operands."""
    def text(numbers):
        return "".join("..." if n is Ellipsis else LETTERS[n] for n in numbers)

    operands, lists = args[0::2], args[1::2]
    if len(operands) > len(lists):
        *operands, result = operands
        return f"{','.join(map(text, lists))}->{text(result)}", operands
    return ",".join(map(text, lists)), operands
