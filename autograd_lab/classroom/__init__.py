"""For teachers: assignments made of the chapters, and progress files made into one picture."""

from .assign import assign
from .collect import collect
