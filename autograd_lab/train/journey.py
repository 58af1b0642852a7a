"""A journey: the way to another step of a run, back or forth, and what happens on arrival."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Journey:
    """Where to go; with a ``fork`` (name, settings) a branch begins there, without one just looks.

    The run does not move by itself: the nearest kept state is put back, and the loop repeats its
    steps from there until it has arrived.
    """

    goal: int
    fork: tuple | None = None

    def begin(self, run) -> None:
        """Set off: from now on the loop is on its way."""
        if not self._only_looks(run):
            run.pace.hold()
        run.traveller.put_back(self.goal)
        run.journey = self

    def arrive(self, run) -> None:
        """Begin the branch and go on, or stay to look."""
        run.journey = None
        if self.fork is not None:
            run.traveller.fork(*self.fork)
            run.pace.release()
        elif self._only_looks(run):
            run.asked_to_end = True
        run.changed()

    def _only_looks(self, run) -> bool:
        """Say whether the loop was over, and runs only so that one can look."""
        return self.fork is None and run.errand is not None and run.errand.fork is None

    def give_up(self, run, why: str) -> None:
        """Go nowhere; a branch that was not begun is worth a word."""
        run.journey = None
        if self.fork is not None:
            text = f"the branch at step {self.goal} was not begun: {why}"
            run.happened("given up", text)
