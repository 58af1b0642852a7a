"""A line of text that tells how far a training is."""

import sys
import time

from ..watching import in_notebook


class ProgressLine:
    """A callback that tells in one line of text how far the training is."""

    def __init__(self):
        self.shown, self.handle, self.drawn = "", None, 0.0

    def on_train_begin(self, run) -> None:
        """Start the clock."""
        self.drawn = time.monotonic()

    def on_batch_end(self, run) -> None:
        """Draw the line, ten times a second at most."""
        if time.monotonic() - self.drawn > 0.1:
            self.draw(run)

    def on_train_end(self, run) -> None:
        """Draw the line for the last time."""
        self.draw(run, last=True)

    def line(self, run) -> str:
        """Word where the run is: it says no times, so that a repeated run says the same."""
        each = run.steps_an_epoch
        done = run.step / (each * run.epochs) if each and run.epochs else run.epoch / run.epochs
        bar = "█" * round(20 * done)
        said = [f"epoch {run.epoch}/{run.epochs} {bar:░<20}"]
        if not run.epoch and run.loss is not None:
            said.append(f"loss {run.loss:.4g}")
        said += [f"{name} {series[-1]:.4g}" for name, series in run.history.items()]
        return "  ".join(said)

    def draw(self, run, last=False) -> None:
        """Show the line: in a notebook, a terminal, or (only the last) a file."""
        text, before = self.line(run), self.shown
        self.shown, self.drawn = text, time.monotonic()
        if in_notebook():
            self._display(text)
        elif sys.stdout.isatty():
            print(f"\r{text:<{len(before)}}", end="\n" if last else "", flush=True)
        elif last:
            print(text)

    def _display(self, text):
        from IPython.display import display

        if self.handle is None:
            self.handle = display(Line(text), display_id=True)
        else:
            self.handle.update(Line(text))


class Line(str):
    """Text that a notebook shows without quotes."""

    def __repr__(self):
        return str(self)
