"""``torch.hub`` fetches other people's code and runs it: refused."""


def _refuse(*args, **kwargs):
    """Refuse, and say what to do instead."""
    raise NotImplementedError(
        "torch.hub: autograd_lab fetches neither code nor weights of PyTorch models: the code "
        "would need PyTorch itself. Write the model with nn.Module, and load a state_dict that you "
        "have: model.load_state_dict(torch.load(path))"
    )


load = list = help = download_url_to_file = load_state_dict_from_url = _refuse
