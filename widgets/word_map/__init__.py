"""Which word moved which tag: the words of a sentence against each other.

asking.py asks backward, picture.py draws the still picture; in the page index.js shows the
sentence and the map, sentence.js is the arithmetic, ../grid.js draws.
"""

from pathlib import Path

import numpy as np
import traitlets

from .._esm import pack
from .._kept import Kept
from .._model import ModelPace
from .._paper import label, number
from . import picture
from .asking import influence, shares

HERE = Path(__file__).parent


class WordMap(Kept):
    """Show for each tag which words moved it: gradients of its score by the words' vectors.

    >>> def scores(x):                          # each word's tag looks at the word before it, too
    ...     return x + 0.5 * torch.cat([torch.zeros(1, 2), x[:-1]])
    >>> view = WordMap(scores, torch.eye(3)[:, :2], tokens=["a", "b", "c"], tags=["X", "Y"])
    >>> view
    WordMap: 3 words; "b" (Y) is moved 33 % by "a"
    >>> view.shares.round(2)                    # rows: whose tag; columns: which word moved it
    array([[1.  , 0.  , 0.  ],
           [0.33, 0.67, 0.  ],
           [0.  , 0.33, 0.67]])

    ``inputs`` are the words' vectors (words, features), or word numbers for a model with one
    ``nn.Embedding``. ``tags`` names the tags; ``chosen`` says which tag's score is asked for at
    each word (unless told, the one that the model gives the highest score).
    """

    _pack = pack(HERE / "index.js", HERE.parent / "grid.css", HERE / "style.css")
    scene = traitlets.Dict(help="words, their tags, the scores' certainty").tag(sync=True)
    values = traitlets.Bytes(help="norms of the gradients, float32, row by row").tag(sync=True)
    row = traitlets.Int(0, help="whose tag is looked at").tag(sync=True)
    absolute = traitlets.Bool(False, help="norms, not shares of a row").tag(sync=True)

    def __init__(self, model, inputs, tokens=None, tags=None, *, chosen=None, sequence=0):
        self._source = model, inputs, chosen, sequence
        self._pace = ModelPace(self._look)
        self._tags = [label(tag, 16) for tag in tags] if tags is not None else None
        self._given = None if tokens is None else [label(str(token), 24) for token in tokens]
        super().__init__()
        self._look()
        self.row = self._striking()[0]

    @property
    def shares(self):
        """What share of each tag's gradient (row) comes from each word (column)."""
        return shares(self.norms)

    def update(self, step=None) -> None:
        """Ask again at the end of the cell, with the weights of then."""
        self._pace.note()
        self._watch()

    def flush(self):
        """Ask again, if the weights may have changed."""
        self._pace.flush()

    def on_epoch_end(self, run):
        """Ask again after this epoch."""
        self._look()

    def _look(self):
        self.norms, scores, chosen = influence(*self._source)
        count = len(self.norms)
        words = self._given or [str(k) for k in range(1, count + 1)]
        if len(words) != count:
            raise ValueError(f"{len(words)} tokens for {count} words: one for each")
        tags = self._tags or [str(k) for k in range(scores.shape[1])]
        if len(tags) < scores.shape[1]:
            raise ValueError(f"tags names {len(tags)} tags, the model has {scores.shape[1]}")
        self._words, self._chosen = words, [tags[k] for k in chosen.tolist()]
        with np.errstate(invalid="ignore", over="ignore"):
            powers = np.exp(scores - scores.max(1, keepdims=True))
            sure = (powers / powers.sum(1, keepdims=True))[np.arange(count), chosen]
        self._bad = bad = int((~np.isfinite(self.norms)).sum())
        scene = {
            "tokens": words, "tags": self._chosen, "bad": bad,
            "sure": [float(s) if np.isfinite(s) else None for s in sure],
        }  # fmt: skip
        with self.hold_sync():
            self.scene, self.values = scene, self.norms.astype("<f4").tobytes()

    def _striking(self):
        """Find the tag that another word moved most: (row, column, share)."""
        away = np.nan_to_num(self.shares * (1 - np.eye(len(self.norms))))
        row, column = divmod(int(away.argmax()), len(away))
        return row, column, float(away[row, column])

    def to_svg(self):
        """Draw the map as SVG text that needs nothing else."""
        return picture.draw(repr(self), self.shares, self._words, self._chosen)

    def __repr__(self):
        count, (row, column, share) = len(self._words), self._striking()
        said = f"WordMap: {count} word{'' if count == 1 else 's'}"
        if self._bad:
            return f"{said}; {self._bad} of {count * count} influences are not numbers"
        if not share:
            return f"{said}; no tag is moved by another word"
        return (
            f'{said}; "{self._words[row]}" ({self._chosen[row]}) is moved '
            f'{number(100 * share, 2)} % by "{self._words[column]}"'
        )

    @traitlets.validate("row")
    def _known_row(self, proposal):
        return max(0, min(proposal["value"], len(self.norms) - 1))
