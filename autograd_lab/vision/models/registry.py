"""Models by their names: for programs that take the name from their settings."""

from . import lenet, resnet

BUILDERS = {
    "lenet": lenet.LeNet, "resnet18": resnet.resnet18, "resnet34": resnet.resnet34,
    "resnet50": resnet.resnet50, "resnet101": resnet.resnet101, "resnet152": resnet.resnet152,
}  # fmt: skip


def list_models() -> list[str]:
    """List the names that ``get_model`` knows.

    >>> list_models()
    ['lenet', 'resnet101', 'resnet152', 'resnet18', 'resnet34', 'resnet50']
    """
    return sorted(BUILDERS)


def get_model(name: str, **config):
    """Make a model by its name: ``get_model("resnet18", num_classes=10)``.

    >>> type(get_model("resnet18")).__name__
    'ResNet'
    """
    if name.lower() not in BUILDERS:
        raise ValueError(f"Unknown model {name}: here are {', '.join(list_models())}")
    return BUILDERS[name.lower()](**config)
