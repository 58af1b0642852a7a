"""Batch normalization without running statistics: those cannot be written for each entry apart."""

from ..nn.batchnorm import _BatchNorm


def replace_all_batch_norm_modules_(root):
    """Let every batch normalization in a model use its batch alone, and keep no statistics.

    >>> model = nn.Sequential(nn.Conv2d(1, 2, 3), nn.BatchNorm2d(2))
    >>> torch.func.replace_all_batch_norm_modules_(model)[1].running_mean is None
    True
    """
    for module in root.modules():
        if isinstance(module, _BatchNorm) and module.track_running_stats:
            module.running_mean = module.running_var = module.num_batches_tracked = None
            module.track_running_stats = False
    return root
