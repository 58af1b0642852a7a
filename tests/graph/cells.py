"""A notebook without a browser: cells run in a real IPython shell, numbered as Jupyter does."""

import contextlib
import sys


@contextlib.contextmanager
def notebook():
    """Give ``run(text)``: run a cell, and give its last value (or, with ``fails``, its error).

    The shell compiles as ipykernel does: each cell is a file of its own, by number.
    """
    from IPython.core.interactiveshell import InteractiveShell

    before = InteractiveShell._instance, sys.displayhook, sys.excepthook
    InteractiveShell.clear_instance()
    shell = InteractiveShell.instance()
    shell.showtraceback = lambda *args, **named: None

    def run(text, fails=False):
        result = shell.run_cell(text, store_history=True)
        error = result.error_before_exec or result.error_in_exec
        if fails:
            return error
        if error:
            raise error
        return result.result

    run.names = shell.user_ns
    try:
        yield run
    finally:
        shell.history_manager.end_session()
        InteractiveShell.clear_instance()
        InteractiveShell._instance, sys.displayhook, sys.excepthook = before
