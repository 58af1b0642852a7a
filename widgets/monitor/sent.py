"""What a page has of the table and of the distributions: only what is new is sent."""

from .._paper import label


class Sent:
    """Note what a page was sent. A new one has nothing: to that a message adds all.

    >>> from autograd_lab.widgets.monitor.samples import Samples
    >>> table, page, content, buffers = Samples(), Sent(), {}, []
    >>> table.add(1, {("norms", "w"): 0.5})
    >>> page.add_table(table, content, buffers)
    >>> content["table"]["columns"], content["table"]["total"], len(buffers[0])
    ([['norms', 'w']], 1, 8)
    """

    def __init__(self):
        self.edition, self.rows, self.step = -1, 0, 0
        self.names, self.columns = None, []

    def add_table(self, table, content, buffers) -> None:
        """Add the new rows of the table to a message; all of them if old ones have changed."""
        before, self.edition = self.edition, table.edition
        first = self.rows if before == self.edition else 0
        rows = table.rows(first)
        self.rows = first + len(rows)
        if len(rows) or (before != self.edition and table.names):
            if self.names is not table.names:
                self.names, self.columns = table.names, [list(map(label, n)) for n in table.names]
            content["table"] = {"edition": self.edition, "columns": self.columns, "first": first,
                                "total": self.rows, "buffer": len(buffers)}  # fmt: skip
            buffers.append(rows.tobytes())

    def add_shapes(self, shapes, step, table, content, buffers) -> None:
        """Add the distributions at a step, if they are newer."""
        if not shapes or step == self.step:
            return
        self.step = step
        seen = {name for kind, name in table.names if kind == "dead"}
        names = [["activation" if name in seen else "gradient", label(name)] for name in shapes]
        content["shapes"] = {"step": step, "names": names, "buffer": len(buffers)}
        buffers.append(b"".join(shape.tobytes() for shape in shapes.values()))
