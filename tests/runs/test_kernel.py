import sys
from pathlib import Path

import pytest
from jupyter_core.utils import run_sync

from opsnb.runs import kernel

HIDDEN = pytest.mark.skipif(sys.platform == "win32", reason="no sockets in the file system")

# What is registered last is called first at exit, before the kernel's own threads are ended; the
# control thread's last flush is made slow, so that it does not matter who is quicker.
ON_EXIT = """
import atexit, pathlib, sys, threading, time
flush = sys.stdout.flush
def late():
    if threading.current_thread().name == "Control":
        time.sleep(0.5)
    flush()
sys.stdout.flush = late
def left():
    names = [thread.name for thread in threading.enumerate()]
    pathlib.Path({path!r}).write_text(chr(10).join(names))
atexit.register(left)
"""


def test_sockets_lie_in_a_folder_of_one_s_own_that_goes_with_the_kernel():
    with kernel.started() as ready:
        connection = Path(ready.manager.connection_file)
        assert connection.parent.stat().st_mode & 0o077 == 0
        assert ready.manager.transport == kernel.transport(connection)
        if ready.manager.transport == "ipc":
            assert Path(ready.manager.ip).parent == connection.parent
        process = ready.manager.provisioner.process
        assert process.poll() is None
    assert process.poll() is not None
    assert not connection.parent.exists()


def test_a_dismissed_kernel_ends_by_itself(tmp_path):
    """It is not killed, so that what a notebook opened can be closed, and no thread can lock it."""
    threads = tmp_path / "threads"
    with kernel.started() as ready:
        client = ready.manager.client()
        client.start_channels()
        run_sync(client.wait_for_ready)(timeout=60)
        code = ON_EXIT.format(path=str(threads))
        run_sync(client.execute_interactive)(code, timeout=60, allow_stdin=False)
        client.stop_channels()
        ready.dismiss()
        ready.dismiss()
        process = ready.manager.provisioner.process
    assert process.returncode == 0
    assert "IOPub" in threads.read_text().split()
    assert "Control" not in threads.read_text().split()


def test_a_kernel_that_was_killed_is_closed_all_the_same():
    with kernel.started() as ready:
        process = ready.manager.provisioner.process
        process.kill()
        process.wait()
        ready.dismiss()
    assert process.returncode == -9


@HIDDEN
def test_a_path_too_long_for_a_socket_means_ports(tmp_path):
    assert kernel.transport(Path("/opsnb-abcdefgh/kernel.json")) == "ipc"
    assert kernel.transport(tmp_path / ("x" * 100) / "kernel.json") == "tcp"
    assert kernel.transport(Path("/") / ("部" * 30) / "kernel.json") == "tcp"


def test_the_kernel_is_this_interpreter():
    spec = kernel._Own().get_kernel_spec("python3")
    assert Path(spec.argv[0]).samefile(sys.executable)
