"""Recurrent layers: a whole sequence, in one or both directions, as one node.

Only the state has to wait for the step before it. So what the inputs contribute to the gates is
one matrix product over many steps, and so is, on the way back, the gradient of every weight; the
loop over the steps keeps the product with the state and a few operations on the gates. Both
directions go through the loop together: the second one reads its sequences turned around.

Arrays have the shape (directions, rows, features), those of an LSTM's gates (gates, directions,
rows, size); ``sequence.Rows`` says which rows are whose.
With ``create_graph`` the gradient is that of the same layer, done step by step by ``cells.py``.
"""

import math

from ..backends.cuda import kernels, ours
from ..backward import backward as run_backward
from ..core import TENSORS, Array, Op
from ..core import wrap as as_tensor
from ..dispatch import op
from ..dtypes import legacy_name
from .cells import gru_cell, lstm_cell, rnn_relu_cell, rnn_tanh_cell, thirds
from .join import cat, stack
from .products import by_columns, dot, ones, product, stacked
from .sequence import Rows
from .shape import clone, reshape

LSTM_WEIGHTS, WEIGHTS = 5, 4  # how many belong to one direction
CACHE = 1 << 17  # so many numbers are worked on at once: they stay close to the processor


def _begin(xp, input, states, sizes, weights, count):
    """Give the plan of the rows, the inputs as rows, and the weights of each direction."""
    _check_dtypes(input, *states, *[w for w in weights if w is not None])
    if sizes is None:
        sizes = (input.shape[1],) * input.shape[0]
    ways = [weights[:count], weights[count:]] if weights[count] is not None else [weights[:count]]
    return Rows(xp, sizes), _as_rows(input), ways


def _as_rows(input):
    """Lay the inputs of all steps below each other."""
    return input.reshape(math.prod(input.shape[:-1]), input.shape[-1])


def _check_dtypes(x, *others):
    """Raise PyTorch's error where inputs, states and weights are not of one dtype."""
    for other in others:
        if other.dtype != x.dtype:
            raise RuntimeError(
                "mat1 and mat2 must have the same dtype, but got "
                f"{legacy_name(other.dtype)} and {legacy_name(x.dtype)}"
            )


def _turned(rows, x, ways):
    """Give the inputs of each direction: the second one reads every sequence from its end."""
    return [x] if len(ways) == 1 else [x, rows.turned(x)]


def _from_inputs(xp, rows, x, weights, biases):
    """Compute what the inputs of all steps contribute to the gates: one product a direction."""
    gates = xp.empty((len(weights), rows.count, len(weights[0])), x.dtype)
    for k, read in enumerate(_turned(rows, x, weights)):
        stacked(xp, read, weights[k].T, gates[k])
        if biases[k] is not None:
            xp.add(gates[k], biases[k], out=gates[k])
    return gates


def _both_biases(way):
    return None if way[2] is None else way[2] + way[3]


def _states(xp, rows, first):
    """Make room for the states before and after all steps; the initial ones are in front."""
    directions, batch, size = first.shape
    states = xp.empty((directions, batch + rows.count, size), first.dtype)
    states[:, :batch] = first
    return states


def _stacked(xp, ways, place):
    """Put one weight of all directions into one array: one call multiplies them all."""
    return xp.stack([way[place] for way in ways])


def _side_by_side(xp, rows, states, shape):
    """Give the output: the states of both directions, each at its own step, side by side."""
    size = states.shape[2]
    y = xp.empty((rows.count, len(states) * size), states.dtype)
    for k, after in enumerate(rows.after(states)):
        own = y[:, k * size : (k + 1) * size]
        if k:
            rows.turn(after, own)
        else:
            own[...] = after
    return y.reshape(*shape[:-1], y.shape[-1])


def _apart(xp, rows, g, states):
    """Give the gradient of the states after all steps, so far: that of the output, or zeros."""
    directions, _, size = states.shape
    if g is None:
        return xp.zeros((directions, rows.count, size), states.dtype)
    apart = xp.empty((directions, rows.count, size), g.dtype)
    apart[0].reshape(*g.shape[:-1], size)[...] = g[..., :size]
    if directions == 2:
        rows.turn(g[..., size:], apart[1])
    return apart


def _carried(xp, g, like):
    """Start the gradient that is carried from step to step with that of the final state."""
    return xp.zeros_like(like) if g is None else g.copy()


def _of_weights(node, x, before, from_x, from_h, ways, first):
    """Give the gradients of all weights: one product over all steps for each matrix."""
    rows, xp, given = node.rows, node.xp, []
    w = ones(xp, rows.count, x.dtype)
    for k, read in enumerate(_turned(rows, x, ways)):
        gates = from_x[k], from_h[k], from_x[k], from_h[k]
        for i, (d, met) in enumerate(zip(gates, (read, before[k], None, None))):
            if first + len(ways[0]) * k + i not in node.edges:
                given.append(None)
            elif i == 3 and from_h is from_x and given[-1] is not None:
                given.append(given[-1].copy())  # both biases are added to the same
            else:
                given.append(w.dot(d) if met is None else dot(d.T, met))
        given += [None] * (len(ways[0]) - WEIGHTS)
    return given + [None] * (2 - len(ways)) * len(ways[0])


def _of_input(node, from_x, ways, shape):
    """Give the gradient of the inputs, if it is asked for."""
    if 0 not in node.edges:
        return None
    total = product(from_x[0], ways[0][0])
    if len(ways) == 2:
        total += node.rows.turned(product(from_x[1], ways[1][0]))
    return total.reshape(shape)


# --- the same, step by step: what create_graph differentiates once more


def _by_steps(rows, x, starts, ways, cell):
    """Compute the layer with ``cell``, from operations on Tensors."""
    outputs, finals = [], []
    last, turn = (as_tensor(places) for places in (rows.last, rows.reversal))
    for k, way in enumerate(ways):
        read, state, seen = x[turn] if k else x, [s[k] for s in starts], []
        for start, stop, _ in rows.steps:
            state = cell(read[start:stop], [s[: stop - start] for s in state], *way)
            seen.append(state)
        every = [cat(list(states)) for states in zip(*seen)]
        outputs.append(every[0][turn] if k else every[0])
        finals.append([states[last] for states in every])
    return cat(outputs, -1), *[stack(list(states)) for states in zip(*finals)]


def _recorded(node, g, operands, cell, states):
    """Give gradients that are recorded in turn: those of the layer done step by step."""
    own = [None if t is None else clone(t) for t in operands]
    x, starts, weights = own[0], own[1 : 1 + states], own[1 + states :]
    rows, half = node.rows, len(weights) // 2
    ways = [weights[:half], weights[half:]] if weights[half] is not None else [weights[:half]]
    y, *finals = _by_steps(rows, reshape(x, (-1, x.shape[-1])), starts, ways, cell)
    results = dict(enumerate([reshape(y, (*x.shape[:-1], y.shape[-1])), *finals]))
    wanted = {own[i].node: i for i in node.edges}
    found = dict.fromkeys(wanted)
    run_backward([results[i] for i in g], list(g.values()), True, True, found)
    given = {wanted[n]: d for n, d in found.items()}
    return [given.get(i) for i in range(len(operands))]


def _is_recorded(g) -> bool:
    return any(type(d) in TENSORS for d in g.values())


# --- LSTM


@op
class lstm_layer(Op):
    r"""Read sequences with a memory that is kept, changed and shown as gates decide.

    ``input`` is (steps, batch, features), or (rows, features) with ``sizes``, the batch size of
    each step. ``h0`` and ``c0`` are (directions, batch, size). Gives the outputs of all steps, and
    the last h and c.
    ``_lstm_forward``, in the same file, goes through the steps.

    >>> h0 = c0 = torch.zeros(1, 2, 3)
    >>> w_ih, w_hh = torch.ones(12, 4), torch.ones(12, 3)
    >>> y, h, c = F.lstm_layer(torch.ones(5, 2, 4), h0, c0, w_ih, w_hh)
    >>> y.shape, h.shape, c.shape
    (torch.Size([5, 2, 3]), torch.Size([1, 2, 3]), torch.Size([1, 2, 3]))
    """

    formula = (
        r"(i, f, g, o)_t = (\sigma, \sigma, \tanh, \sigma)(W_{ih} x_t + W_{hh} h_{t-1} + b),\quad "
        r"c_t = f_t \odot c_{t-1} + i_t \odot g_t,\quad h_t = o_t \odot \tanh c_t"
    )
    gradient = (
        r"\bar c_t \mathrel{+}= \bar h_t \odot o_t (1 - \tanh^2 c_t),\quad "
        r"\bar c_{t-1} = \bar c_t \odot f_t,\quad \bar h_{t-1} = W_{hh}^\top \delta_t,\quad "
        r"\bar W_{hh} = \sum_t \delta_t h_{t-1}^\top,\quad \bar W_{ih} = \sum_t \delta_t x_t^\top"
    )
    several = True

    def forward(
        self, input: Array, h0: Array, c0: Array, w_ih: Array, w_hh: Array,
        b_ih: Array | None = None, b_hh: Array | None = None, w_hr: Array | None = None,
        w_ih_reverse: Array | None = None, w_hh_reverse: Array | None = None,
        b_ih_reverse: Array | None = None, b_hh_reverse: Array | None = None,
        w_hr_reverse: Array | None = None, sizes=None,
    ):  # fmt: skip
        weights = [w_ih, w_hh, b_ih, b_hh, w_hr, w_ih_reverse, w_hh_reverse, b_ih_reverse,
                   b_hh_reverse, w_hr_reverse]  # fmt: skip
        xp = self.xp
        self.rows, x, ways = _begin(xp, input, [h0, c0], sizes, weights, LSTM_WEIGHTS)
        h, c = _states(xp, self.rows, h0), _states(xp, self.rows, c0)
        project = None if w_hr is None else _stacked(xp, ways, 4)
        self.gates, self.h, self.c = _lstm_forward(xp, self.rows, x, h, c, ways, project), h, c
        y = _side_by_side(xp, self.rows, h, input.shape)
        return y, self.rows.final(h), self.rows.final(c)

    def backward(
        self, g, input, h0, c0, w_ih, w_hh, b_ih, b_hh, w_hr, w_ih_reverse, w_hh_reverse,
        b_ih_reverse, b_hh_reverse, w_hr_reverse, gates, h, c,
    ):  # fmt: skip
        weights = [w_ih, w_hh, b_ih, b_hh, w_hr, w_ih_reverse, w_hh_reverse, b_ih_reverse,
                   b_hh_reverse, w_hr_reverse]  # fmt: skip
        if _is_recorded(g):
            return _recorded(self, g, [input, h0, c0, *weights], lstm_cell, 2)
        rows, xp, (gy, gh, gc) = self.rows, self.xp, g.filled(3)
        ways = [weights[:5], weights[5:]][: len(h)]
        of_h, dh, dc = _apart(xp, rows, gy, h), _carried(xp, gh, h0), _carried(xp, gc, c0)
        project = None if w_hr is None else _stacked(xp, ways, 4)
        w = _stacked(xp, ways, 1)
        d = _lstm_backward(xp, rows, gates, h, c, of_h, dh, dc, w, project)
        x = _as_rows(input)
        of_weights = _of_weights(self, x, rows.before(h), d, d, ways, 3)
        if w_hr is not None:
            shown = gates[3] * xp.tanh(rows.after(c))
            for k, total in enumerate(of_h):
                of_weights[LSTM_WEIGHTS * k + 4] = total.T.dot(shown[k])
        return [_of_input(self, d, ways, input.shape), dh, dc, *of_weights]


def _lstm_forward(xp, rows, x, h, c, ways, project):
    r"""Go through the steps: fill the states, and give the gates: (gate, direction, row, size).

    One tanh does for all the gates, as $\sigma(x) = \frac12 \tanh \frac x2 + \frac12$.
    """
    half = xp.full((4, 1, 1, 1), 0.5, x.dtype)
    half[2] = 1  # the news are no sigmoid
    rest, (w_x, w, bias) = 1 - half, _lstm_weights(xp, ways, half)
    if ours(x) and project is None:
        return _lstm_forward_there(xp, rows, x, h, c, w_x, w, bias)
    gates = xp.empty((4, len(h), rows.count, c.shape[2]), x.dtype)
    heard = xp.empty((4, len(h), rows.batch, c.shape[2]), x.dtype)
    w, into = by_columns(w, rows.batch, heard)
    for start, stop, before in _lstm_told_steps(xp, rows, x, ways, w_x, bias, gates):
        run, after = stop - start, slice(rows.batch + start, rows.batch + stop)
        a, old = heard[:, :, :run], slice(before, before + run)
        stacked(xp, h[:, old], w, into[..., :run, :])
        a += gates[:, :, start:stop]
        xp.tanh(a, out=a)
        a *= half
        a += rest
        gates[:, :, start:stop] = a
        i, f, g, o = a
        new = xp.multiply(f, c[:, old], out=c[:, after])
        new += i * g
        if project is None:
            xp.multiply(o, xp.tanh(new), out=h[:, after])
        else:
            xp.matmul(o * xp.tanh(new), project.swapaxes(1, 2), out=h[:, after])
    return gates


def _lstm_told_steps(xp, rows, x, ways, weights, bias, gates):
    """Give one step after the other, several of which first hear what the inputs have to say."""
    most = max(rows.batch, min(rows.count, CACHE // (gates.shape[1] * 4 * gates.shape[3])))
    biases = None if bias is None else bias.repeat(most, 2)  # row by row: a sum of long pieces
    turned = enumerate(_turned(rows, x, ways))
    reads = [(x, *by_columns(weights[:, k], most, gates[:, k])) for k, x in turned]
    for steps in rows.blocks(most):
        block = slice(steps[0][0], steps[-1][1])
        for x, w, into in reads:
            stacked(xp, x[block], w, into[..., block, :])
        if biases is not None:
            gates[:, :, block] += biases[:, :, : block.stop - block.start]
        yield from steps


def _lstm_weights(xp, ways, half):
    """Give the weights and biases gate by gate, with half of what goes into sigmoids."""
    biases = None if ways[0][2] is None else [(way[2] + way[3])[:, None] for way in ways]
    inputs, states = [way[0] for way in ways], [way[1] for way in ways]
    return [each and _gate_by_gate(xp, each, half) for each in (inputs, states, biases)]


def _gate_by_gate(xp, weights, half):
    """Lay out the weights of all directions as (gate, direction, from, to), times ``half``."""
    size, features = len(weights[0]) // 4, weights[0].shape[1]
    laid = xp.empty((4, len(weights), features, size), half.dtype)
    for k, w in enumerate(weights):
        xp.multiply(w.reshape(4, size, features).swapaxes(1, 2), half[:, 0], out=laid[:, k])
    return laid


def _lstm_forward_there(xp, rows, x, h, c, w_x, w_h, bias):
    """Go through the steps by a kernel of our own; it has the gates of a row side by side."""
    w_x, w_h = _side_by_gate(w_x), xp.ascontiguousarray(_side_by_gate(w_h))
    biases = [None] * len(h) if bias is None else _side_by_gate(bias)
    gates = _from_inputs(xp, rows, x, w_x.swapaxes(1, 2), biases)
    for start, stop, before in rows.steps:
        a, old = gates[:, start:stop], slice(before, before + stop - start)
        after = slice(rows.batch + start, rows.batch + stop)
        kernels().lstm_forward(a, h[:, old], w_h, c[:, old], c[:, after], h[:, after])
    return _by_gate(gates)


def _by_gate(x):
    """Show what lies side by side, (direction, row, 4 size), as (gate, direction, row, size)."""
    return x.reshape(*x.shape[:2], 4, x.shape[2] // 4).transpose(2, 0, 1, 3)


def _side_by_gate(x):
    """Lay the gates of each row side by side: where they lie so, nothing is copied."""
    return x.transpose(1, 2, 0, 3).reshape(*x.shape[1:3], 4 * x.shape[3])


def _lstm_backward(xp, rows, gates, h, c, of_h, dh, dc, w, project):
    """Go back through the steps; give the gradient of what went into the gates, side by side.

    ``of_h``, the gradient of each step's state, is completed on the way; ``dh`` and ``dc`` carry
    what a step asks of the one before it, and end as the gradients of the initial states.
    """
    states = rows.before(c), rows.after(c), rows.after(h)
    if ours(gates) and project is None:
        return _lstm_backward_there(xp, rows, _side_by_gate(gates), states, of_h, dh, dc, w)
    into = xp.empty((len(h), rows.count, 4 * c.shape[2]), gates.dtype)
    each, (w, back) = _by_gate(into), by_columns(w, rows.batch, dh)
    for steps in reversed(rows.blocks(CACHE // (4 * len(h) * c.shape[2]))):
        first, last = steps[0][0], steps[-1][1]
        block = gates[:, :, first:last], *[x[:, first:last] for x in states]
        slopes, kept = _lstm_slopes(xp, *block, project is not None)
        for start, stop, _ in reversed(steps):
            here, there, run = slice(start, stop), slice(start - first, stop - first), stop - start
            from_h, from_c = of_h[:, here], dc[:, :run]
            from_h += dh[:, :run]
            asked = from_h if project is None else xp.matmul(from_h, project)
            from_c += asked * kept[:, there]
            d = slopes[:, :, there]
            d[:3] *= from_c
            d[3] *= asked
            each[:, :, here] = d
            from_c *= gates[1, :, here]
            stacked(xp, into[:, here], w, back[..., :run, :])
    return into


def _lstm_backward_there(xp, rows, gates, states, of_h, dh, dc, w):
    """Go back through the steps by a kernel of our own."""
    (before, after, _), into, later = states, xp.empty_like(gates), None
    for start, stop, _ in reversed(rows.steps):
        here, run = slice(start, stop), slice(stop - start)
        kernels().lstm_backward(
            gates[:, here], before[:, here], after[:, here], into[:, here], of_h[:, here],
            dh[:, run], dc[:, run], later, w,
        )  # fmt: skip
        later = into[:, here]
    xp.matmul(later, w, out=dh)
    return into


def _lstm_slopes(xp, gates, before, after, h, projected):
    """Compute what the way back needs of several steps and does not have to wait for.

    Give the slope of c in what went into i, f and g, and of h in what went into o; and of h in c.
    """
    i, f, g, o = gates
    slopes, both = 1 - gates, i * g  # a sigmoid's slope is a (1 - a), the tanh's (1 + a) (1 - a)
    slopes[0] *= both
    both += i
    slopes[2] *= both
    slopes[1] *= xp.multiply(f, before, out=both)
    seen = xp.tanh(after)
    shown = o * seen if projected else h
    slopes[3] *= shown
    seen *= shown
    return slopes, xp.subtract(o, seen, out=seen)


# --- GRU


@op
class gru_layer(Op):
    r"""Read sequences with a state that gates partly keep and partly make new.

    ``input`` is (steps, batch, features), or (rows, features) with ``sizes``, the batch size of
    each step; ``h0`` is (directions, batch, size). Gives the outputs of all steps and the last h.
    ``_gru_forward``, in the same file, goes through the steps.

    >>> h0, w_ih, w_hh = torch.zeros(1, 2, 3), torch.ones(9, 4), torch.ones(9, 3)
    >>> y, h = F.gru_layer(torch.ones(5, 2, 4), h0, w_ih, w_hh)
    >>> y.shape, h.shape
    (torch.Size([5, 2, 3]), torch.Size([1, 2, 3]))
    """

    formula = (
        r"(r, z)_t = \sigma(W_{ih} x_t + W_{hh} h_{t-1} + b),\; "
        r"n_t = \tanh(W_{in} x_t + b_{in} + r_t \odot (W_{hn} h_{t-1} + b_{hn})),\; "
        r"h_t = (1 - z_t) \odot n_t + z_t \odot h_{t-1}"
    )
    gradient = (
        r"\bar h_{t-1} = \bar h_t \odot z_t + W_{hh}^\top \delta_t,\quad "
        r"\bar W_{hh} = \sum_t \delta_t h_{t-1}^\top,\quad \bar W_{ih} = \sum_t \delta_t x_t^\top"
    )
    several = True

    def forward(
        self, input: Array, h0: Array, w_ih: Array, w_hh: Array,
        b_ih: Array | None = None, b_hh: Array | None = None,
        w_ih_reverse: Array | None = None, w_hh_reverse: Array | None = None,
        b_ih_reverse: Array | None = None, b_hh_reverse: Array | None = None, sizes=None,
    ):  # fmt: skip
        weights = [w_ih, w_hh, b_ih, b_hh, w_ih_reverse, w_hh_reverse, b_ih_reverse, b_hh_reverse]
        xp = self.xp
        self.rows, x, ways = _begin(xp, input, [h0], sizes, weights, WEIGHTS)
        gates = _from_inputs(xp, self.rows, x, [w[0] for w in ways], [w[2] for w in ways])
        h = _states(xp, self.rows, h0)
        self.said = _gru_forward(xp, self.rows, gates, h, ways)
        self.gates, self.h = gates, h
        y = _side_by_side(xp, self.rows, h, input.shape)
        return y, self.rows.final(h)

    def backward(
        self, g, input, h0, w_ih, w_hh, b_ih, b_hh, w_ih_reverse, w_hh_reverse, b_ih_reverse,
        b_hh_reverse, gates, h, said,
    ):  # fmt: skip
        weights = [w_ih, w_hh, b_ih, b_hh, w_ih_reverse, w_hh_reverse, b_ih_reverse, b_hh_reverse]
        if _is_recorded(g):
            return _recorded(self, g, [input, h0, *weights], _gru_cell, 1)
        rows, xp, (gy, gh) = self.rows, self.xp, g.filled(2)
        ways = [weights[:4], weights[4:]][: len(h)]
        of_h, dh = _apart(xp, rows, gy, h), _carried(xp, gh, h0)
        dx, ds = _gru_backward(xp, rows, gates, h, said, of_h, dh, ways)
        x = _as_rows(input)
        of_weights = _of_weights(self, x, rows.before(h), dx, ds, ways, 2)
        return [_of_input(self, dx, ways, input.shape), dh, *of_weights]


def _gru_cell(x, state, *way):
    return (gru_cell(x, state[0], *way),)


def _gru_forward(xp, rows, gates, h, ways):
    """Go through the steps; give what each state said of the news, before it was reset."""
    w = xp.ascontiguousarray(_stacked(xp, ways, 1).swapaxes(1, 2))
    bias = None if ways[0][3] is None else _stacked(xp, ways, 3)[:, None]
    size = h.shape[2]
    said = xp.empty((len(ways), rows.count, size), h.dtype)
    heard = xp.empty((len(ways), rows.batch, 3 * size), h.dtype)
    w, into = by_columns(w, rows.batch, heard)
    for start, stop, before in rows.steps:
        run = stop - start
        a, old = gates[:, start:stop], h[:, before : before + run]
        stacked(xp, old, w, into[..., :run, :])
        b = heard[:, :run]
        if bias is not None:
            b += bias
        rz, n = a[..., : 2 * size], a[..., 2 * size :]
        rz += b[..., : 2 * size]
        rz *= 0.5  # sigmoid(x) is tanh(x / 2) / 2 + 1 / 2
        xp.tanh(rz, out=rz)
        rz *= 0.5
        rz += 0.5
        said[:, start:stop] = b[..., 2 * size :]
        n += rz[..., :size] * said[:, start:stop]
        xp.tanh(n, out=n)
        new = xp.subtract(old, n, out=h[:, rows.batch + start : rows.batch + stop])
        new *= rz[..., size:]
        new += n
    return said


def _gru_backward(xp, rows, gates, h, said, of_h, dh, ways):
    """Go back through the steps; give the gradients of what inputs and states told the gates."""
    into, from_state = xp.empty_like(gates), xp.empty_like(gates)
    w, asked = by_columns(_stacked(xp, ways, 1), rows.batch, dh)
    for start, stop, before in reversed(rows.steps):
        run = stop - start
        (r, z, n), (dr, dz, dn) = thirds(gates[:, start:stop]), thirds(into[:, start:stop])
        g, back = of_h[:, start:stop], dh[:, :run]
        g += back
        xp.multiply(g, (1 - z) * (1 - n * n), out=dn)
        xp.multiply(g, (h[:, before : before + run] - n) * (z - z * z), out=dz)
        xp.multiply(dn, said[:, start:stop] * (r - r * r), out=dr)
        d = from_state[:, start:stop]
        d[...] = into[:, start:stop]
        thirds(d)[2][...] *= r
        stacked(xp, d, w, asked[..., :run, :])
        back += g * z
    return into, from_state


# --- the plain one


@op
class rnn_layer(Op):
    r"""Read sequences with a state that each step squashes anew: tanh, or relu.

    ``input`` is (steps, batch, features), or (rows, features) with ``sizes``, the batch size of
    each step; ``h0`` is (directions, batch, size). Gives the outputs of all steps and the last h.

    >>> h0, w_ih, w_hh = torch.zeros(1, 2, 3), torch.ones(3, 4), torch.ones(3, 3)
    >>> y, h = F.rnn_layer(torch.ones(5, 2, 4), h0, w_ih, w_hh)
    >>> y.shape, h.shape
    (torch.Size([5, 2, 3]), torch.Size([1, 2, 3]))
    """

    formula = r"h_t = \tanh(W_{ih} x_t + b_{ih} + W_{hh} h_{t-1} + b_{hh})"
    gradient = (
        r"\delta_t = \bar h_t \odot (1 - h_t^2),\quad \bar h_{t-1} = W_{hh}^\top \delta_t,\quad "
        r"\bar W_{hh} = \sum_t \delta_t h_{t-1}^\top,\quad \bar W_{ih} = \sum_t \delta_t x_t^\top"
    )
    several = True

    def forward(
        self, input: Array, h0: Array, w_ih: Array, w_hh: Array,
        b_ih: Array | None = None, b_hh: Array | None = None,
        w_ih_reverse: Array | None = None, w_hh_reverse: Array | None = None,
        b_ih_reverse: Array | None = None, b_hh_reverse: Array | None = None,
        sizes=None, nonlinearity="tanh",
    ):  # fmt: skip
        weights = [w_ih, w_hh, b_ih, b_hh, w_ih_reverse, w_hh_reverse, b_ih_reverse, b_hh_reverse]
        xp, self.nonlinearity = self.xp, nonlinearity
        self.rows, x, ways = _begin(xp, input, [h0], sizes, weights, WEIGHTS)
        told = _from_inputs(xp, self.rows, x, [w[0] for w in ways], list(map(_both_biases, ways)))
        h = _states(xp, self.rows, h0)
        w, batch = xp.ascontiguousarray(_stacked(xp, ways, 1).swapaxes(1, 2)), self.rows.batch
        w, into = by_columns(w, batch, h)
        for start, stop, before in self.rows.steps:
            after = slice(batch + start, batch + stop)
            stacked(xp, h[:, before : before + stop - start], w, into[..., after, :])
            new = h[:, after]
            new += told[:, start:stop]
            if nonlinearity == "tanh":
                xp.tanh(new, out=new)
            else:
                xp.maximum(new, 0, out=new)
        self.h = h
        y = _side_by_side(xp, self.rows, h, input.shape)
        return y, self.rows.final(h)

    def backward(
        self, g, input, h0, w_ih, w_hh, b_ih, b_hh, w_ih_reverse, w_hh_reverse, b_ih_reverse,
        b_hh_reverse, h,
    ):  # fmt: skip
        weights = [w_ih, w_hh, b_ih, b_hh, w_ih_reverse, w_hh_reverse, b_ih_reverse, b_hh_reverse]
        if _is_recorded(g):
            return _recorded(self, g, [input, h0, *weights], RNN_CELLS[self.nonlinearity], 1)
        rows, xp, (gy, gh) = self.rows, self.xp, g.filled(2)
        ways = [weights[:4], weights[4:]][: len(h)]
        d, dh = _apart(xp, rows, gy, h), _carried(xp, gh, h0)
        after = rows.after(h)
        w, asked = by_columns(_stacked(xp, ways, 1), rows.batch, dh)
        for start, stop, _ in reversed(rows.steps):
            own, y = d[:, start:stop], after[:, start:stop]
            own += dh[:, : stop - start]
            own *= 1 - y * y if self.nonlinearity == "tanh" else y > 0
            stacked(xp, own, w, asked[..., : stop - start, :])
        x = _as_rows(input)
        of_weights = _of_weights(self, x, rows.before(h), d, d, ways, 2)
        return [_of_input(self, d, ways, input.shape), dh, *of_weights]


def _rnn_tanh_cell(x, state, *way):
    return (rnn_tanh_cell(x, state[0], *way),)


def _rnn_relu_cell(x, state, *way):
    return (rnn_relu_cell(x, state[0], *way),)


RNN_CELLS = {"tanh": _rnn_tanh_cell, "relu": _rnn_relu_cell}
