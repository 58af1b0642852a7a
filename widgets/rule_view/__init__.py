"""RuleView: a graph in which every backward rule is checked by nudging, edge by edge."""

import re
import sys

from autograd_lab.exercises import find

from .._paper import clean, label, number
from ..graph_view import GraphView
from ..graph_view.fold import in_order
from .checks import checks


class RuleView(GraphView):
    """Check each backward rule of a graph; a line along which it is wrong turns red.

    On the line stand two numbers: what the rule says, and what comes out when the number that went
    in is nudged. Mend the rule and run the cell again.

    >>> import autograd_lab as torch
    >>> class Square(torch.autograd.Function):
    ...     @staticmethod
    ...     def forward(ctx, x):
    ...         ctx.save_for_backward(x)
    ...         return x * x
    ...     @staticmethod
    ...     def backward(ctx, g):
    ...         return g * ctx.saved_tensors[0]
    >>> x = torch.tensor(3.0, requires_grad=True)
    >>> torch.remember_lines()
    >>> y = Square.apply(x) + 1
    >>> RuleView(y)
    RuleView: 1 of 2 rules agrees with nudging; wrong is Square by x: 3 instead of 6

    ``RuleView("ch2.sabotage", sabotage)`` draws the rules of an exercise. Where a function has a
    corner (``relu`` at 0) nudging sees something else than the rule: neither is wrong.
    """

    def __init__(self, root, answer=None, *, names=None, **settings):
        if isinstance(root, str):
            root, names = find(root).graph(answer)
        frame = sys._getframe(1)
        self._held, self._checks = root, checks(root)
        super().__init__(root, names=names or {**frame.f_globals, **frame.f_locals}, **settings)

    def _draw(self):
        """Newer values are checked anew."""
        self._held = self._latest[0]
        self._checks = checks(self._held)
        super()._draw()

    def _send_values(self):
        self.scene = self._drawn()

    def _drawn(self):
        scene, nodes = super()._drawn(), in_order(self._graph)
        shown = {key: nodes[own]["id"] for key, (own, _) in self._shows.items()}
        cards = {card["key"]: card for card in scene["cards"]}
        for edge in scene["edges"]:
            ends = shown.get(edge["from"]), shown.get(edge["to"])
            found = [check for check in self._checks if (check.source, check.target) == ends]
            if found:
                worst = min(found, key=lambda check: check.right)
                edge["check"] = {"right": worst.right, "text": _brief(worst),
                                 "told": _told(worst), "at": _middle(edge)}  # fmt: skip
                cards[edge["to"]]["says"] += (
                    f" Its rule for {cards[edge['from']]['head']}: {_told(worst)}."
                )
        return {**scene, "title": self._summary() + (" · rule ≠ nudge" if self._wrong() else "")}

    def _wrong(self):
        return [check for check in self._checks if not check.right]

    def _summary(self):
        right, all_ = len(self._checks) - len(self._wrong()), len(self._checks)
        return f"{right} of {all_} rules agree{'s' * (right == 1)} with nudging"

    def __repr__(self):
        heads = {node["id"]: clean(node["name"] or node["op"] or "data")
                 for node in self._graph["nodes"]}  # fmt: skip
        ops = {node["id"]: clean(node["op"]) for node in self._graph["nodes"]}
        wrong = [f"{ops[c.target]} by {heads[c.source]}: {_instead(c)}" for c in self._wrong()[:3]]
        return f"RuleView: {self._summary()}" + (f"; wrong is {', '.join(wrong)}" if wrong else "")


def _middle(edge):
    """The middle of a line without its arrow: there its verdict stands."""
    x, y = edge["tip"]
    start = [float(v) for v in re.match(r"M([-\d.]+) ([-\d.]+)", edge["d"]).groups()]
    return [round((x + start[0]) / 2, 1), round((y - 6 + start[1]) / 2, 1)]


def _brief(check):
    if check.right:
        return "✓"
    if check.trouble:
        return "✗ breaks"
    return f"{number(check.rule)} ≠ {number(check.nudged)}"


def _told(check):
    if check.right:
        return "agrees with nudging"
    if check.trouble:
        return f"breaks: {label(check.trouble, 200)}"
    return (f"wrong; the slope of {check.where} is {number(check.nudged)} by nudging, "
            f"{number(check.rule)} by the rule")  # fmt: skip


def _instead(check):
    if check.trouble:
        return label(check.trouble, 60)
    return f"{number(check.rule)} instead of {number(check.nudged)}"
