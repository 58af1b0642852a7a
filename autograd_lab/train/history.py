"""The books of ``train_model``: what was measured in each epoch, and the loss of each step."""


class History(dict):
    """What was measured in each epoch: ``history["loss"]``, and of each step: ``history.steps``.

    It tells what the model has behind it: when one goes back in time it is as short as it was then.
    The record of the whole run, with the steps that lie ahead again, is a ``Series``; there every
    number has its step, for a loop of one's own need not have epochs.

    >>> net, data = nn.Linear(1, 1), [(torch.zeros(1, 1), torch.zeros(1, 1))]
    >>> history = torch.train_model(net, data, epochs=2, progress=False)
    >>> history["loss"] == history.steps, len(history.steps)
    (True, 2)
    """

    def __init__(self):
        self.steps = []

    def note(self, name: str, value: float) -> None:
        """Add a value to a series."""
        self.setdefault(name, []).append(value)

    def __repr__(self):
        epochs = max(map(len, self.values()), default=0)
        if not epochs:
            return f"History: no whole epoch, {len(self.steps)} steps"
        names = ["epoch", *self]
        rows = [[str(i + 1), *(_short(self[n], i) for n in self)] for i in range(epochs)]
        if epochs > 8:
            rows[4:-3] = [["..."] * len(names)]
        table = [names, *rows]
        wide = [max(len(row[k]) for row in table) for k in range(len(names))]
        return "\n".join("  ".join(c.rjust(w) for c, w in zip(row, wide)) for row in table)


def _short(series, i):
    return f"{series[i]:.4g}" if i < len(series) else ""
