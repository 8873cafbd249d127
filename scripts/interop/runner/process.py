"""Runs a process of an adapter, which may hang, crash, or take all memory, and says which."""
import os
import signal
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

PAGE = os.sysconf("SC_PAGE_SIZE")
LOOK_SECONDS = 0.2


# Python's order of a set, and so which encrypted data key its library tries first, is another one in each process otherwise.
REPEATABLE = {"PYTHONHASHSEED": "0"}

running = set()  # of the processes, each of which leads a session
stopping = False


@dataclass(frozen=True)
class Limits:
    seconds: float = 60  # without a new line in the report
    bytes: int = 4 << 30  # of resident memory, all processes of the adapter together


def run(command, folder: Path, progress: Path, limits: Limits):
    """Runs a command until it ends, or until the file `progress` has not grown for the time of the limits. What it prints goes to a file
    in `folder`. -> its fault: crash, hang or memory, and how it showed; None if it ended with exit code 0

    To be called on any thread but the main one, where `stop` would break into it at a place that it cannot be left from."""
    if stopping:
        raise KeyboardInterrupt
    printed = folder / "printed.txt"
    with open(printed, "wb") as output:
        # In a session of its own, so that what it has started ends with it.
        process = subprocess.Popen(list(map(str, command)), stdin=subprocess.DEVNULL, stdout=output, stderr=output, start_new_session=True,
                                   env=os.environ | REPEATABLE)
        running.add(process)
        try:
            fault = watch(process, progress, limits)
        finally:
            kill_group(process)
            process.wait()
            running.discard(process)
    if stopping:
        raise KeyboardInterrupt
    if fault is None and process.returncode:
        text = printed.read_bytes()[-4000:].decode(errors="replace").strip()
        how = f"exit code {process.returncode}" if process.returncode > 0 else signal.Signals(-process.returncode).name
        fault = f"crash: it ended with {how}: {text[-2000:] or 'without a word'}"
    return fault


def watch(process, progress, limits):
    """-> why it must be ended; None once it has ended by itself, or all is to end"""
    size, since = -1, time.monotonic()
    while not stopping:
        try:
            process.wait(min(limits.seconds, LOOK_SECONDS))
            return None
        except subprocess.TimeoutExpired:
            now = progress.stat().st_size if progress.exists() else 0
        if now != size:
            size, since = now, time.monotonic()
        if time.monotonic() - since > limits.seconds:
            return f"hang: no result within {limits.seconds:g} s"
        if resident(process.pid) > limits.bytes:
            return f"memory: it took more than {limits.bytes >> 20} MiB"


def stop(*_):
    """Ends all that runs, when the runner is to end: a terminal's signals do not reach other sessions. It takes no lock and waits for
    nothing: a signal's handler may run in the midst of a call that holds the lock."""
    global stopping
    stopping = True
    for process in list(running):
        kill_group(process)
    raise KeyboardInterrupt


def resident(group):
    """-> the bytes of resident memory of a process group"""
    pages = 0
    for entry in os.scandir("/proc"):
        if entry.name.isdigit():
            try:
                # After the name in parentheses: state, parent, group; the 24th field of all is the resident size.
                fields = Path(entry.path, "stat").read_text().rpartition(")")[2].split()
            except OSError:
                continue  # it has just ended
            if int(fields[2]) == group:
                pages += int(fields[21])
    return pages * PAGE


def kill_group(process):
    try:
        os.killpg(process.pid, signal.SIGKILL)
    except ProcessLookupError:
        pass
