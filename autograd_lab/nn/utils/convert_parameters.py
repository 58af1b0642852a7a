"""All parameters of a model as one long vector, and back."""

from ... import ops


def parameters_to_vector(parameters):
    """Lay parameters out one behind the other.

    >>> parameters_to_vector([torch.ones(2), torch.zeros(1, 2)])
    tensor([1., 1., 0., 0.])
    """
    return ops.cat([ops.reshape(p, (-1,)) for p in parameters])


def vector_to_parameters(vec, parameters) -> None:
    """Give parameters the values that a vector holds, one behind the other.

    >>> a, b = torch.zeros(2), torch.zeros(1)
    >>> vector_to_parameters(torch.tensor([1., 2., 3.]), [a, b])
    >>> a, b
    (tensor([1., 2.]), tensor([3.]))
    """
    start = 0
    for parameter in parameters:
        count = parameter.numel()
        parameter.data = vec[start : start + count].view_as(parameter).data
        start += count
