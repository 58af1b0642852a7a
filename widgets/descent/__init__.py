"""The loss bowl: a loss over two parameters as a map, and an optimizer's way down.

given.py reads what the learner gave, bowl.py asks their loss for heights and curvature, paths.py
runs the real optimizers, contours.py makes lines of equal height, picture.py draws the still
picture; in the page index.js owns the controls, map.js draws, rule.js writes a step out in numbers.
"""

import math
from contextlib import contextmanager
from copy import deepcopy
from pathlib import Path
from threading import RLock

import numpy as np
import traitlets

from autograd_lab.func import functional_call

from .._esm import pack
from .._kept import Kept
from .._paper import label
from . import picture
from .bowl import Bowl, two_numbers
from .contours import levels, rings
from .given import (
    column_of,
    labels_of,
    middle_and_spread,
    number_of,
    rate_of,
    standardized,
    window_of,
)
from .paths import OPTIMIZERS, named, walk

HERE = Path(__file__).parent
MOST = 2000                     # steps of a path


class Descent(Kept):
    """Draw a loss over two parameters, and walk down: step by step, with any learning rate.

    >>> def loss(w, b):
    ...     return w ** 2 + 10 * b ** 2
    >>> bowl = Descent(loss, 3.0, 1.0, lr=0.08, steps=20)
    >>> bowl
    Descent: SGD from (3, 1), lr 0.08, 20 steps: loss 19 → 0.00842; 2/λmax = 0.1
    >>> bowl.limit                      # a larger learning rate leaves the bowl
    0.1
    >>> bowl.go(lr=0.11).path[-1].round(1).tolist()
    [0.0, 38.3]

    ``loss`` takes two numbers, or one tensor with two. For data and a straight line there is
    ``Descent.line(x, y)``, for a model with two parameters ``Descent.of(model, loss_fn, x, y)``.
    ``optimizer`` is a name ("SGD", "momentum", "Adam", any of ``torch.optim``), a class, or a
    function of (params, lr); ``compare`` names more of them, ``window`` is the part of the map to
    show: (left, right, bottom, top).
    """

    _pack = pack(HERE / "index.js", HERE.parent / "transport.css", HERE / "style.css")
    scene = traitlets.Dict(help="the map: window, levels, minimum, curvature").tag(sync=True)
    outlines = traitlets.Bytes(help="the rings of all levels, 16 bits a coordinate").tag(sync=True)
    run = traitlets.Dict(help="where from, how fast, which paths").tag(sync=True)
    numbers = traitlets.Bytes(help="the rows of all paths, float64").tag(sync=True)
    step = traitlets.Int(0, help="the step that is shown").tag(sync=True)

    def __init__(self, loss, w=0.0, b=0.0, *, lr=0.1, steps=40, optimizer="SGD", compare=(),
                 window=None):  # fmt: skip
        shapes, names = two_numbers(loss)
        bowl = Bowl(loss, shapes, tuple(map(label, names)))
        self._begin([bowl], [(w, b)], lr, steps, optimizer, compare, window)

    @classmethod
    def line(cls, x, y, w=0.0, b=0.0, **settings):
        """Draw the mean squared error of the line w·x + b; the column x can be scaled.

        >>> bowl = Descent.line([1.0, 2.0, 3.0], [2.0, 4.0, 6.0], lr=0.1, steps=100)
        >>> bowl
        Descent: SGD from (0, 0), lr 0.1, 100 steps: loss 18.7 → 6.0e−4; 2/λmax = 0.18
        >>> [round(c, 2) for c in bowl.curvatures]
        [0.24, 11.09]
        >>> [round(c, 2) for c in bowl.go(scaled=True).curvatures]      # the valley is round
        [2.0, 2.0]
        """
        x, y = column_of(x, "x"), column_of(y, "y")
        if len(x) != len(y):
            raise ValueError(f"x has {len(x)} numbers and y has {len(y)}: one y for each x")
        scaled, (middle, spread) = standardized(x), middle_and_spread(x)
        bowls = [Bowl(lambda w, b, x=column: ((w * x + b - y) ** 2).mean(), [(), ()], ("w", "b"))
                 for column in (x, scaled)]  # fmt: skip
        w, b = number_of(w, "w"), number_of(b, "b")
        starts = [(w, b), (w * float(spread), b + w * float(middle))]
        return cls._made(bowls, starts, **settings)

    @classmethod
    def of(cls, model, loss_fn, x, y, *, params=None, scale=False, **settings):
        """Draw the loss of a model over two of its numbers; the others stay as they are.

        ``params`` names the parameters, two numbers together; not needed if the model has no more.
        ``scale=True`` offers the same with the columns of x in standard deviations.

        >>> model = torch.nn.Linear(1, 1)
        >>> x = torch.tensor([[1.0], [2.0], [3.0]])
        >>> Descent.of(model, torch.nn.MSELoss(), x, 2 * x, lr=0.1).scene["names"]
        ['weight', 'bias']
        """
        here = dict(model.named_parameters())
        names = list(here) if params is None else [params] if isinstance(params, str) else [*params]
        if missing := [name for name in names if name not in here]:
            raise ValueError(f"the model has no parameter {missing[0]!r}; it has {', '.join(here)}")
        if (total := sum(here[name].numel() for name in names)) != 2:
            few = ", ".join(f"{name} {tuple(p.shape)}" for name, p in [*here.items()][:8])
            raise ValueError(
                f"a bowl stands over two numbers, and {' and '.join(names) or 'no parameters'} "
                f"make {total}: choose with params=(...) among {few}"
            )
        own = deepcopy(model)           # the learner's may be training while the page asks

        def bowl(x):
            def loss(*leaves):
                return loss_fn(functional_call(own, dict(zip(names, leaves)), (x,)), y)

            shapes = [tuple(here[name].shape) for name in names]
            first = here[names[0]]
            return Bowl(loss, shapes, labels_of(names, here), first.dtype, first.device)

        start = [v for name in names for v in here[name].detach().reshape(-1).tolist()]
        columns = [x, standardized(x)] if scale else [x]
        return cls._made([bowl(column) for column in columns], [start] * len(columns), **settings)

    @classmethod
    def _made(cls, bowls, starts, *, lr=0.1, steps=40, optimizer="SGD", compare=(), window=None):
        made = cls.__new__(cls)
        made._begin(bowls, starts, lr, steps, optimizer, compare, window)
        return made

    def _begin(self, bowls, starts, lr, steps, optimizer, compare, window):
        """Look at each bowl, walk down the first."""
        self._lock, self._world = RLock(), 0
        compare = [compare] if isinstance(compare, str) else [*compare]
        chosen, _ = named(optimizer)
        self._makers = {**OPTIMIZERS, **dict(named(one) for one in [optimizer, *compare])}
        starts = [tuple(number_of(v, n) for v, n in zip(start, bowl.names))
                  for bowl, start in zip(bowls, starts)]  # fmt: skip
        if not isinstance(steps, int) or not 0 < steps <= MOST:
            raise ValueError(f"steps: a whole number from 1 to {MOST}, not {steps!r}")
        for bowl, start in zip(bowls, starts):
            bowl.look(start, window_of(window) if bowl is bowls[0] else None)
        self._bowls, self._starts, self._steps = bowls, starts, steps
        first, rate = bowls[0].limit, rate_of(lr)
        self._rates = [rate * bowl.limit / first if first and bowl.limit else rate
                       for bowl in bowls]  # fmt: skip
        self._maps = {}
        self._chosen, self._walked = chosen, [chosen, *(named(one)[0] for one in compare)]
        super().__init__()
        self._draw_map()
        self._walk()

    # What the learner asks for. ------------------------------------------------------------------

    def go(self, w=None, b=None, *, lr=None, optimizer=None, compare=None, scaled=None):
        """Walk down anew: from another start, with another learning rate or optimizer."""
        with self._lock, self._or_as_before():
            if scaled is not None:
                if scaled and len(self._bowls) < 2:
                    raise ValueError("there is no column to scale: Descent.line(x, y) has one")
                self._world = int(bool(scaled))
            start = self._starts[self._world]
            self._starts[self._world] = tuple(
                old if new is None else number_of(new, name)
                for new, old, name in zip((w, b), start, self._bowl.names)
            )
            if lr is not None:
                self._rates[self._world] = rate_of(lr)
            if optimizer is not None:
                self._chosen, make = named(optimizer)
                self._makers[self._chosen] = make
            if compare is not None:
                more = [named(one) for one in ([compare] if isinstance(compare, str) else compare)]
                self._makers.update(more)
                self._walked = [name for name, _ in more]
            self._draw_map()
            self._walk()
        return self

    @property
    def path(self):
        """All places of the optimizer's way, one row (w, b) each."""
        return self._paths[0].rows[:, :2].copy()

    @property
    def losses(self):
        """The loss at each of them."""
        return self._paths[0].rows[:, 2].copy()

    @property
    def limit(self):
        """The largest learning rate that plain SGD stands: 2/λmax; None if there is no minimum."""
        limit = self._bowl.limit
        return None if limit is None else float(f"{limit:.7g}")

    @property
    def curvatures(self):
        """The eigenvalues of the Hessian at the minimum, the smaller first."""
        return None if self._bowl.curvatures is None else tuple(self._bowl.curvatures.tolist())

    @property
    def minimum(self):
        """The lowest place (w, b)."""
        return None if self._bowl.minimum is None else tuple(self._bowl.minimum.tolist())

    # How it comes about. -------------------------------------------------------------------------

    @property
    def _bowl(self):
        return self._bowls[self._world]

    def _draw_map(self):
        """Send the map of this world; what is as it was does not travel."""
        if self._world not in self._maps:
            self._maps[self._world] = self._map(self._bowl)
        scene, self._rings, outlines = self._maps[self._world]
        with self.hold_sync():
            self.scene, self.outlines = scene | {"world": self._world}, outlines

    def _map(self, bowl):
        _, heights = bowl.heights()
        floor = bowl.height(bowl.minimum) if bowl.minimum is not None else math.inf
        floor = min(floor, float(np.min(heights, initial=math.inf)))
        chosen = levels(heights, floor)
        found = [rings(heights, level) for level in chosen]
        pixels = [np.round(ring * 65535).astype("<u2").tobytes() for all in found for ring in all]
        low, high = (bowl.limit / 300, bowl.limit * 3) if bowl.limit else (1e-4, 10.0)
        scene = {
            "names": list(bowl.names), "window": list(bowl.window), "levels": chosen,
            "rings": [[len(ring) for ring in all] for all in found],
            "minimum": self._floats(bowl.minimum), "floor": floor if math.isfinite(floor) else None,
            "curvatures": self._floats(bowl.curvatures), "limit": bowl.limit, "why": bowl.why,
            "quadratic": bowl.quadratic, "range": [low, high], "worlds": len(self._bowls),
            "optimizers": list(self._makers),
        }  # fmt: skip
        return scene, found, b"".join(pixels)

    @staticmethod
    def _floats(values):
        return None if values is None else [float(v) for v in values]

    def _walk(self):
        """Run the optimizers and send their ways."""
        names = dict.fromkeys([self._chosen, *self._walked])
        start, lr = self._starts[self._world], self._rates[self._world]
        self._paths = [walk(self._bowl, start, name, self._makers[name], lr, self._steps)
                       for name in names]  # fmt: skip
        run = {
            "start": list(start), "lr": lr, "steps": self._steps, "world": self._world,
            "paths": [{"name": p.name, "kind": p.kind, "rows": len(p.rows), "settings": p.settings}
                      for p in self._paths],
        }  # fmt: skip
        with self.hold_sync():
            self.run = run
            self.numbers = b"".join(p.rows.astype("<f8").tobytes() for p in self._paths)
            self.step = min(self.step, len(self._paths[0].rows) - 1)

    @contextmanager
    def _or_as_before(self):
        """Take back what was asked for, where the loss cannot be computed."""
        lists = [*self._starts], [*self._rates], dict(self._makers)
        others = self._world, self._chosen, self._walked
        try:
            yield
        except BaseException:
            self._starts, self._rates, self._makers = lists
            self._world, self._chosen, self._walked = others
            self._draw_map()
            raise

    def _hear(self, _, content, buffers):
        """Walk as the page asks; it asks again only when it has the answer."""
        if isinstance(content, dict) and content.get("do") == "walk":
            with self._lock, self._or_as_before():
                self._obey(content)
            self._watch()

    def _obey(self, content):
        world = content.get("world")
        if type(world) is int and 0 <= world < len(self._bowls):
            self._world = world
        if content.get("start") is not None:
            w, b = content["start"]
            self._starts[self._world] = (number_of(w, "w"), number_of(b, "b"))
        if content.get("lr") is not None:
            self._rates[self._world] = rate_of(content["lr"])
        known = [name for name in content.get("names") or () if name in self._makers]
        if known:
            self._chosen, self._walked = known[0], known
        self._draw_map()
        self._walk()

    # What the notebook keeps. --------------------------------------------------------------------

    def flush(self):
        """Nothing waits: each walk is sent as it comes."""

    def to_svg(self):
        """Draw map and ways as SVG text that needs nothing else."""
        lr = self._rates[self._world]
        return picture.draw(repr(self), self.scene, self._rings, self._paths, lr)

    def __repr__(self):
        return picture.summary(self._paths[0], self._rates[self._world], self._bowl.limit)
