r"""A step of an optimizer, with all parameters of a group in one kernel.

A net has dozens of parameters, most of them small. So the kernel is sent a table of them: where
each one's numbers, its gradient and what is remembered of it lie, and how many there are.
"""

import numpy as np

from .kernel import Kernel

AT_MOST = 80  # parameters in a table: what a kernel is sent may have 4096 bytes
ADDRESSES = 5  # for each: the weights, the gradient, and up to three memories
TABLE = np.dtype([("size", np.int64, AT_MOST), ("at", np.uint64, (AT_MOST, ADDRESSES))])
BLOCKS = 256  # for one parameter, at most: then a thread takes several elements

SHARED = f"""
struct Table {{ int64 size[{AT_MOST}]; real *at[{AT_MOST}][{ADDRESSES}]; }};

// A number that Python has told; or, in a captured step, lies where Python writes it anew.
__device__ number said(double told, const real *there) {{
    return there ? (number)*there : (number)told;
}}
"""
adam_step = Kernel(SHARED + """
// blockIdx.y says which parameter; its threads go through the elements with long steps.
__global__ void adam_step(
    Table table, int amsgrad, int climb, double keep, double fresh, double keep_square,
    double fresh_square, double pull, double told_rate, double told_eps, double told_own,
    const real *rate_there, const real *eps_there, const real *own_there
) {
    int k = blockIdx.y;
    real *w = table.at[k][0], *grad = table.at[k][1];
    real *mean = table.at[k][2], *square = table.at[k][3], *largest = table.at[k][4];
    number rate = said(told_rate, rate_there), eps = said(told_eps, eps_there);
    number own = said(told_own, own_there);
    for (int64 i = thread(); i < table.size[k]; i += (int64)gridDim.x * blockDim.x) {
        number g = (climb ? -1 : 1) * (number)grad[i] + (number)pull * (number)w[i];
        number m = (number)mean[i] * (number)keep + g * (number)fresh;
        number s = (number)square[i] * (number)keep_square + g * g * (number)fresh_square;
        mean[i] = m;
        square[i] = s;
        if (amsgrad) {
            if (s < (number)largest[i]) s = largest[i];
            largest[i] = s;
        }
        w[i] = (number)w[i] * own - rate * (m / (sqrt(s) + eps));
    }
}
""")

sgd_step = Kernel(SHARED + """
// blockIdx.y says which parameter; its threads go through the elements with long steps.
__global__ void sgd_step(
    Table table, int climb, int ahead, double momentum, double fresh, double pull,
    double told_rate, const real *rate_there
) {
    int k = blockIdx.y;
    real *w = table.at[k][0], *grad = table.at[k][1], *velocity = table.at[k][2];
    number rate = said(told_rate, rate_there);
    for (int64 i = thread(); i < table.size[k]; i += (int64)gridDim.x * blockDim.x) {
        number g = (climb ? -1 : 1) * (number)grad[i] + (number)pull * (number)w[i];
        if (momentum != 0) {
            number v = (number)velocity[i] * (number)momentum + (number)fresh * g;
            velocity[i] = v;
            g = ahead ? g + (number)momentum * v : v;
        }
        w[i] = (number)w[i] - g * rate;
    }
}
""")


def lies_well(*tensors) -> bool:
    """Say whether the arrays of one parameter lie in a row each, and have one dtype."""
    arrays = [tensor.shared() for tensor in tensors if tensor is not None]
    return all(a.flags.c_contiguous and a.dtype == arrays[0].dtype for a in arrays)


def _start(kernel, parameters, *args):
    """Start a kernel for parameters, each a list of tensors: the weights, the gradient, ..."""
    char = parameters[0][0].shared().dtype.char
    for first in range(0, len(parameters), AT_MOST):
        some = parameters[first : first + AT_MOST]
        table = np.zeros(1, TABLE)
        for k, tensors in enumerate(some):
            table["size"][0, k] = tensors[0].shared().size
            for j, tensor in enumerate(tensors):
                table["at"][0, k, j] = 0 if tensor is None else tensor.shared().data.ptr
        blocks = min(BLOCKS, -(-int(table["size"].max()) // 256))
        if blocks:
            kernel.start((blocks, len(some)), 256, (table, *args), char)


def _told_and_there(numbers):
    """Tell apart what Python knows and what lies on the GPU: a number and an address for each."""
    plain = [isinstance(number, float) for number in numbers]
    told = [number if known else 0.0 for number, known in zip(numbers, plain)]
    return *told, *[None if known else number for number, known in zip(numbers, plain)]


def adam(parameters, group, numbers) -> None:
    """Take Adam's step with parameters that have made as many steps."""
    keep, keep_square = group["betas"]
    pull = 0.0 if group["decoupled_weight_decay"] else group["weight_decay"]
    means = keep, 1 - keep, keep_square, 1 - keep_square
    flags = group["amsgrad"], group["maximize"]
    _start(adam_step, parameters, *flags, *means, pull, *_told_and_there(numbers))


def sgd(parameters, group, rate, fresh) -> None:
    """Take SGD's step with parameters."""
    flags = group["maximize"], group["nesterov"]
    settings = group["momentum"], fresh, group["weight_decay"]
    _start(sgd_step, parameters, *flags, *settings, *_told_and_there([rate]))
