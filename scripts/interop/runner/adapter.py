"""Runs an adapter's command and holds its report against the contract."""
import json
import math
import subprocess
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from peers import Broken
from plan import write_json

CONTRACT = 2


@dataclass(frozen=True)
class Outcome:
    """What an adapter says of one test. `output` is the file that it wrote, when the status is `done`."""
    status: str  # done, refused, unsupported
    detail: str = ""
    output: Path | None = None


class Adapter:
    def __init__(self, command, capabilities, kms_endpoint=None, timeout=900, jobs=1):
        """`jobs` processes at the same time share the tests of a manifest."""
        self.command, self.capabilities, self.kms_endpoint, self.timeout, self.jobs = command, capabilities, kms_endpoint, timeout, jobs

    def run(self, action, manifest: Path, out: Path):
        """Runs `encrypt` or `decrypt` over a manifest.

        -> test id -> Outcome. Raises Broken unless the reports are whole: the head says which contract and library, each test is
        in one exactly once, the foot counts them, and each output is there."""
        content = json.loads(manifest.read_text(encoding="utf-8"))
        tests = list(content["tests"].items())
        out.mkdir(parents=True)

        def run_part(number):
            part, folder = manifest, out
            if self.jobs > 1:
                part, folder = manifest.with_name(f"{manifest.stem}-{number}.json"), out / str(number)
                folder.mkdir()
                write_json(part, {**content, "tests": dict(tests[number::self.jobs])})
            return self.run_process(action, part, folder)

        with ThreadPoolExecutor(self.jobs) as executor:
            return {i: outcome for part in executor.map(run_part, range(self.jobs)) for i, outcome in part.items()}

    def run_process(self, action, manifest, out):
        arguments = [action, "--manifest", manifest, "--out", out]
        if self.kms_endpoint:
            arguments += ["--kms-endpoint", self.kms_endpoint]
        try:
            done = subprocess.run([*self.command, *arguments], capture_output=True, text=True, errors="replace",
                                  timeout=self.timeout)
        except subprocess.TimeoutExpired:
            raise Broken(f"{action} did not end within {self.timeout} s") from None
        if done.returncode:
            raise Broken(f"{action} ended with exit code {done.returncode}: {(done.stderr or done.stdout)[-2000:].strip()}")
        asked = json.loads(manifest.read_text(encoding="utf-8"))["tests"].keys()
        return self.outcomes(action, asked, out)

    def outcomes(self, action, asked, out):
        try:
            lines = [json.loads(line) for line in (out / "report.jsonl").read_text(encoding="utf-8").splitlines()]
            head, *tests, foot = lines
        except (OSError, ValueError) as e:
            raise Broken(f"{action}: the report cannot be read: {e}") from None
        client = {"name": self.capabilities.name, "version": self.capabilities.version}
        expected = {"contract": CONTRACT, "command": action, "client": client}
        if head != expected:
            raise Broken(f"{action}: the report begins with {head}, not {expected}")
        outcomes, counts = {}, {"done": 0, "refused": 0, "unsupported": 0}
        for test in tests:
            fields = [test.get(name, "") for name in ("id", "status", "file", "detail")] if isinstance(test, dict) else [None]
            if not all(isinstance(field, str) for field in fields):
                raise Broken(f"{action}: unexpected line in the report: {test}")
            i, status, file, detail = fields
            if i in outcomes or i not in asked or status not in counts or (status == "done" and not file):
                raise Broken(f"{action}: unexpected line in the report: {test}")
            counts[status] += 1
            output = out / file if status == "done" else None
            if output and not output.is_file():
                raise Broken(f"{action}: {output.name}, the output of {i}, is missing")
            outcomes[i] = Outcome(status, detail, output)
        if foot != {"complete": True, **counts} or len(outcomes) != len(asked):
            raise Broken(f"{action}: the report ends with {foot} after {len(outcomes)} of {len(asked)} tests")
        return outcomes

    def bench(self, size, frame, suite, repetitions):
        """-> direction -> what the adapter measured: wall and CPU seconds of one call"""
        arguments = ["bench", "--size", size, "--frame", frame, "--suite", suite, "--reps", repetitions]
        try:
            done = subprocess.run([*self.command, *map(str, arguments)], capture_output=True, text=True, errors="replace",
                                  timeout=self.timeout)
        except subprocess.TimeoutExpired:
            raise Broken(f"bench did not end within {self.timeout} s") from None
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
