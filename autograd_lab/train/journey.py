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
        run.pace.hold()
        run.traveller.put_back(self.goal)
        run.journey = self

    def arrive(self, run) -> None:
        """Begin the branch and go on, or stay to look."""
        run.journey = None
        if self.fork is not None:
            run.traveller.fork(*self.fork)
            run.pace.release()
        elif run.errand is not None and run.errand.fork is None:
            run.asked_to_end = True  # the loop was over, and runs for a look only
        run.changed()

    def give_up(self, run, why: str) -> None:
        """Go nowhere; a branch that was not begun is worth a word."""
        run.journey = None
        if self.fork is not None:
            text = f"the branch at step {self.goal} was not begun: {why}"
            run.happened("given up", text)
