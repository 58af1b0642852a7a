"""Training: the loop written once, and the controls of any loop.

``train_model`` and ``test_model`` (``loop.py``) are the loop that everybody writes. ``watch`` lets
a loop of one's own be steered, ``start`` one that runs in the background; both give a ``Steering``:
pause, step, change settings, go back in time, branch.
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
