"""What came of the tests, and how it is told."""
import collections
import json
from pathlib import Path


class Section:
    """One direction of an exchange with one peer: every scenario has passed, failed or been skipped."""

    def __init__(self, key, title, scenarios):
        self.key, self.title = key, title
        self.scenarios = scenarios  # id -> description
        self.passed, self.failed, self.skipped = set(), {}, {}
        self.facts = {}  # id -> what was done, where the specification leaves it open: neither right nor wrong

    def pass_(self, i):
        self.passed.add(i)

    def fail(self, i, reason):
        self.passed.discard(i)
        self.failed[i] = reason

    def skip(self, i, reason):
        self.skipped[i] = reason

    def fail_rest(self, reason):
        """What was not come to is a failure: a run that breaks off must not look like one that had less to do."""
        for i in self.scenarios.keys() - self.passed - self.failed.keys() - self.skipped.keys() - self.facts.keys():
            self.failed[i] = reason

    def counts(self):
        return {"total": len(self.scenarios), "passed": len(self.passed), "failed": len(self.failed), "skipped": len(self.skipped)}


class Results:
    def __init__(self):
        self.sections = []
        self.unavailable = {}  # peer -> why it did not run

    def section(self, key, title, scenarios):
        self.sections.append(Section(key, title, scenarios))
        return self.sections[-1]

    def total(self, name):
        return sum(section.counts()[name] for section in self.sections)

    def text(self):
        lines = []
        failures = collections.defaultdict(list)
        for section in self.sections:
            for i, reason in section.failed.items():
                failures[reason].append(f"{i} ({section.scenarios[i]})" if section.scenarios[i] else i)
            for reason, ids in failures.items():
                lines += [f"FAILED {section.title}: {reason}"] + [f"    {i}" for i in ids[:10]]
                lines += [f"    and {len(ids) - 10} more"] if len(ids) > 10 else []
            failures.clear()
        told = [s for n, s in enumerate(self.sections) if s.skipped and not any(s.skipped == o.skipped for o in self.sections[:n])]
        for section in told:
            also = [s.title for s in self.sections if s is not section and s.skipped == section.skipped]
            lines += [f"skipped, {', and '.join([section.title, *also])}:"]
            lines += [f"{count:6} {reason}" for reason, count in collections.Counter(section.skipped.values()).items()]
        if self.unavailable:
            lines += ["did not run:"] + [f"  {peer}: {reason}" for peer, reason in self.unavailable.items()]
        width = max([len(section.title) for section in self.sections], default=0)
        lines += ["", f"  {'':{width}}  total  passed  failed  skipped"]
        for section in self.sections:
            lines.append("  {:{}}  {total:5}  {passed:6}  {failed:6}  {skipped:7}".format(section.title, width, **section.counts()))
        return "\n".join([*lines, "", self.closing_line()])

    def closing_line(self):
        return f"{self.total('passed')} passed, {self.total('failed')} failed, {self.total('skipped')} skipped"

    def write(self, path: Path):
        """A report with the members that scripts/check-counts reads."""
        tests = [{"set": s.key, "id": i, "status": status, "reason": reason} for s in self.sections
                 for status, reasons in (("failed", s.failed), ("skipped", s.skipped)) for i, reason in reasons.items()]
        path.write_text(json.dumps({"sets": [{"path": s.key, **s.counts()} for s in self.sections], "unavailable": self.unavailable,
                                    "tests": tests, "complete": True}, indent=1) + "\n")

    def exit_code(self):
        if self.total("failed"):
            return 1
        return 0 if self.total("passed") else 4
