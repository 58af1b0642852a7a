"""SummaryWriter: keeps numbers, and writes them where TensorBoard reads them."""

import time
from collections import defaultdict
from pathlib import Path

from ...notice import say_once
from .events import record, scalar_event, version_event


class SummaryWriter:
    """Write down numbers by name and step; ``tensorboard --logdir runs`` draws them.

    ``writer.scalars`` holds the same numbers: name -> list of (step, value). Numbers only: other
    things (pictures, histograms, the graph) are not kept, and a warning says so once.

    >>> with torch.utils.tensorboard.SummaryWriter("runs/example") as writer:
    ...     for step in range(3):
    ...         writer.add_scalar("loss", 1 / (step + 1), step)
    >>> writer.scalars["loss"]
    [(0, 1.0), (1, 0.5), (2, 0.3333333333333333)]
    """

    def __init__(
        self, log_dir=None, comment="", purge_step=None, max_queue=10, flush_secs=120,
        filename_suffix="",
    ):  # fmt: skip
        started = time.strftime("%b%d_%H-%M-%S")
        self.log_dir = str(log_dir or Path("runs") / f"{started}{comment}")
        self.scalars = defaultdict(list)
        folder = Path(self.log_dir)
        folder.mkdir(parents=True, exist_ok=True)
        name = f"events.out.tfevents.{time.time_ns()}{filename_suffix}"
        self._file = (folder / name).open("wb", buffering=0)
        self._file.write(record(version_event(time.time())))

    def get_logdir(self) -> str:
        """Tell the folder that it writes to."""
        return self.log_dir

    def add_scalar(
        self, tag, scalar_value, global_step=None, walltime=None, new_style=False,
        double_precision=False,
    ):  # fmt: skip
        """Write down one number."""
        value = float(scalar_value)
        step = 0 if global_step is None else int(global_step)
        self.scalars[tag].append((step, value))
        when = time.time() if walltime is None else walltime
        self._file.write(record(scalar_event(when, step, tag, value)))

    def add_scalars(self, main_tag, tag_scalar_dict, global_step=None, walltime=None):
        """Write down several numbers that belong together, as ``main_tag/name``."""
        for name, value in tag_scalar_dict.items():
            self.add_scalar(f"{main_tag}/{name}", value, global_step, walltime)

    def _leave_out(self, *args, **kwargs):
        """Keep nothing of what is not a number, and say so once."""
        say_once(
            "SummaryWriter: autograd_lab writes numbers only (add_scalar, add_scalars); pictures, "
            "text, histograms and graphs are not kept. GraphView draws the graph in a notebook"
        )

    add_histogram = add_image = add_images = add_figure = add_graph = add_text = _leave_out
    add_embedding = add_pr_curve = add_hparams = add_video = add_audio = add_mesh = _leave_out

    def flush(self) -> None:
        """Do nothing: every number is in the file at once."""

    def close(self) -> None:
        """Finish the file."""
        self._file.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()
