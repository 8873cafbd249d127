"""Programs, and what they cost."""
import json
import os
import platform
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass

from peers import ROOT, Broken


@dataclass(frozen=True)
class Cost:
    cpu: float  # seconds, user and system
    wall: float  # seconds
    memory: int  # the most that was resident at one time, in bytes

    @staticmethod
    def best(costs):
        """-> the least of each, since whatever disturbs a run adds to it"""
        return Cost(min(c.cpu for c in costs), min(c.wall for c in costs), min(c.memory for c in costs))


# A process counts the memory of the one that started it as its own until then, so a small one starts it. It also takes as many
# arguments as the system allows.
LAUNCHER = """
import json, os, resource, sys, time
hard = resource.getrlimit(resource.RLIMIT_STACK)[1]
limit = 64 << 20
resource.setrlimit(resource.RLIMIT_STACK, (limit if hard == resource.RLIM_INFINITY else min(limit, hard), hard))
start = time.perf_counter()
with open(sys.argv[1]) as file: command = json.load(file)
process = os.posix_spawnp(command[0], command, os.environ)
_, status, usage = os.wait4(process, 0)
json.dump([os.waitstatus_to_exitcode(status), usage.ru_utime + usage.ru_stime, time.perf_counter() - start, usage.ru_maxrss << 10],
          sys.stdout)
"""


def cost(command, cwd=None):
    """Runs a program to its end. -> what it cost"""
    with tempfile.NamedTemporaryFile("w", encoding="utf-8") as file:
        json.dump([str(word) for word in command], file)
        file.flush()
        done = subprocess.run([sys.executable, "-I", "-S", "-c", LAUNCHER, file.name], cwd=cwd, stdin=subprocess.DEVNULL,
                              capture_output=True, text=True)
    if done.returncode:
        raise Broken(f"{command[0]} could not be started: {done.stderr[-500:].strip()}")
    # The program itself may print, too.
    code, *figures = json.loads(done.stdout[done.stdout.rindex("["):])
    if code:
        raise Broken(f"{' '.join(map(str, command))[:300]} ended with exit code {code}: {done.stderr[-500:].strip()}")
    return Cost(*figures)


def say(text):
    print(text, file=sys.stderr, flush=True)


def environment():
    """-> what the figures depend on"""
    model = next((line.split(":", 1)[1].strip() for line in open("/proc/cpuinfo", encoding="utf-8") if line.startswith("model name")),
                 platform.machine())
    revision = subprocess.run(["git", "-C", ROOT, "rev-parse", "--short", "HEAD"], capture_output=True, text=True).stdout.strip()
    return {"processor": model, "cores": os.cpu_count(), "kernel": platform.release(), "revision": revision,
            "load": [round(value, 2) for value in os.getloadavg()], "date": time.strftime("%Y-%m-%d")}


def heading(e):
    """-> an environment, and libcrypto's version if it is in there, as a line of text"""
    return ", ".join(filter(None, [e["processor"], f"{e['cores']} cores", e.get("libcrypto"), f"load {e['load'][0]}", e["revision"],
                                   e["date"]]))


def keep_section(path, name, content, replaces=None):
    """Writes a section of a file of results, if there is a path, and keeps its other sections.

    `replaces` tells which rows of the section are replaced; without it, all."""
    if not path:
        return
    everything = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    if replaces:
        kept = [row for row in everything.get(name, {}).get("results", []) if not replaces(row)]
        content = content | {"results": kept + content["results"]}
    path.write_text(json.dumps(everything | {name: content}, indent=1) + "\n", encoding="utf-8")


def write_bytes(path, length):
    """Makes a file that no file system can shorten."""
    block = os.urandom(1 << 20)
    with open(path, "wb") as file:
        while length > 0:
            file.write(block[:length])
            length -= len(block)
