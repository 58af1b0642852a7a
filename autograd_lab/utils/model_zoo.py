"""The older place of ``torch.hub.load_state_dict_from_url``, which fetches nothing here."""

from ..hub import load_state_dict_from_url as load_url

__all__ = ["load_url"]
