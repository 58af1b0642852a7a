"""Read what a `ShiftView` was given: models, images, labels."""

from collections.abc import Mapping

import numpy as np

from autograd_lab.nn import Module

from ..convolution_view.given import MOST, tensor_of

MODELS = 6  # that are compared


def place_of(model):
    """Where a model lives, and which numbers it takes."""
    for parameter in model.parameters():
        if parameter.is_floating_point():
            return parameter.device, parameter.dtype
    return None, None


def models_of(models):
    """Give models by their names."""
    if isinstance(models, Module):
        models = {"model": models}
    if isinstance(models, list | tuple):
        models = {f"{type(m).__name__} {k}": m for k, m in enumerate(models)}
    if not isinstance(models, Mapping) or not models:
        raise TypeError(
            "ShiftView(models, images): models is a dict such as {'CNN': cnn, 'MLP': mlp}, not "
            f"{type(models).__name__}"
        )
    for name, model in models.items():
        if not isinstance(model, Module):
            raise TypeError(f"ShiftView: {name!r} is no nn.Module but {type(model).__name__}")
    if len(models) > MODELS:
        raise ValueError(f"ShiftView compares up to {MODELS} models, not {len(models)}")
    return {str(name): model for name, model in models.items()}


def images_of(images, labels):
    """Give images as an array (N, C, H, W)."""
    x = tensor_of(images, "images", "ShiftView")
    if x.dim() == 2:
        x = x[None, None]
    elif x.dim() == 3:  # several images without channels, or one with
        several = labels is not None and len(labels) == len(x)
        x = x[:, None] if several else x[None]
    if x.dim() != 4:
        raise ValueError(
            f"ShiftView: images of shape {tuple(x.shape)} are no batch (N, channels, height, width)"
        )
    if x[0].numel() > MOST:
        raise ValueError("ShiftView: these images are too large to look at; show a part of them")
    if x.shape[-1] in (1, 3) and min(x.shape[1:3]) > 7:
        raise ValueError(
            f"ShiftView: images of shape {tuple(x.shape)} seem to have their channels last: "
            "images.permute(0, 3, 1, 2) puts them where PyTorch expects them"
        )
    return x.numpy()


def labels_of(labels, count):
    """Give the right class of each image."""
    found = tensor_of(labels, "labels", "ShiftView").numpy().reshape(-1)
    if len(found) != count:
        raise ValueError(f"ShiftView: {len(found)} labels for {count} images")
    return found.astype(np.int64)
