"""Training: the loop written once, and the controls of any loop.

``train_model`` and ``test_model`` (``loop.py``) are the loop that everybody writes. ``watch`` lets
a loop of one's own be steered, ``start`` one that runs in the background; both give a ``Steering``:
pause, step, change settings, go back in time, branch.

To read on: ``watched.py`` is the loop, ``edge.py`` what happens between two of its steps, with
``pace.py`` (how far may it go?) and ``journey.py`` (where to?); ``steering.py`` holds the commands.
``travel.py`` goes back, with the states that ``snapshots.py`` keeps of model and optimizer,
``chance.py`` of the generators and ``place.py`` of the data; ``again.py`` runs a loop that is over.
"""

from .background import BackgroundRun as BackgroundRun
from .background import start as start
from .history import History as History
from .loop import test_model as test_model
from .loop import train_model as train_model
from .progress import Line as Line
from .progress import ProgressLine as ProgressLine
from .reopened import load_run as load_run
from .run import Run as Run
from .seen import Seen as Seen
from .seen import accuracy as accuracy
from .series import Branch as Branch
from .series import Event as Event
from .series import Series as Series
from .steering import Steering as Steering
from .watched import watch as watch
