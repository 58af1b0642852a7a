"""One step of a recurrent network: what a cell makes of an input and of what it remembers.

``lstm_cell``, ``gru_cell`` and their kin are two matrix products and one operation on the gates.
The layers in ``recurrent.py`` do the same for all steps of a sequence in one node.
"""

from ..core import Array, Op
from ..dispatch import op
from .activation import relu
from .join import cat
from .linear import linear
from .pointwise import sigmoid, tanh


def quarters(gates):
    """Cut the last dimension into the four gates of an LSTM."""
    size = gates.shape[-1] // 4
    return [gates[..., k : k + size] for k in range(0, 4 * size, size)]


def thirds(gates):
    """Cut the last dimension into the three gates of a GRU."""
    size = gates.shape[-1] // 3
    return [gates[..., k : k + size] for k in range(0, 3 * size, size)]


@op
class lstm_step(Op):
    r"""Let an LSTM forget, take in and give out, as its four gates say.

    ``gates`` holds, side by side, what decides about taking in (i), forgetting (f), the news (g)
    and giving out (o); ``c`` is the memory so far.

    >>> h, c = F.lstm_step(torch.tensor([[9., -9., 9., 9.]]), torch.tensor([[5.]]))
    >>> c
    tensor([[1.0005]])
    """

    formula = (
        r"(i, f, g, o) = (\sigma, \sigma, \tanh, \sigma)(\text{gates}),\quad "
        r"c' = f \odot c + i \odot g,\quad h' = o \odot \tanh c'"
    )
    gradient = (
        r"\delta = \bar c' + \bar h' \odot o\,(1 - \tanh^2 c'),\quad \bar c = \delta \odot f,\quad "
        r"\bar\imath = \delta g,\; \bar f = \delta c,\; \bar g = \delta i,\; "
        r"\bar o = \bar h' \tanh c'"
    )
    several = True

    def forward(self, gates: Array, c: Array):
        i, f, g, o = quarters(gates)
        new = sigmoid(f) * c + sigmoid(i) * tanh(g)
        return sigmoid(o) * tanh(new), new

    def backward(self, g, gates, c):
        dh, dc = [0.0 if d is None else d for d in g.filled(2)]
        i, f, n, o = quarters(gates)
        i, f, n, o = sigmoid(i), sigmoid(f), tanh(n), sigmoid(o)
        seen = tanh(f * c + i * n)
        delta = dc + dh * o * (1 - seen * seen)
        slopes = [
            delta * n * i * (1 - i), delta * c * f * (1 - f),
            delta * i * (1 - n * n), dh * seen * o * (1 - o),
        ]  # fmt: skip
        return cat(slopes, -1), delta * f


@op
class gru_step(Op):
    r"""Let a GRU mix the old state with news, as its gates say.

    ``x_gates`` and ``h_gates`` are what the input and the old state have to say about resetting
    (r), about keeping (z) and about the news (n), side by side.

    >>> F.gru_step(torch.tensor([[0., 9., 1.]]), torch.zeros(1, 3), torch.tensor([[0.5]]))
    tensor([[0.5000]])
    """

    formula = (
        r"r = \sigma(x_r + h_r),\; z = \sigma(x_z + h_z),\; n = \tanh(x_n + r \odot h_n),\quad "
        r"h' = (1 - z) \odot n + z \odot h"
    )
    gradient = (
        r"\bar n = \bar h' (1 - z),\; \bar z = \bar h' (h - n),\; "
        r"\bar r = \bar n\,(1 - n^2)\, h_n,\quad \bar h = \bar h' \odot z"
    )

    def forward(self, x_gates: Array, h_gates: Array, h: Array):
        _, z, n, _ = _gru_gates(x_gates, h_gates)
        return n + z * (h - n)

    def backward(self, g, x_gates, h_gates, h):
        r, z, n, heard = _gru_gates(x_gates, h_gates)
        dn = g * (1 - z) * (1 - n * n)
        dz = g * (h - n) * z * (1 - z)
        dr = dn * heard * r * (1 - r)
        return cat([dr, dz, dn], -1), cat([dr, dz, dn * r], -1), g * z


def _gru_gates(x_gates, h_gates):
    """Give how much to reset, how much to keep, the news, and what the state said of the news."""
    (xr, xz, xn), (hr, hz, hn) = thirds(x_gates), thirds(h_gates)
    r, z = sigmoid(xr + hr), sigmoid(xz + hz)
    return r, z, tanh(xn + r * hn), hn


# --- the cells: put together from the above


def lstm_cell(input, hx, w_ih, w_hh, b_ih=None, b_hh=None, w_hr=None):
    """Do one step of an LSTM: ``hx`` is (h, c), and so is the result.

    >>> h = c = torch.zeros(1, 2)
    >>> w_ih, w_hh = torch.ones(8, 3), torch.ones(8, 2)
    >>> F.lstm_cell(torch.ones(1, 3), (h, c), w_ih, w_hh)
    (tensor([[0.7038, 0.7038]]), tensor([[0.9479, 0.9479]]))
    """
    h, c = hx
    h, c = lstm_step(linear(input, w_ih, b_ih) + linear(h, w_hh, b_hh), c)
    return (h if w_hr is None else linear(h, w_hr)), c


def gru_cell(input, hx, w_ih, w_hh, b_ih=None, b_hh=None):
    """Do one step of a GRU.

    >>> F.gru_cell(torch.ones(1, 3), torch.zeros(1, 2), torch.ones(6, 3), torch.ones(6, 2))
    tensor([[0.0472, 0.0472]])
    """
    return gru_step(linear(input, w_ih, b_ih), linear(hx, w_hh, b_hh), hx)


def rnn_tanh_cell(input, hx, w_ih, w_hh, b_ih=None, b_hh=None):
    """Do one step of a plain recurrent network.

    >>> F.rnn_tanh_cell(torch.ones(1, 3), torch.zeros(1, 2), torch.ones(2, 3), torch.ones(2, 2))
    tensor([[0.9951, 0.9951]])
    """
    return tanh(linear(input, w_ih, b_ih) + linear(hx, w_hh, b_hh))


def rnn_relu_cell(input, hx, w_ih, w_hh, b_ih=None, b_hh=None):
    """Do one step of a plain recurrent network that cuts off what is negative.

    >>> F.rnn_relu_cell(torch.ones(1, 3), torch.zeros(1, 2), torch.ones(2, 3), torch.ones(2, 2))
    tensor([[3., 3.]])
    """
    return relu(linear(input, w_ih, b_ih) + linear(hx, w_hh, b_hh))
