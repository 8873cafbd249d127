"""Speeds beside libcrypto alone and beside peers, in turns."""
import json
import re
import shutil
import statistics
import subprocess
import tempfile
from pathlib import Path

from adapter import Adapter
from capabilities import Capabilities
from esdk import ESDK
from measure import Cost, cost, heading, say, write_bytes
from peers import PEERS, Broken, Unavailable

HERE = Path(__file__).resolve().parent
SUITE = "0478"
SIZE = 64 << 20
FRAMES = (4096, 65536)
SMALL = 100
FILE = 256 << 20
TRIES = 3


def throughput(program, row):
    """-> libcrypto's version, (frame, operation) -> MB/s and the ratio to libcrypto alone"""
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "bench.json"
        subprocess.run([program, "--runs", "1", "--size", str(SIZE), "--row", row, "--json", report], check=True,
                       stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        content = json.loads(report.read_text(encoding="utf-8"))
    return content["libcrypto"], {(r["frame"], r["operation"]): (r["mb_per_cpu_second"], r["ratio"]) for r in content["rows"]}


def small_messages(program):
    """-> direction -> µs"""
    text = subprocess.run([program, "small", "--row", f"{SUITE}   no actor"], check=True, capture_output=True, text=True).stdout
    encryption, decryption = re.search(r"no actor +([0-9.]+) +([0-9.]+)", text).groups()
    return {"encrypt": float(encryption), "decrypt": float(decryption)}


def peers(c_esdk):
    """-> name -> adapter"""
    found = {}
    try:
        found["Python"] = Adapter(PEERS["python"].bench_command(), PEERS["python"].capabilities())
    except Unavailable as e:
        say(f"without Python: {e}")
    if c_esdk:
        found["C"] = Adapter([build_c(c_esdk)], Capabilities.load(HERE.parent / "interop/esdk/capabilities.json"))
    return found


def build_c(prefix):
    """-> the program that measures the AWS Encryption SDK for C installed under `prefix`"""
    target = HERE.parent.parent / ".build-bench/c-bench"
    target.parent.mkdir(exist_ok=True)
    libraries = [path for path in (prefix / "lib", prefix / "lib64") if path.is_dir()]
    command = ["cc", "-O2", "-o", target, HERE / "c_bench.c", f"-I{prefix / 'include'}"]
    for path in libraries:
        command += [f"-L{path}", f"-Wl,-rpath,{path}"]
    done = subprocess.run([*map(str, command), "-laws-encryption-sdk", "-laws-c-common", "-lcrypto", "-lpthread", "-ldl", "-lm"],
                          capture_output=True, text=True)
    if done.returncode:
        raise Broken(f"the C ESDK under {prefix} could not be used: {done.stderr[-1500:].strip()}")
    return target


def run(programs, rounds, c_esdk):
    """Prints the table. -> its content"""
    esdk = ESDK(programs)
    bench, command = esdk.program("esdk-bench"), esdk.program("esdk")
    others = peers(c_esdk)
    ours, theirs, libcrypto = {}, {}, ""
    for number in range(1, rounds + 1):
        for frame in FRAMES:
            say(f"round {number} of {rounds}: frames of {frame}")
            libcrypto, rows = throughput(bench, f"{SUITE} {frame}")
            for key, value in rows.items():
                ours[key] = max(ours.get(key, (0, 0)), value)
            for name, adapter in others.items():
                for direction, line in adapter.bench(SIZE, frame, SUITE, 3).items():
                    keep(theirs, (name, frame, direction), line["cpu_s_best"])
        say(f"round {number} of {rounds}: messages of {SMALL} bytes")
        for direction, microseconds in small_messages(bench).items():
            keep(ours, (None, direction), microseconds)
        for name, adapter in others.items():
            for direction, line in adapter.bench(SMALL, 4096, SUITE, 2000).items():
                keep(theirs, (name, None, direction), line["cpu_s_best"])
    files = compare_files(command, rounds)

    print(heading(libcrypto))
    print(f"Suite {SUITE}, raw AES-256 key, CPU time, best of {rounds} rounds in turns. A ratio over 1 says that esdk is faster.\n")
    table = []
    for frame in FRAMES:
        for direction in ("encrypt", "decrypt"):
            rate, ratio = ours[frame, direction]
            table.append((f"{direction}, frames of {frame:,}, MB/s", "libcrypto alone", rate, rate / ratio, ratio))
            for name in others:
                # C writes into memory that is used again, Python into new memory.
                operation, where = (direction, "") if name == "C" else (f"{direction}-new-array", ", into a new array")
                rate, _ = ours[frame, operation]
                other = SIZE / 1e6 / theirs[name, frame, direction]
                table.append((f"{direction}, frames of {frame:,}, MB/s{where}", name, rate, other, rate / other))
    for direction in ("encrypt", "decrypt"):
        for name in others:
            mine, other = ours[None, direction], theirs[name, None, direction] * 1e6
            table.append((f"{direction} {SMALL} bytes, µs", name, mine, other, other / mine))
    for direction, (mine, other) in files.items():
        table.append((f"{direction} a file of {FILE >> 20} MiB, CPU s", "age", mine.cpu, other.cpu, other.cpu / mine.cpu))
        table.append((f"{direction} a file of {FILE >> 20} MiB, wall s", "age", mine.wall, other.wall, other.wall / mine.wall))
    for what, name, mine, other, ratio in table:
        print(f"{what:48} {name:16} {mine:9.2f} {other:9.2f} {ratio:7.2f}")
    rows = [dict(zip(("what", "peer", "esdk", "other", "ratio"), row)) for row in table]
    return {"libcrypto": libcrypto, "rounds": rounds, "rows": rows}


def keep(figures, key, value):
    """Keeps the least."""
    figures[key] = min(figures.get(key, value), value)


def compare_files(command, rounds):
    """-> direction -> cost of esdk, cost of age; empty without age"""
    if not shutil.which("age"):
        say("without age: it is not on the PATH")
        return {}
    costs = {("encrypt", "esdk"): [], ("encrypt", "age"): [], ("decrypt", "esdk"): [], ("decrypt", "age"): []}
    with tempfile.TemporaryDirectory() as folder:
        folder = Path(folder)
        write_bytes(folder / "plain", FILE)
        (folder / "key").write_bytes(bytes(32))
        (folder / "key").chmod(0o600)
        subprocess.run(["age-keygen", "-o", folder / "age"], check=True, capture_output=True)
        recipient = re.search(r"age1\w+", (folder / "age").read_text(encoding="utf-8"))[0]
        key = f"--key=raw-aes:namespace=bench,name=one,file={folder / 'key'}"
        for number in range(1, rounds + 1):
            say(f"round {number} of {rounds}: files")
            for name in ("plain.esdk", "plain.age", "back"):
                (folder / name).unlink(missing_ok=True)
            costs["encrypt", "esdk"].append(cost([command, "encrypt", "plain", "--suite", SUITE, key], folder))
            costs["encrypt", "age"].append(cost(["age", "-r", recipient, "-o", "plain.age", "plain"], folder))
            costs["decrypt", "esdk"].append(cost([command, "decrypt", "plain.esdk", "-o", "back", key], folder))
            (folder / "back").unlink()
            costs["decrypt", "age"].append(cost(["age", "-d", "-i", "age", "-o", "back", "plain.age"], folder))
    return {direction: (Cost.best(costs[direction, "esdk"]), Cost.best(costs[direction, "age"])) for direction in ("encrypt", "decrypt")}


def check(programs):
    """Compares ratios with their floors. -> the exit code"""
    program = ESDK(programs).program("esdk-bench")
    floors = json.loads((HERE / "floors.json").read_text(encoding="utf-8"))
    best = dict.fromkeys(floors, 0.0)
    libcrypto = ""
    for number in range(1, TRIES + 1):
        low = [row for row in floors if best[row] < floors[row]]
        for suite, frame in sorted({tuple(row.split()[:2]) for row in low}):
            say(f"try {number} of {TRIES}: {suite}, frames of {frame}")
            libcrypto, rows = throughput(program, f"{suite} {frame}")
            for (length, operation), (_, ratio) in rows.items():
                row = f"{suite} {length} {operation}"
                if row in best:
                    best[row] = max(best[row], ratio)
    print(heading(libcrypto))
    print(f"{'suite, frame, operation':28} {'ratio':>6} {'floor':>6}")
    for row, floor in floors.items():
        print(f"{row:28} {best[row]:6.3f} {floor:6.3f}{'' if best[row] >= floor else '  below'}")
    margins = [best[row] / floor for row, floor in floors.items()]
    print(f"ratio to floor: least {min(margins):.2f}, median {statistics.median(margins):.2f}")
    return 0 if min(margins) >= 1 else 1
