"""Pictures in folders: one folder a class."""

import os
from pathlib import Path

from .vision import VisionDataset

IMG_EXTENSIONS = (
    ".jpg", ".jpeg", ".png", ".ppm", ".bmp", ".pgm", ".tif", ".tiff", ".webp",
)  # fmt: skip


def pil_loader(path):
    """Read a picture as RGB."""
    from PIL import Image

    with open(path, "rb") as file:
        return Image.open(file).convert("RGB")


default_loader = pil_loader


class DatasetFolder(VisionDataset):
    """Load files that lie in one folder a class: ``root/cat/1.png``, ``root/dog/7.png``.

    Args:
        root: the folder of the classes' folders.
        loader: a function that reads a file.
        extensions: which files count; or
        is_valid_file: a function of the path that says so.
        allow_empty: a class may have no file.
    """

    def __init__(self, root, loader, extensions=None, transform=None, target_transform=None,
                 is_valid_file=None, allow_empty=False):  # fmt: skip
        super().__init__(root, transform=transform, target_transform=target_transform)
        if (extensions is None) == (is_valid_file is None):
            raise ValueError(
                "Both extensions and is_valid_file cannot be None or not None at the same time"
            )
        self.loader, self.extensions = loader, extensions
        self.classes, self.class_to_idx = self.find_classes(self.root)
        wanted = is_valid_file or (lambda path: str(path).lower().endswith(tuple(extensions)))
        self.samples = self.imgs = list(self._found(wanted))
        self.targets = [target for _, target in self.samples]
        empty = sorted(set(self.classes) - {self.classes[t] for t in self.targets})
        if empty and not allow_empty:
            said = f"Found no valid file for the classes {', '.join(empty)}. "
            if extensions:
                said += f"Supported extensions are: {', '.join(extensions)}"
            raise FileNotFoundError(said)

    def find_classes(self, directory) -> tuple:
        """List the folders in ``directory`` in order, and number them."""
        classes = sorted(entry.name for entry in os.scandir(directory) if entry.is_dir())
        if not classes:
            raise FileNotFoundError(f"Couldn't find any class folder in {directory}.")
        return classes, {name: number for number, name in enumerate(classes)}

    def _found(self, wanted):
        for name, number in self.class_to_idx.items():
            for folder, subfolders, files in os.walk(Path(self.root) / name):
                subfolders.sort()
                for file in sorted(files):
                    path = os.path.join(folder, file)
                    if wanted(path):
                        yield path, number

    def __len__(self):
        return len(self.samples)

    def __getitem__(self, index):
        path, target = self.samples[index]
        return self.changed(self.loader(path), target)


class ImageFolder(DatasetFolder):
    """Load pictures that lie in one folder a class: ``root/cat/1.png``, ``root/dog/7.png``."""

    def __init__(self, root, transform=None, target_transform=None, loader=default_loader,
                 is_valid_file=None, allow_empty=False):  # fmt: skip
        extensions = IMG_EXTENSIONS if is_valid_file is None else None
        super().__init__(root, loader, extensions, transform, target_transform, is_valid_file,
                         allow_empty)  # fmt: skip
