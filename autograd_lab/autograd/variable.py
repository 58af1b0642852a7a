"""``Variable``: what tensors with gradients were called before PyTorch 0.4."""

from ..core import Tensor


def Variable(data, requires_grad: bool = False, volatile: bool = False) -> Tensor:
    """Give a tensor; older tutorials wrap their data in this. A tensor is enough today.

    >>> torch.autograd.Variable(torch.ones(2), requires_grad=True)
    tensor([1., 1.], requires_grad=True)
    """
    if not isinstance(data, Tensor):
        raise TypeError(f"Variable data has to be a tensor, but got {type(data).__name__}")
    return data.detach().requires_grad_(requires_grad)
