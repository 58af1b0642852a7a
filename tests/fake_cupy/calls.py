"""Turn a NumPy function into the pretend GPU's: check what comes in, wrap what goes out."""

import numpy as np

from .array import NUMBERS, ndarray, view_of, wrap
from .state import check_device, here, library, stats, synchronize, upload
from .surface import SURFACE, VERSION, Parameters, translate

PLAIN = NUMBERS | {str, type(None), slice, type, type(...)}
LIBRARY = {
    "matmul": "cuBLAS", "dot": "cuBLAS", "vdot": "cuBLAS", "inner": "cuBLAS",
    "tensordot": "cuBLAS", "einsum": "cuBLAS",
}  # fmt: skip
# Functions that wait for the GPU; CuPy's documentation names most of them itself.
WAITS = frozenset(SURFACE["waits"][""]) - {"where", "average", "ix_"} | {
    "argwhere", "asarray_chkfinite", "intersect1d", "isin", "in1d", "setdiff1d", "setxor1d",
    "trim_zeros", "union1d", "unique_all", "unique_counts", "unique_inverse", "unique_values",
    "array2string", "array_repr", "array_str", "save", "savez", "savez_compressed", "savetxt",
}  # fmt: skip
# Parameters that take arrays: a list there is a mistake (elsewhere it is a shape or axes).
OPERANDS = frozenset(
    "a b x y z m v A ar ar1 ar2 arr arr1 arr2 array ary a1 a2 x1 x2 val element test_elements "
    "weights condition prototype fp p filt dst src mask".split()
)
JOINS = frozenset({"concatenate", "stack", "vstack", "hstack", "dstack", "column_stack"})
GIVES_ARRAY = frozenset({"array_equal", "array_equiv", "allclose", "count_nonzero"})
CALLS_BACK = frozenset(
    {"apply_along_axis", "apply_over_axes", "fromfunction", "piecewise", "vectorize"}
)


def unwrap(value, name, refuse_list=False):
    """Unwrap an argument of any kind; arrays of the host and of other GPUs are refused."""
    kind = type(value)
    if kind is ndarray:
        check_device(value._device)
        return value._array
    if kind is list or kind is tuple:
        if refuse_list:
            raise TypeError(f"{name}: Unsupported type {kind}")
        return kind([unwrap(one, name) for one in value])
    if isinstance(value, np.ndarray):
        raise TypeError(f"{name}: Unsupported type <class 'numpy.ndarray'>")
    return value


def find_parent(host, arguments):
    """Find the argument that a result is, or whose memory it shares."""
    for one in arguments:
        if type(one) is ndarray:
            if host is one._array:
                return one
            if host.base is not None and np.may_share_memory(host, one._array):
                return view_of(one, host)
        elif type(one) in (list, tuple):
            found = find_parent(host, one)
            if found is not None:
                return found
    return None


def give(result, arguments, out=None):
    """Wrap a result. A fresh array, or one that was written, was a kernel's work."""
    if type(result) is np.ndarray:
        if out is not None:
            return given_out(result, out)
        parent = find_parent(result, arguments)
        if parent is not None:
            return parent
        stats.launches += 1
        return wrap(result)
    if isinstance(result, np.generic):
        stats.launches += 1
        return wrap(result)
    if type(result) is list:
        return [give(one, arguments) for one in result]
    if isinstance(result, tuple):  # NumPy's named results are plain tuples in CuPy
        return tuple([give(one, arguments) for one in result])
    if result is None:
        stats.launches += 1
    return result


def given_out(result, out):
    """Return the array the caller asked to write to."""
    stats.launches += 1
    if type(out) is tuple:
        (out,) = out
    return out if out._array is result else wrap(result)


def sends_addresses(parts) -> bool:
    """Tell whether CuPy joins arrays with one kernel, which is sent a table of their addresses."""
    if type(parts) not in (list, tuple) or len(parts) <= 8:
        return False
    kinds, size = {a.dtype for a in parts}, sum(a.nbytes for a in parts)
    return len(kinds) == 1 and size < (2 << 20) * len(parts)


def guard(name, args):
    """Count, or refuse, what waits for the GPU or calls a library."""
    if name in JOINS and sends_addresses(args[0]):
        upload()
    elif name in JOINS and type(args[0]) in (list, tuple):
        stats.launches += max(0, len(args[0]) - 1)  # each part is copied by a kernel of its own
    if name in WAITS or (name == "where" and len(args) == 1):
        synchronize(f"{name}()")
    if name in LIBRARY and any(type(a) is ndarray and a.dtype.kind in "fc" for a in args):
        library(LIBRARY[name])


def function(numpy_function, name: str, has: Parameters):
    """Make the device's version of a NumPy function, with CuPy's parameters."""
    if name in CALLS_BACK:
        return left_out(name)
    shared, rename = translate(has.positional, numpy_function)
    watched = name in WAITS or name in LIBRARY or name in JOINS or name == "where"
    lists_refused = [p in OPERANDS for p in has.positional]
    most = None if has.many else len(has.positional)

    def call(*args, **kwargs):
        if watched:
            guard(name, args)
        if most is not None and len(args) > most:
            raise TypeError(
                f"{name}() takes {most} positional arguments but {len(args)} were given"
            )
        host = []
        for place, one in enumerate(args):
            if type(one) is ndarray and one._device == here.device:
                host.append(one._array)
            elif type(one) in PLAIN:
                host.append(one)
            else:
                refuse_list = place < len(lists_refused) and lists_refused[place]
                host.append(unwrap(one, name, refuse_list))
        settings = {}
        if len(host) > shared and most is not None:  # from here on the two orders differ
            for key, one in zip(has.positional[shared:], host[shared:], strict=False):
                if one is not None:  # NumPy may lack a parameter that was left empty
                    settings[rename.get(key, key)] = one
            del host[shared:]
        for key, value in kwargs.items():
            if key not in has.names and not has.any:
                raise TypeError(
                    f"{name}() got an unexpected keyword argument {key!r} (CuPy {VERSION})"
                )
            settings[rename.get(key, key)] = unwrap(value, name, key in OPERANDS)
        result = here.run(numpy_function, *host, **settings)
        out = kwargs.get("out")
        if name in GIVES_ARRAY:
            result = np.asarray(result)
        return give(result, (*args, *kwargs.values()), out)

    call.__name__ = call.__qualname__ = name
    call.__doc__ = numpy_function.__doc__
    return call


def left_out(name: str):
    """Stand for something CuPy has and the pretend GPU cannot do."""

    def call(*args, **kwargs):
        raise NotImplementedError(f"the pretend GPU has no {name}")

    call.__name__ = name
    return call
