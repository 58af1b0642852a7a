"""Data sets at the top of a module, where spawned workers find them."""

import autograd_lab as torch


class Squares(torch.utils.data.Dataset):
    """Numbers and their squares."""

    def __len__(self):
        return 10

    def __getitem__(self, i):
        return i, torch.tensor(i * i)


class Stream(torch.utils.data.IterableDataset):
    """A stream that its workers share out."""

    def __init__(self, lengths):
        self.lengths = lengths

    def __iter__(self):
        me = torch.utils.data.get_worker_info()
        number = 0 if me is None else me.id
        return iter(range(100 * number, 100 * number + self.lengths[number]))
