"""ONNX, a form of models for other runtimes: the name is here, and writing it is refused."""


def export(*args, **kwargs):
    """Refuse, and say what to do instead."""
    raise NotImplementedError(
        "torch.onnx.export: autograd_lab translates no models for other runtimes. Save the weights "
        "with torch.save(model.state_dict(), path), load them in PyTorch and export there"
    )


dynamo_export = export


def is_in_onnx_export() -> bool:
    """Say whether a model is being exported now: never.

    >>> torch.onnx.is_in_onnx_export()
    False
    """
    return False
