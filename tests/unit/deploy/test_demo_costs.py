"""What the demo cost is counted of all that it began, in whichever thread, ended or not."""

import os
import subprocess
import sys
import threading
import time

from deploy.demo import costs

PATIENCE = 120.0
WORK = "import time\nwhile time.process_time() < {seconds}: pass\nprint(flush=True)\ninput()"


def test_work_of_children_that_run_and_that_have_ended_is_counted() -> None:
    before = costs.processor_seconds(os.getpid())
    children: list[subprocess.Popen[str]] = []

    def begin() -> None:
        words = [sys.executable, "-c", WORK.format(seconds=0.3)]
        pipe = subprocess.PIPE
        child = subprocess.Popen(words, stdin=pipe, stdout=pipe, text=True)  # noqa: S603  (our own words)
        children.append(child)
        assert child.stdout is not None
        child.stdout.readline()
        held.wait()

    held = threading.Event()
    thread = threading.Thread(target=begin)
    thread.start()
    try:
        deadline = time.monotonic() + PATIENCE
        while not (children and costs.processor_seconds(children[0].pid) >= 0.25):
            assert time.monotonic() < deadline, "the work of a child is not counted"
            held.wait(0.01)
        running = costs.processor_seconds(os.getpid())
        assert running >= before + 0.25
    finally:
        held.set()
        thread.join()
        for child in children:
            child.communicate("\n")
    assert costs.processor_seconds(os.getpid()) >= running


def test_each_process_has_its_line_and_all_a_sum() -> None:
    memory, held, work, all_of_them = costs.lines({"postgres": os.getpid(), "kafka": os.getpid()})
    assert memory.startswith("Resident MB: postgres ")
    assert held.endswith(" MB")
    assert work.startswith("Processor s: postgres ")
    assert all_of_them.endswith(" s")
