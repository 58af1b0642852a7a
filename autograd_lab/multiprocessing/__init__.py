"""Several processes: Python's own multiprocessing, and ``spawn``, under PyTorch's name.

A tensor that is passed to another process, or put into a queue or a pipe, moves to memory that both
share: a change by one is a change for both. Only what a forked process inherits is its own, as all
its memory, unless ``tensor.share_memory_()`` or ``model.share_memory()`` was called before.
"""

from multiprocessing import Array as Array
from multiprocessing import AuthenticationError as AuthenticationError
from multiprocessing import Barrier as Barrier
from multiprocessing import BoundedSemaphore as BoundedSemaphore
from multiprocessing import BufferTooShort as BufferTooShort
from multiprocessing import Condition as Condition
from multiprocessing import Event as Event
from multiprocessing import JoinableQueue as JoinableQueue
from multiprocessing import Lock as Lock
from multiprocessing import Manager as Manager
from multiprocessing import Pipe as Pipe
from multiprocessing import Pool as Pool
from multiprocessing import Process as Process
from multiprocessing import ProcessError as ProcessError
from multiprocessing import Queue as Queue
from multiprocessing import RawArray as RawArray
from multiprocessing import RawValue as RawValue
from multiprocessing import RLock as RLock
from multiprocessing import Semaphore as Semaphore
from multiprocessing import SimpleQueue as SimpleQueue
from multiprocessing import TimeoutError as TimeoutError
from multiprocessing import Value as Value
from multiprocessing import active_children as active_children
from multiprocessing import cpu_count as cpu_count
from multiprocessing import current_process as current_process
from multiprocessing import freeze_support as freeze_support
from multiprocessing import get_all_start_methods as get_all_start_methods
from multiprocessing import get_context as get_context
from multiprocessing import get_logger as get_logger
from multiprocessing import get_start_method as get_start_method
from multiprocessing import log_to_stderr as log_to_stderr
from multiprocessing import parent_process as parent_process
from multiprocessing import set_executable as set_executable
from multiprocessing import set_start_method as set_start_method

from . import page, sharing
from .spawning import ProcessContext as ProcessContext
from .spawning import ProcessException as ProcessException
from .spawning import ProcessExitedException as ProcessExitedException
from .spawning import ProcessRaisedException as ProcessRaisedException
from .spawning import SpawnContext as SpawnContext
from .spawning import spawn as spawn
from .spawning import start_processes as start_processes
from .strategy import get_all_sharing_strategies as get_all_sharing_strategies
from .strategy import get_sharing_strategy as get_sharing_strategy
from .strategy import set_sharing_strategy as set_sharing_strategy

sharing.register()
page.register()
