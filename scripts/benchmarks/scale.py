"""Time and memory as work grows."""
import json
import math
import os
import tempfile
from collections import namedtuple
from pathlib import Path

from esdk import ESDK
from measure import Cost, cost, environment, heading, say, write_bytes

SUITE = "0478"
REPETITIONS = 3
SHORT = 3.0  # seconds: what takes longer is measured once
GIB = 1 << 30

# What grows, by how much, and how each size is measured: `prepare` makes the input and returns the steps, name -> command.
Dimension = namedtuple("Dimension", "title unit sizes large prepare")
KEY = "raw-aes:namespace=bench,name=one,file=key"


def message_size(esdk, folder, length):
    write_bytes(folder / "plain", length)
    return both(esdk, ["--suite", SUITE, f"--key={KEY}"], [f"--key={KEY}"])


def frames(esdk, folder, count):
    write_bytes(folder / "plain", 64 * count)
    return both(esdk, ["--suite", SUITE, "--frame-length=64", f"--key={KEY}"], [f"--key={KEY}"])


def data_keys(esdk, folder, count):
    """Under so many keys, of which the last one opens the message."""
    write_bytes(folder / "plain", 100)
    last = "--key=raw-aes:namespace=bench,name=two,file=key"
    return both(esdk, ["--suite", SUITE, *["--key=raw-aes:namespace=b,name=k,file=key"] * (count - 1), last], [last])


def pairs(esdk, folder, count):
    write_bytes(folder / "plain", 100)
    context = [word for number in range(count) for word in ("-c", f"{number:x}=1")]
    return both(esdk, ["--suite", SUITE, f"--key={KEY}", *context], [f"--key={KEY}"])


def both(esdk, encrypting, decrypting):
    return {"encrypt": [esdk, "encrypt", "plain", "-o", "message", "--force", *encrypting],
            "decrypt": [esdk, "decrypt", "message", "-o", "back", "--force", *decrypting]}


def vectors(esdk, folder, count):
    manifest(esdk, folder, count)
    return {"vectors decrypt": [esdk, "vectors", "decrypt", "manifest.json", "--quiet"]}


def jobs(esdk, folder, count):
    manifest(esdk, folder, 20_000)
    return {"vectors decrypt, 20,000": [esdk, "vectors", "decrypt", "manifest.json", "--quiet", f"--jobs={count}"]}


def manifest(esdk, folder, count):
    """Writes a set of so many tests of one message."""
    write_bytes(folder / "plain", 1024)
    cost(both(esdk, ["--suite", SUITE, f"--key={KEY}"], [])["encrypt"], folder)
    key = {"key-id": "one", "encrypt": True, "decrypt": True, "algorithm": "aes", "type": "symmetric", "bits": 256, "encoding": "base64",
           "material": "A" * 43 + "="}
    (folder / "keys.json").write_text(json.dumps({"manifest": {"type": "keys", "version": 3}, "keys": {"one": key}}), encoding="utf-8")
    scenario = {"type": "positive-esdk", "ciphertext": "file://message", "result": "file://plain", "algorithmSuiteId": SUITE,
                "frame-size": 4096, "description": "scale", "reproduced-encryption-context": {},
                "decryptKeyDescription": {"type": "raw", "key": "one", "provider-id": "bench", "encryption-algorithm": "aes"}}
    content = {"manifest": {"type": "awses-decrypt", "version": 5}, "keys": "file://keys.json", "client": {"name": "bench", "version": "1"},
               "tests": {f"{number:08}-0000-4000-8000-000000000000": {"decryption-scenario": scenario} for number in range(count)}}
    (folder / "manifest.json").write_text(json.dumps(content), encoding="utf-8")


DIMENSIONS = {
    "size": Dimension("Message size", "bytes", [0, 1 << 10, 32 << 10, 1 << 20, 32 << 20, GIB], [10 * GIB], message_size),
    "frames": Dimension("Frames of 64 bytes", "frames", [1, 1000, 10_000, 100_000, 1_000_000, 4_000_000], [], frames),
    "edks": Dimension("Encrypted data keys", "keys", [1, 10, 100, 1000, 10_000, 65_535], [], data_keys),
    "pairs": Dimension("Context pairs", "pairs", [0, 10, 100, 1000, 5000], [], pairs),
    "vectors": Dimension("Vectors", "tests", [10, 100, 1000, 10_000, 100_000], [], vectors),
    "jobs": Dimension("Jobs", "jobs", [1, 2, 4, 8], [], jobs),
}
NAMES = list(DIMENSIONS)


def run(programs, large, names):
    """Prints a table. -> what was measured, and where"""
    esdk = ESDK(programs).program("esdk")
    content = environment() | {"suite": SUITE, "results": []}
    for name in names:
        dimension = DIMENSIONS[name]
        for size in dimension.sizes + (dimension.large if large else []):
            for step, figures in measure(esdk, dimension, size).items():
                say(f"{dimension.title}: {step}, {size:,}: {figures.cpu:.3f} s CPU, {figures.memory >> 20} MiB")
                content["results"].append({"dimension": name, "step": step, "size": size, "cpu_s": round(figures.cpu, 4),
                                           "wall_s": round(figures.wall, 4), "peak_mib": round(figures.memory / (1 << 20), 1)})
    print(heading(content) + "\n")
    print(table(content["results"]))
    return content


def panels(results):
    """-> what `chart.draw` takes"""
    return [(dimension.title, dimension.unit, [row for row in results if row["dimension"] == name])
            for name, dimension in DIMENSIONS.items() if name != "jobs" and any(row["dimension"] == name for row in results)]


def measure(esdk, dimension, size):
    """-> step -> the least of some runs"""
    figures = {}
    with tempfile.TemporaryDirectory(dir=os.environ.get("TMPDIR")) as folder:
        folder = Path(folder)
        (folder / "key").write_bytes(bytes(32))
        (folder / "key").chmod(0o600)
        for step, command in dimension.prepare(esdk, folder, size).items():
            costs = [cost(command, folder)]
            while len(costs) < REPETITIONS and costs[0].wall < SHORT:
                costs.append(cost(command, folder))
            figures[step] = Cost.best(costs)
    return figures


def table(results):
    """-> Markdown; the last column is the power of the size that the CPU time grows with, less what the smallest size takes."""
    lines = ["| | size | CPU s | wall s | peak MiB | growth |", "|---|--:|--:|--:|--:|--:|"]
    first, last = {}, {}
    for row in results:
        key = row["dimension"], row["step"]
        start, before = first.setdefault(key, row), last.get(key)
        growth = ""
        if before and row["dimension"] != "jobs":
            costs = [max(r["cpu_s"] - start["cpu_s"], 0) for r in (before, row)]
            # Below a few milliseconds there is nothing but noise.
            if before["size"] > 0 and costs[0] > 0.02:
                growth = f"{math.log(costs[1] / costs[0]) / math.log(row['size'] / before['size']):.2f}"
        last[key] = row
        title = DIMENSIONS[row["dimension"]].title
        lines.append(f"| {title}, {row['step']} | {row['size']:,} | {row['cpu_s']:.3f} | {row['wall_s']:.3f} | {row['peak_mib']:.0f} | {growth} |")
    return "\n".join(lines) + "\n"
