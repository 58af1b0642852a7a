"""Rows of a table, added up where they came from: the gradient of an embedding."""

from ...device import device_of
from .kernel import THREADS, Kernel, in_a_row

MANY = 16_384  # every row is compared with every other: beyond this that takes too long

gather_rows = Kernel("""
// A block of threads stands for one row of x, and does something only if it is the first that goes
// to its place in the table: then it adds up all that go there, in their order. So the sum is the
// same every time, which atomicAdd, where whoever comes first adds first, cannot promise.
__global__ void gather_rows(
    const real *x, const int64 *index, real *table, int64 rows, int64 wide, int64 padding,
    int64 places
) {
    __shared__ bool same[256];
    int64 own = index[blockIdx.x];
    if (own == padding || own < 0 || own >= places) return;
    number earlier = 0;
    for (int64 i = threadIdx.x; i < blockIdx.x; i += blockDim.x)
        if (index[i] == own) earlier = 1;
    if (total(earlier) > 0) return;
    for (int64 first = 0; first < wide; first += blockDim.x) {
        int64 k = first + threadIdx.x;
        number sum = 0;
        for (int64 begin = blockIdx.x; begin < rows; begin += 256) {
            int64 some = rows - begin < 256 ? rows - begin : 256;
            for (int64 i = threadIdx.x; i < some; i += blockDim.x)
                same[i] = index[begin + i] == own;
            __syncthreads();
            if (k < wide) for (int i = 0; i < some; i++)
                if (same[i]) sum += (number)x[(begin + i) * wide + k];
            __syncthreads();
        }
        if (k < wide) table[own * wide + k] = sum;
    }
}
""")


def rows_added(x, index, places, padding):
    """Add rows into a table of zeros, which has so many places; ``padding`` gets nothing."""
    xp = device_of(x).xp
    wide, table = x.shape[-1], xp.zeros((places, x.shape[-1]), x.dtype)
    x, index = in_a_row(xp, x, index.astype("int64", copy=False))
    padding = -1 if padding is None else padding
    told = x, index, table, index.size, wide, padding, places
    if index.size and wide:
        gather_rows.start((index.size,), min(THREADS, max(32, 1 << (wide - 1).bit_length())), told)
    return table
