"""What data sets of pictures have in common."""

from contextlib import contextmanager
from itertools import count
from pathlib import Path

import numpy as np

from ...utils.data import Dataset
from ..transforms.functional import to_pil_image
from ..transforms.many import for_many


@contextmanager
def aside(file):
    """Rename a damaged file: it may be one's own. It comes back if nothing takes its place."""
    places = (file.with_name(f"{file.name}.damaged{n}") for n in count(1))
    place = file.rename(next(place for place in places if not place.exists()))
    try:
        yield
    except BaseException:
        place.replace(file)
        raise


class VisionDataset(Dataset):
    """Hold pictures and what they show; the transforms are applied when one is asked for.

    Args:
        root: the folder of the files.
        transforms: a function of (picture, target) that gives both; or
        transform, target_transform: one function for each.
    """

    def __init__(self, root=None, transforms=None, transform=None, target_transform=None):
        if transforms is not None and (transform is not None or target_transform is not None):
            raise ValueError(
                "Only transforms or transform/target_transform can be passed as argument"
            )
        self.root = Path(root).expanduser() if root is not None else None
        self.transform, self.target_transform, self.transforms = (
            transform, target_transform, transforms,
        )  # fmt: skip

    def changed(self, picture, target):
        """Apply the transforms."""
        if self.transforms is not None:
            return self.transforms(picture, target)
        if self.transform is not None:
            picture = self.transform(picture)
        if self.target_transform is not None:
            target = self.target_transform(target)
        return picture, target

    def extra_repr(self) -> str:
        """Say more about the set, in the lines of its repr."""
        return ""

    def __repr__(self):
        lines = [f"Number of datapoints: {len(self)}"]
        if self.root is not None:
            lines.append(f"Root location: {self.root}")
        lines += self.extra_repr().splitlines()
        for name in ("transform", "target_transform", "transforms"):
            call = getattr(self, name)
            if call is not None:
                title = {"transform": "Transform", "target_transform": "Target transform"}
                head = f"{title.get(name, 'Transforms')}: "
                lines.append(head + repr(call).replace("\n", "\n" + " " * len(head)))
        inner = "\n".join(lines).replace("\n", "\n    ")
        return f"Dataset {type(self).__name__}\n    {inner}"


class PicturesInMemory(VisionDataset):
    """Hold all pictures in ``data`` (N, H, W) or (N, H, W, C), what they show in ``targets``."""

    train = True

    def __len__(self):
        return len(self.data)

    def __getitem__(self, index):
        picture = to_pil_image(np.asarray(self.data[index]))
        return self.changed(picture, int(self.targets[index]))

    def __getitems__(self, indices):
        """Give many examples; where the transforms can, they change all pictures at once."""
        change = for_many(self.transform) if self.transforms is None else None
        if change is None:
            return [self[i] for i in indices]
        targets = [int(self.targets[i]) for i in indices]
        if self.target_transform is not None:
            targets = [self.target_transform(target) for target in targets]
        return list(zip(change(np.asarray(self.data)[indices]).unbind(0), targets))

    def extra_repr(self) -> str:
        return f"Split: {'Train' if self.train else 'Test'}"
