"""A request that comes just when a reply is written is heard."""

from types import SimpleNamespace as Stand

import pytest
from jupyter_client.manager import start_new_kernel

from autograd_lab.listening import keep_listening
from tests.distributed.test_failures import wait_for_file

# The thread of the shell channel waits before it writes the reply to this very cell: until the
# socket rings for the next request. Then it writes, as always.
HOLD = """
import pathlib, select, zmq
kernel = get_ipython().kernel
manager = kernel.shell_channel_thread.manager
replies, write = manager._main_to_shell_channel.to_stream, manager._send_on_shell_channel
def hold(reply):
    pathlib.Path({held!r}).touch()
    select.select([kernel.shell_stream.getsockopt(zmq.FD)], [], [], 20)
    replies.on_recv(write)
    write(reply)
kernel.shell_channel_thread.io_loop.add_callback(replies.on_recv, hold)
"""


def test_a_request_that_comes_with_a_reply_is_heard(tmp_path):
    held = tmp_path / "held"
    lab = ["--IPKernelApp.exec_lines=import autograd_lab"]  # a cell might be the one not heard
    manager, client = start_new_kernel(kernel_name="python3", extra_arguments=lab)
    try:
        asked = {client.execute(HOLD.format(held=str(held)))}
        wait_for_file(held)
        asked |= {client.execute("1 + 1"), client.comm_info()}
        while asked:
            asked.discard(client.get_shell_msg(timeout=20)["parent_header"]["msg_id"])
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)


@pytest.mark.parametrize(
    "kernel",
    [
        Stand(shell_channel_thread=None),  # a kernel inside another program
        Stand(),  # ipykernel 6
        Stand(shell_channel_thread=Stand(manager=Stand(_shell_stream="new"))),  # ipykernel 7.4
    ],
)
def test_other_kernels_are_left_alone(kernel):
    before = repr(kernel)
    keep_listening(kernel)
    assert repr(kernel) == before
