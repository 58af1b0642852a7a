"""Exercises that know your mistake: check, hint, solution, predict, progress.

>>> from autograd_lab.exercises import check
>>> def standardise(x):
...     return (x - x.mean(0)) / x.std(0)
>>> check("ch1.standardise", standardise).verdict.mistake
'ddof'
"""

from .asking import check, grade, hint, progress, solution
from .checking import judge
from .exercise import Draw, Exercise, every, find, mistake
from .predicting import predict
from .unseen import given
