"""Keep a notebook's kernel listening: some versions of ipykernel can fall silent for good.

A kernel's socket rings once for news, not once for each message; who hears the ring reads until
nothing is left. In ipykernel 7.0 to 7.3 a stream listens to the ring, but replies are written to
the socket past the stream. To write is also to look for news: a request that comes just then is
noted, its ring is used up, and the stream never hears of it. That request and all later ones, cells
and clicks, lie unread until a page connects anew. On a busy machine this befell one request in some
hundreds. ipykernel 7.4 writes replies through the stream (its pull request 1529).
"""


def keep_listening(kernel=None) -> None:
    """Write a kernel's replies through its stream, as newer kernels do.

    Without ``kernel`` it is this notebook's. It is called when the lab is imported; what lay unread
    until then is read after the reply to that cell.

    >>> from types import SimpleNamespace as Stand
    >>> manager = Stand(_shell_socket="the socket")
    >>> thread = Stand(manager=manager)
    >>> keep_listening(Stand(shell_stream="the stream", shell_channel_thread=thread))
    >>> manager._shell_socket
    'the stream'
    """
    if kernel is None:
        from IPython.core.getipython import get_ipython

        kernel = get_ipython().kernel
    # There is no public way. The manager only ever calls send_multipart of what bears this name,
    # and a stream has it too. Where there is no such name, there is nothing to mend.
    manager = getattr(getattr(kernel, "shell_channel_thread", None), "manager", None)
    if hasattr(manager, "_shell_socket"):
        manager._shell_socket = kernel.shell_stream
