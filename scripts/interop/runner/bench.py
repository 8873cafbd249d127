"""Speeds of esdk and its peers, measured in one run."""
import json
import re
import subprocess
import tempfile
from pathlib import Path

from adapter import Adapter
from peers import Broken, Unavailable, say

SUITE = "0478"
SIZE = 64 << 20
FRAMES = (4096, 65536)
SMALL = 100


def bench(esdk, peers, results):
    """Compares one call on arrays in memory under a raw AES-256 key, in CPU time, the best of several. -> the exit code"""
    program = esdk.program("esdk-bench")
    adapters, failures = {}, {}
    for name, peer in peers.items():
        try:
            adapters[name] = Adapter(peer.bench_command(), peer.capabilities())
        except Unavailable as e:
            results.unavailable[name] = str(e)
        except Broken as e:
            failures[name] = str(e)
    ours = throughput_of_esdk(program) | small_messages_of_esdk(program)
    print(f"Suite {SUITE}, raw AES-256 key, one pair of encryption context, one call on arrays in memory; CPU time, best of several.\n"
          f"Throughput: {SIZE >> 20} MiB, in MB (10^6 bytes) per CPU second. Small messages: {SMALL} bytes, in microseconds a call.\n"
          "Ratio: how many times as fast as the other implementation esdk is.\n")
    print(f"{'':16} {'':24} {'esdk':>10} {'other':>10} {'ratio':>7}")
    for name, adapter in adapters.items():
        if SUITE in [feature.removeprefix("suite-") for feature in adapter.capabilities.lacks["encrypt"]]:
            results.unavailable[name] = f"does not write suite {SUITE}"
            continue
        try:
            figures = measured(adapter)
        except (Broken, OSError) as e:
            # It is that peer's failure; the others are measured all the same.
            failures[name] = str(e)
            print(f"{name:16} failed", flush=True)
            continue
        for (direction, frame), theirs in figures.items():
            mine = ours[direction, frame]
            what = f"{direction} {SMALL} bytes, µs" if frame is None else f"{direction}, frame {frame}, MB/s"
            ratio = theirs / mine if frame is None else mine / theirs
            print(f"{name:16} {what:24} {mine:10.1f} {theirs:10.1f} {ratio:7.1f}", flush=True)
    for name, reason in failures.items():
        print(f"FAILED {name}: {reason}")
    for name, reason in results.unavailable.items():
        print(f"did not run: {name}: {reason}")
    if failures:
        return 1
    return 0 if len(adapters) > 0 else 4


def measured(adapter):
    """-> (direction, frame length or None) -> MB/s or microseconds"""
    say(f"measuring: {adapter.capabilities.name}")
    figures = {}
    for frame in FRAMES:
        for direction, line in adapter.bench(SIZE, frame, SUITE, 5).items():
            figures[direction, frame] = SIZE / 1e6 / line["cpu_s_best"]
    for direction, line in adapter.bench(SMALL, 4096, SUITE, 2000).items():
        figures[direction, None] = line["cpu_s_best"] * 1e6
    return figures


def throughput_of_esdk(program):
    """Into a new array, as the peers do it."""
    say("measuring: esdk-bench, throughput")
    figures = {}
    for direction in ("encrypt", "decrypt"):
        with tempfile.TemporaryDirectory() as folder:
            report = Path(folder) / "bench.json"
            subprocess.run([program, "--operation", f"{direction}-new-array", "--runs", "2", "--size", str(SIZE), "--json", report],
                           check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            for row in json.loads(report.read_text())["rows"]:
                if row["suite"] == SUITE and row["frame"] in FRAMES:
                    figures[direction, row["frame"]] = row["mb_per_cpu_second"]
    return figures


def small_messages_of_esdk(program):
    say("measuring: esdk-bench, small messages")
    text = subprocess.run([program, "small", "--row", f"{SUITE}   no actor"], check=True, capture_output=True, text=True).stdout
    encryption, decryption = re.search(r"no actor +([0-9.]+) +([0-9.]+)", text).groups()
    return {("encrypt", None): float(encryption), ("decrypt", None): float(decryption)}
