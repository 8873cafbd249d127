"""scripts/bench-kms: what AWS KMS costs the process that calls it, esdk in turns with boto3 and the Python library."""
import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median

from peers import INTEROP, PEERS, ROOT, Unavailable, say

sys.path.append(str(ROOT / "scripts/benchmarks"))

from measure import environment, keep_section

KEY = "arn:aws:kms:us-west-2:658956600833:key/b3537ef1-d8dc-4780-9f5a-55776cbb2f7f"
ROWS = {"calls": "GenerateDataKey + Decrypt", "message": "encrypt + decrypt 100 bytes"}


def main():
    ap = argparse.ArgumentParser(prog="scripts/bench-kms", description=__doc__.split(": ", 1)[1])
    ap.add_argument("--programs", type=Path, required=True, help=argparse.SUPPRESS)
    ap.add_argument("--kms-endpoint", required=True, help=argparse.SUPPRESS)
    ap.add_argument("--server-process", type=int, required=True, help=argparse.SUPPRESS)
    ap.add_argument("--rounds", type=int, default=5)
    ap.add_argument("--json", type=Path)
    a = ap.parse_args()
    content = environment() | {"rounds": a.rounds, "results": calls(a)} | vectors(a)
    keep_section(a.json, "kms", content)


def calls(a):
    """Prints a table. -> its rows"""
    ours, theirs = ({row: [] for row in ROWS} for _ in range(2))
    python, _ = PEERS["python"].command()
    arguments = ["--kms-endpoint", a.kms_endpoint, "--kms-key", KEY]
    for number in range(a.rounds):
        say(f"measuring: calls, round {number + 1} of {a.rounds}")
        with tempfile.TemporaryDirectory() as folder:
            report = Path(folder) / "bench.json"
            subprocess.run([a.programs / "esdk-bench", "kms", *arguments, "--runs", "1", "--json", report], check=True,
                           stdout=subprocess.DEVNULL)
            add(ours, json.loads(report.read_text(encoding="utf-8")))
        done = subprocess.run([python, INTEROP / "python/bench_kms.py", *arguments], check=True, stdout=subprocess.PIPE)
        add(theirs, json.loads(done.stdout))
    print("CPU microseconds of the calling process, user and system, for a pair of calls over loopback; suite 0478, one pair of context.\n"
          f"Best and median of {len(ours['calls'])} batches of 50 in {a.rounds} rounds, in turns; load {os.getloadavg()[0]:.1f} on "
          f"{os.cpu_count()} cores.\nPython: boto3 for the calls, the library (with boto3) for messages. Ratio of the medians: how many "
          "times as fast esdk is.\n")
    print(f"{'':30} {'esdk':>8} {'median':>8} {'Python':>8} {'median':>8} {'ratio':>6}")
    for row, name in ROWS.items():
        print(f"{name:30} {min(ours[row]):8.0f} {median(ours[row]):8.0f} {min(theirs[row]):8.0f} {median(theirs[row]):8.0f} "
              f"{median(theirs[row]) / median(ours[row]):6.1f}")
    return [{"what": row, "esdk": min(ours[row]), "esdk_median": median(ours[row]), "Python": min(theirs[row]),
             "Python_median": median(theirs[row])} for row in ROWS]


def add(costs, more):
    for row, values in more.items():
        costs[row] += values


def vectors(a):
    """How fast `esdk vectors decrypt` goes through the vectors that are skipped without AWS KMS, and whose CPU time it takes. Prints it.

    -> the same"""
    with tempfile.TemporaryDirectory() as folder:
        say("measuring: vectors")
        skipped = [test["id"] for test in decrypt(a, Path(folder) / "all.json", [])["tests"] if test["status"] == "skipped"]
        filters = [word for i in skipped for word in ("--filter", i)]
        wall, cpu, server = [], [], []
        for _ in range(3):
            start = time.perf_counter(), children_seconds(), process_seconds(a.server_process)
            report = decrypt(a, Path(folder) / "kms.json", ["--kms-endpoint", a.kms_endpoint, *filters])
            wall.append(time.perf_counter() - start[0])
            cpu.append(children_seconds() - start[1])
            server.append(process_seconds(a.server_process) - start[2])
            if report["passed"] != len(skipped):
                sys.exit(f"{report['passed']} of {len(skipped)} vectors passed")
    print(f"\n{len(skipped)} vectors that only AWS KMS opens, each decrypted in several ways; medians of {len(wall)} runs:\n"
          f"{len(skipped) / median(wall):.0f} a second of wall clock, {len(skipped) / median(cpu):.0f} a CPU second of esdk; of the CPU time "
          f"esdk took {median(cpu):.1f} s and the local AWS, which is Python, {median(server):.1f} s")
    return {"vectors": len(skipped), "vectors_wall_s": median(wall), "vectors_cpu_s": median(cpu)}


def decrypt(a, report, arguments):
    done = subprocess.run([a.programs / "esdk", "vectors", "decrypt", "vectors", "--quiet", "--report", f"json={report}", *arguments],
                          cwd=ROOT, capture_output=True, text=True)
    if done.returncode:
        sys.exit(f"esdk vectors decrypt ended with exit code {done.returncode}: {(done.stderr or done.stdout)[-2000:]}")
    return json.loads(report.read_text())


def children_seconds():
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def process_seconds(pid):
    """User and system time of a process, in /proc/PID/stat after the name in parentheses."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


if __name__ == "__main__":
    try:
        main()
    except Unavailable as e:
        sys.exit(f"scripts/bench-kms: {e}")
