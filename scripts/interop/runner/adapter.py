"""Runs an adapter's command and holds its report against the contract."""
import json
import math
import subprocess
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import process
from peers import Broken
from plan import write_json
from process import Limits

CONTRACT = 2
STATUSES = ("done", "refused", "unsupported")
# So many tests may break an adapter before the others are not tried any more.
MOST_FAULTS = 10
BENCH_SECONDS = 900


@dataclass(frozen=True)
class Outcome:
    """What came of one test. `output` is the file that the adapter wrote, when the status is `done`."""
    status: str  # one of STATUSES; or `fault`: the adapter crashed, hung, took too much memory, or its report is void
    detail: str = ""
    output: Path | None = None


class Faulty(Exception):
    """A process did not do what the contract says. `outcomes` has what its report says up to there."""

    def __init__(self, reason, outcomes):
        super().__init__(reason)
        self.outcomes = outcomes


def complaint(outcome, plaintext):
    """-> what is wrong with the Outcome of a decryption; None if nothing is. Without a plaintext, it has to be refused."""
    if outcome.status == "fault":
        return outcome.detail
    if outcome.status == "unsupported":
        return f"unsupported, which is not declared: {outcome.detail}"
    if outcome.status == "refused":
        return None if plaintext is None else f"refused: {outcome.detail}"
    if plaintext is None:
        return "decrypted, although it must be refused"
    return None if outcome.output.read_bytes() == plaintext else f"wrong plaintext: {outcome.output}"


@dataclass(frozen=True)
class Options:
    kms_endpoint: str | None = None
    jobs: int = 1  # so many processes at the same time share the tests of a manifest
    limits: Limits = Limits()


class Adapter:
    def __init__(self, command, capabilities, options=Options()):
        self.command, self.capabilities, self.options = command, capabilities, options

    def run(self, action, manifest: Path, out: Path):
        """Runs `encrypt` or `decrypt` over a manifest.

        -> test id -> Outcome, of each test. A crash, a hang, too much memory or a void report is that of the test alone that brings it
        about: the others are run without it. Raises Broken if the adapter is not the one that its capabilities file names."""
        content = json.loads(manifest.read_text(encoding="utf-8"))
        out.mkdir(parents=True)
        tests = list(content["tests"])
        jobs = max(1, min(self.options.jobs, len(tests)))
        with ThreadPoolExecutor(jobs) as executor:
            parts = [tests[number::jobs] for number in range(jobs)]
            runs = [Run(self, action, manifest, content, out / str(number)) for number in range(len(parts))]
            return {i: outcome for part in executor.map(Run.outcomes, runs, parts) for i, outcome in part.items()}

    def arguments(self, action, manifest, out):
        return [*self.command, action, "--manifest", manifest, "--out", out,
                *(["--kms-endpoint", self.options.kms_endpoint] if self.options.kms_endpoint else [])]

    def read_report(self, action, asked, out: Path):
        """-> test id -> Outcome. Raises Faulty unless the report is whole: the head says which contract and library, each test is in one
        line, the foot counts them, and each output is there."""
        outcomes, counts = {}, dict.fromkeys(STATUSES, 0)

        def void(reason):
            return Faulty(f"void report: {reason}", outcomes)

        try:
            lines = (out / "report.jsonl").read_bytes().decode(errors="backslashreplace").splitlines()
        except OSError as e:
            raise void(f"it cannot be read: {e.strerror}") from None
        client = {"name": self.capabilities.name, "version": self.capabilities.version}
        head = {"contract": CONTRACT, "command": action, "client": client}
        foot = None
        for number, text in enumerate(lines):
            try:
                line = json.loads(text)
            except (ValueError, RecursionError):
                raise void(f"line {number + 1} is not JSON: {text[:500]}") from None
            if number == 0:
                if line != head:
                    raise Broken(f"{action}: the report begins with {text[:500]}, not {json.dumps(head)}")
            elif isinstance(line, dict) and "complete" in line and foot is None:
                foot = line
            else:
                fields = [line.get(name, "") for name in ("id", "status", "file", "detail")] if isinstance(line, dict) else [None]
                if foot or not all(isinstance(field, str) for field in fields):
                    raise void(f"unexpected line: {text[:500]}")
                i, status, file, detail = fields
                if i in outcomes or i not in asked or status not in counts or (status == "done") != (file != ""):
                    raise void(f"unexpected line: {text[:500]}")
                output = out / file if file else None
                if output and (Path(file).name != file or not output.is_file()):
                    raise void(f"{file[:500]}, the output of {i}, is not in the folder")
                counts[status] += 1
                outcomes[i] = Outcome(status, detail, output)
        if len(outcomes) != len(asked) or foot != {"complete": True, **counts}:
            raise void(f"it ends with {lines[-1][:500] if lines else 'nothing'} after {len(outcomes)} of {len(asked)} tests")
        return outcomes

    def bench(self, size, frame, suite, repetitions):
        """-> direction -> what the adapter measured: wall and CPU seconds of one call"""
        arguments = ["bench", "--size", size, "--frame", frame, "--suite", suite, "--reps", repetitions]
        try:
            done = subprocess.run([*self.command, *map(str, arguments)], capture_output=True, text=True, errors="replace",
                                  timeout=BENCH_SECONDS)
        except subprocess.TimeoutExpired:
            raise Broken(f"bench did not end within {BENCH_SECONDS} s") from None
        if done.returncode:
            raise Broken(f"bench ended with exit code {done.returncode}: {(done.stderr or done.stdout)[-2000:].strip()}")
        figures = {}
        for text in done.stdout.splitlines():
            try:
                line = json.loads(text)
                figures[line["direction"]] = {"cpu_s_best": float(line["cpu_s_best"])}
            except (ValueError, KeyError, TypeError):
                raise Broken(f"bench printed a line that is not a figure: {text[:500]}") from None
            if not 0 < figures[line["direction"]]["cpu_s_best"] < math.inf:
                raise Broken(f"bench printed a figure that is not a time: {text[:500]}")
        if figures.keys() != {"encrypt", "decrypt"}:
            raise Broken(f"bench printed figures of {sorted(figures)}, not of encrypt and decrypt: {done.stdout[:500].strip()}")
        return figures


class Run:
    """One share of the tests of a manifest, in as many processes as it takes."""

    def __init__(self, adapter, action, manifest: Path, content, folder: Path):
        self.adapter, self.action, self.manifest, self.content, self.folder = adapter, action, manifest, content, folder
        self.processes, self.faults = 0, 0

    def outcomes(self, ids):
        """-> test id -> Outcome"""
        if not ids:
            return {}
        if self.faults >= MOST_FAULTS:
            return dict.fromkeys(ids, Outcome("fault", f"not run: {MOST_FAULTS} tests before it broke the adapter"))
        try:
            return self.outcomes_of_process(ids)
        except Faulty as e:
            if len(ids) == 1:
                self.faults += 1
                return {ids[0]: Outcome("fault", str(e))}
            told = e.outcomes
        # One of them did it: the first without a line, if the adapter works through them in order.
        rest = [i for i in ids if i not in told]
        if not told or not rest or list(told) != ids[:len(told)]:
            half = len(ids) // 2
            return self.outcomes(ids[:half]) | self.outcomes(ids[half:])
        return told | self.outcomes(rest[:1]) | self.outcomes(rest[1:])

    def outcomes_of_process(self, ids):
        number = self.processes
        self.processes += 1
        # Every process has its own folder, so that what one has left cannot pass for the output of another.
        out = self.folder / str(number)
        out.mkdir(parents=True)
        manifest = write_json(self.manifest.with_name(f"{self.manifest.stem}-{self.folder.name}-{number}.json"),
                              {**self.content, "tests": {i: self.content["tests"][i] for i in ids}})
        fault = process.run(self.adapter.arguments(self.action, manifest, out), out, out / "report.jsonl", self.adapter.options.limits)
        try:
            outcomes = self.adapter.read_report(self.action, ids, out)
        except Faulty as e:
            # One that ends as if all were well has written nothing that is known to be right.
            raise Faulty(fault, e.outcomes) if fault else Faulty(str(e), {}) from None
        if fault:
            raise Faulty(fault, {})
        return outcomes
