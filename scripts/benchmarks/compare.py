"""Speeds beside libcrypto alone and beside peers, in turns."""
import json
import os
import re
import shutil
import statistics
import subprocess
import tempfile
from pathlib import Path

from adapter import Adapter
from capabilities import Capabilities
from esdk import ESDK
from measure import Cost, cost, environment, heading, say, write_bytes
from peers import PEERS, Broken, Unavailable

HERE = Path(__file__).resolve().parent
SUITE = "0478"
SIZE = 64 << 20
# Suite and frame length.
ROWS = [(SUITE, 64), (SUITE, 256), (SUITE, 1024), (SUITE, 4096), (SUITE, 65536), (SUITE, 1 << 20), ("0178", 4096), ("0578", 4096)]
PYTHON_ROWS = [(SUITE, 4096), (SUITE, 65536)]
SMALL = 100
SMALL_SUITES = (SUITE, "0178")
FILE = 1 << 30
FILES = 2000
FILES_OF_AGE = 50
DIRECTIONS = ("encrypt", "decrypt")
KEY = "--key=raw-aes:namespace=bench,name=one,file=key"
TRIES = 3


def throughput(program, row):
    """-> libcrypto's version, the rows: what `esdk-bench` measured, and libcrypto alone with it"""
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "bench.json"
        subprocess.run([program, "--runs", "2", "--size", str(SIZE), "--row", row, "--json", report], check=True,
                       stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        content = json.loads(report.read_text(encoding="utf-8"))
    return content["libcrypto"], content["rows"]


def printed(program, *arguments):
    """-> the rows of a table that `esdk-bench` prints, as heading -> text or number"""
    text = subprocess.run([program, *arguments], check=True, capture_output=True, text=True).stdout
    lines = [re.split(r" {2,}", line.strip()) for line in text.splitlines()]
    start = next((number for number, cells in enumerate(lines) if cells[0] == "suite"), None)
    for cells in lines[start or 0:]:
        # A name may be of several parts.
        more = len(cells) - len(lines[start or 0])
        if more > 0:
            cells[1:2 + more] = [" ".join(cells[1:2 + more])]
    if start is None or any(len(cells) != len(lines[start]) for cells in lines[start + 1:]):
        raise Broken(f"esdk-bench {' '.join(arguments)} printed no table: {text[:500]}")
    return [{name: cell if name in ("suite", "caller", "keyring", "operation") else float(cell) for name, cell in zip(lines[start], cells)}
            for cells in lines[start + 1:]]


class Best:
    """The best figures of some rounds, by row: the least of each, or the most where more is better."""

    def __init__(self, keys, more=False):
        self.keys, self.choose, self.rows = keys, max if more else min, {}

    def add(self, rows):
        for row in rows:
            best = self.rows.setdefault(tuple(row[key] for key in self.keys), dict(row))
            for name, value in row.items():
                if name not in self.keys:
                    best[name] = self.choose(best.get(name, value), value)

    def list(self):
        return list(self.rows.values())


def peers(c_esdk):
    """-> name -> adapter, name -> version"""
    found, versions = {}, {}
    if c_esdk:
        program = build_c(c_esdk)
        found["C"] = Adapter([program], Capabilities.load(HERE.parent / "interop/esdk/capabilities.json"))
        versions["C"] = subprocess.run([program, "version"], check=True, capture_output=True, text=True).stdout.strip()
    try:
        found["Python"] = Adapter(PEERS["python"].bench_command(), PEERS["python"].capabilities())
        versions["Python"] = found["Python"].capabilities.version
    except Unavailable as e:
        say(f"without Python: {e}")
    return found, versions


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
    """-> everything that was measured, and where"""
    esdk = ESDK(programs)
    bench, command = esdk.program("esdk-bench"), esdk.program("esdk")
    others, versions = peers(c_esdk)
    versions["esdk"] = subprocess.run([command, "--version"], check=True, capture_output=True, text=True).stdout.split()[1]
    content = environment() | {"rounds": rounds, "versions": versions}
    fast = Best(("suite", "frame", "operation"), more=True)
    small, keyrings, lanes = Best(("suite", "caller")), Best(("suite", "keyring")), Best(("suite", "operation", "frame"), more=True)
    tasks = Best(("suite", "operation"), more=True)
    files = Files(command)
    for number in range(1, rounds + 1):
        say(f"round {number} of {rounds}: throughput")
        for suite, frame in ROWS:
            content["libcrypto"], rows = throughput(bench, f"{suite} {frame}")
            fast.add({"suite": row["suite"], "frame": row["frame"], "operation": row["operation"], "esdk": row["mb_per_cpu_second"],
                      "limit": row["limit"]} for row in rows)
            for name, adapter in others.items():
                if name == "Python" and (suite, frame) not in PYTHON_ROWS:
                    continue
                # C writes into memory that is used again, Python into new memory.
                suffix = "-new-array" if name == "Python" else ""
                fast.add({"suite": suite, "frame": frame, "operation": direction + suffix, name: SIZE / 1e6 / line["cpu_s_best"]}
                         for direction, line in adapter.bench(SIZE, frame, suite, 3).items())
        say(f"round {number} of {rounds}: messages of {SMALL} bytes")
        small.add(printed(bench, "small", "--runs", "1"))
        for suite in SMALL_SUITES:
            for name, adapter in others.items():
                small.add([{"suite": suite, "caller": name} | {direction: line["cpu_s_best"] * 1e6 for direction, line
                                                               in adapter.bench(SMALL, 4096, suite, 2000).items()}])
        keyrings.add(printed(bench, "keyrings", "--row", SUITE, "--runs", "1"))
        say(f"round {number} of {rounds}: lanes")
        lanes.add(printed(bench, "lanes", "--runs", "3"))
        tasks.add(printed(bench, "tasks", "--runs", "2"))
        say(f"round {number} of {rounds}: files")
        files.measure()
    content |= {"throughput": fast.list(), "small": small.list(), "keyrings": keyrings.list(), "lanes": lanes.list(), "tasks": tasks.list(),
                "files": files.rows(), "load": [*content["load"], *environment()["load"]]}
    if files.age:
        versions["age"] = files.age
    return content


class Files:
    """What whole commands cost, on one large file and on many small ones."""

    def __init__(self, command):
        self.command = command
        self.age = self.version_of_age()
        self.costs = {}

    @staticmethod
    def version_of_age():
        if not shutil.which("age"):
            say("without age: it is not on the PATH")
            return None
        return subprocess.run(["age", "--version"], check=True, capture_output=True, text=True).stdout.strip().removeprefix("v")

    def measure(self):
        with tempfile.TemporaryDirectory() as folder:
            folder = Path(folder)
            (folder / "key").write_bytes(bytes(32))
            (folder / "key").chmod(0o600)
            write_bytes(folder / "plain", FILE)
            self.large(folder)
            (folder / "plain").unlink()
            self.many(folder)
        os.sync()
        for _ in range(5):
            self.add("esdk", "start", cost([self.command, "--version"]))

    def add(self, program, what, figures):
        self.costs.setdefault((program, what), []).append(figures)

    def large(self, folder):
        """In turns. Each starts without its output, with its input in the system's cache, and when nothing is left to be written."""
        def run(program, direction, command, output):
            os.sync()
            # Twice: in a virtual machine, memory that was free for a second or two costs the one who takes it several times as much.
            for _ in range(2):
                (folder / output).unlink(missing_ok=True)
                self.add(program, direction, cost(command, folder))
            # The last one that was written stays, for what reads it.
            if direction == "decrypt":
                (folder / output).unlink()

        for program, suite, prefix in [("esdk", SUITE, []), ("esdk on one core", SUITE, ["taskset", "-c", "0"]), ("esdk", "0578", [])]:
            name = program if suite == SUITE else f"{program} {suite}"
            encrypting = [*prefix, self.command, "encrypt", "plain", "-o", "message", "--suite", suite, KEY]
            run(name, "encrypt", encrypting, "message")
            run(name, "decrypt", [*prefix, self.command, "decrypt", "message", "-o", "back", KEY], "back")
            if name == "esdk":
                middle = f"--range={FILE // 2}:{1 << 20}"
                self.add(name, "range", cost([self.command, "decrypt", "message", "-o", "part", "--force", middle, KEY], folder))
            (folder / "message").unlink()
        if self.age:
            if not (folder / "age").exists():
                subprocess.run(["age-keygen", "-o", folder / "age"], check=True, capture_output=True)
            self.recipient = re.search(r"age1\w+", (folder / "age").read_text(encoding="utf-8"))[0]
            run("age", "encrypt", ["age", "-r", self.recipient, "-o", "message", "plain"], "message")
            run("age", "decrypt", ["age", "-d", "-i", "age", "-o", "back", "message"], "back")
            (folder / "message").unlink()

    def many(self, folder):
        (folder / "small").mkdir()
        for number in range(FILES):
            write_bytes(folder / f"small/{number}", 1 << 10)
        for suite in (SUITE, "0578"):
            name = "esdk" if suite == SUITE else f"esdk {suite}"
            self.add(name, "many", cost([self.command, "encrypt", "-r", "small", "-o", f"out-{suite}", "--suite", suite, KEY, "--quiet"], folder))
        if self.age:
            costs = [cost(["age", "-r", self.recipient, "-o", f"{number}.age", f"small/{number}"], folder) for number in range(FILES_OF_AGE)]
            self.add("age", "many", Cost(sum(c.cpu for c in costs) / FILES_OF_AGE * FILES, sum(c.wall for c in costs) / FILES_OF_AGE * FILES,
                                         max(c.memory for c in costs)))

    def rows(self):
        best = {key: Cost.best(costs) for key, costs in self.costs.items()}
        return [{"program": program, "what": what, "cpu_s": round(c.cpu, 5), "wall_s": round(c.wall, 4),
                 "peak_mib": round(c.memory / (1 << 20), 1)} for (program, what), c in best.items()]


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
            for figures in rows:
                row = f"{suite} {figures['frame']} {figures['operation']}"
                if row in best:
                    best[row] = max(best[row], figures["ratio"])
    print(heading(environment() | {"libcrypto": libcrypto}))
    print(f"{'suite, frame, operation':28} {'ratio':>6} {'floor':>6}")
    for row, floor in floors.items():
        print(f"{row:28} {best[row]:6.3f} {floor:6.3f}{'' if best[row] >= floor else '  below'}")
    margins = [best[row] / floor for row, floor in floors.items()]
    print(f"ratio to floor: least {min(margins):.2f}, median {statistics.median(margins):.2f}")
    return 0 if min(margins) >= 1 else 1
