"""Every implementation writes the plan, and every implementation reads what every one wrote."""
import hashlib
import json
import platform
import shutil
from dataclasses import dataclass, field
from pathlib import Path

from adapter import Adapter, complaint
from capabilities import KMS_KINDS, features_of_keys_and_method, key_features, needs_kms
from controls import ALTERED, CONTROLS, UNKNOWN_TO_READ, Controls
from exchange import NO_KMS, not_as_asked, work_folder
from message import Malformed, read
from peers import ROOT, Broken, Unavailable, say
from plan import VectorSet

FORMAT = {"format": "esdk-interop-matrix", "version": 1}

@dataclass
class Side:
    """An implementation that takes part, or a set of messages that one wrote elsewhere."""
    name: str
    client: str
    version: str
    adapter: Adapter | None = None  # None: a set
    source: str = ""  # which run it took part in, or where its set is
    vectors: VectorSet | None = None  # what it wrote
    unwritten: dict = field(default_factory=dict)  # test id -> why it is not in `vectors`
    open_: frozenset = frozenset()  # test ids: messages that a reader should refuse, and need not
    controls: Controls | None = None


class Matrix:
    def __init__(self, plan, esdk, results, options, label):
        """`label` names the run, in the sources of its cells."""
        self.plan, self.esdk, self.results, self.options, self.label = plan, esdk, results, options, label
        self.sides, self.sets, self.cells = [], [], []

    def add_peer(self, peer):
        """Raises Unavailable or Broken if its adapter cannot be made to run."""
        capabilities = peer.capabilities()
        self.sides.append(Side(peer.name, capabilities.name, capabilities.version, Adapter(peer.command(), capabilities, self.options),
                               self.label))

    def add_set(self, folder: Path):
        """Adds what an implementation wrote elsewhere, and what must be refused, whoever made it."""
        self.sets.append(folder)

    def run(self):
        with work_folder("matrix") as self.work:
            self.copy_sets()
            for side in self.sides:
                say(f"writing: {side.name}, {side.client} {side.version}")
                self.write(side)
            for reader in [side for side in self.sides if side.adapter]:
                say(f"reading: {reader.name}")
                for writer in self.sides:
                    self.read(reader, writer)
                reader.controls.section.fail_rest("was not come to")
            for writer in self.sides:
                self.reproduce(writer)

    def cell(self, kind, title, scenarios, writer=None, reader=None):
        """-> the section of a cell, which counts as one of the matrix"""
        names = [side.name for side in (writer, reader) if side]
        section = self.results.section("-".join([*names, kind]), title, scenarios)
        self.cells.append((kind, writer, reader, section))
        return section

    def copy_sets(self):
        """Into the work folder, for a manifest is written next to each, for each reader."""
        for folder in self.sets:
            content = VectorSet(folder)
            copy = shutil.copytree(folder, self.work / f"by-{folder.name}")
            # Of what is in the plan, only what was asked for.
            tests = {i: test for i, test in content.tests.items() if i in self.plan.tests or i not in self.plan.all}
            client = content.manifest.get("client", {})
            self.sides.append(Side(folder.name, client.get("name", "unknown"), client.get("version", "unknown"), source=portable(str(folder.resolve())),
                                   vectors=VectorSet(copy, {**content.manifest, "tests": tests}), open_=left_open(folder)))

    def gap(self, side, i):
        scenario = self.plan.tests[i]
        if needs_kms(scenario) and not self.options.kms_endpoint:
            return NO_KMS
        return side.adapter.capabilities.gap("encrypt", scenario, len(self.plan.plaintext(i)))

    def write(self, side):
        if side.adapter is None:
            self.hold(side, [i for i in side.vectors.tests if i in self.plan.tests])
            return
        work = self.work / side.name
        work.mkdir()
        side.controls = Controls(self.cell("controls", f"{side.name}: controls", CONTROLS, reader=side), side.adapter, self.plan, work)
        side.unwritten = {i: reason for i in self.plan.tests if (reason := self.gap(side, i))}
        ids = [i for i in self.plan.tests if i not in side.unwritten]
        try:
            side.controls.ask_to_encrypt(next(iter(ids), None))
            outcomes = side.adapter.run("encrypt", self.plan.write(ids, work / "plan"), work / "encrypted")
        except Broken as e:
            side.controls.barred = str(e)
            outcomes = {}
        side.vectors = self.plan.write_set({i: o.output for i, o in outcomes.items() if o.output},
                                           {"name": side.client, "version": side.version}, side.unwritten, self.work / f"by-{side.name}")
        for i in ids:
            if i not in side.vectors.tests:
                side.unwritten[i] = "it failed to write it"
        section = self.hold(side, list(side.vectors.tests))
        for i in ids:
            if i not in side.vectors.tests:
                section.failed[i] = f"not encrypted, {outcomes[i].status}: {outcomes[i].detail}" if i in outcomes else side.controls.barred
                section.skipped.pop(i, None)

    def hold(self, side, ids):
        """Holds what it wrote against the scenarios."""
        section = self.cell("writes", f"{side.name}: writes what was asked for", {
            i: self.plan.descriptions[i] for i in (self.plan.tests if side.adapter else ids)}, writer=side)
        for i in section.scenarios:
            if i in side.unwritten:
                section.skip(i, side.unwritten[i])
                continue
            reason = not_as_asked(self.plan, i, side.vectors.message(i))
            section.fail(i, reason) if reason else section.pass_(i)
        return section

    def read(self, reader, writer):
        tests = writer.vectors.tests
        is_bad = {i: writer.vectors.plaintext(i) is None for i in tests} if writer.adapter is None else {}
        good = self.plan.descriptions if writer.adapter else {i: describe(t) for i, t in tests.items() if not is_bad[i]}
        bad = {i: describe(t) for i, t in tests.items() if is_bad.get(i)}
        opened = self.cell("reads", f"{reader.name} reads what {writer.name} wrote", good, writer, reader) if good else None
        refused = self.cell("refuses", f"{reader.name} refuses what it must of {writer.name}", bad, writer, reader) if bad else opened
        if opened is None and not bad:
            return
        for i, reason in writer.unwritten.items():
            opened.skip(i, f"{writer.name} does not write it: {reason}")
        asked = {}
        for i, test in tests.items():
            reason = self.gap_of_reader(reader, test, None if is_bad.get(i) else writer.vectors.message(i))
            if reason:
                (refused if is_bad.get(i) else opened).skip(i, reason)
            else:
                asked[i] = test
        try:
            self.let_read(reader, writer, asked, lambda i: refused if is_bad.get(i) else opened)
        except Broken as e:
            reader.controls.barred = str(e)
            for section in {opened, refused} - {None}:
                section.fail_rest(str(e))

    def gap_of_reader(self, reader, test, content):
        """-> why a reader cannot read the message of a test, as declared; None if it can"""
        needed = features_of_keys_and_method(test, 5)
        if needed & set(KMS_KINDS) and not self.options.kms_endpoint:
            return NO_KMS
        try:
            needed |= read(content).features() if content else set()
        except Malformed:
            pass  # which is its writer's failure
        return reader.adapter.capabilities.reason("decrypt", needed)

    def let_read(self, reader, writer, asked, section_of):
        controls = reader.controls
        if controls.barred:
            raise Broken(controls.barred)
        if not asked:
            return
        # The controls need one message, and are tried with the first that the reader can read.
        first = next((t["decryption-scenario"] for i, t in asked.items() if writer.vectors.plaintext(i) is not None), None)
        is_first = first and ALTERED not in controls.section.passed | controls.section.failed.keys()
        if is_first:
            controls.ask_to_decrypt(writer.vectors, first)
            asked = asked | controls.altered(writer.vectors, first)
        outcomes = reader.adapter.run("decrypt", writer.vectors.write(f"for-{reader.name}", asked),
                                      reader.controls.work / f"of-{writer.name}")
        if is_first:
            controls.judge(ALTERED, outcomes.pop(ALTERED), "refused")
        for i, outcome in outcomes.items():
            reason = complaint(outcome, writer.vectors.plaintext(i))
            if reason and i in writer.open_ and outcome.status == "done":
                section_of(i).facts[i] = "opens it, which it should not, and may"
            elif reason:
                section_of(i).fail(i, reason)
            else:
                section_of(i).pass_(i)

    def reproduce(self, writer):
        """Lets esdk rebuild every message that should open, byte for byte."""
        ids = [i for i in writer.vectors.tests if i in self.plan.tests and i not in writer.unwritten]
        if not ids:
            return
        say(f"reproducing: {writer.name}")
        section = self.cell("reproduces", f"esdk reproduces what {writer.name} wrote", {i: self.plan.descriptions[i] for i in ids}, writer)
        try:
            for i, (status, reason) in self.esdk.judge("reproduce", writer.vectors.folder).items():
                if i in section.scenarios:
                    section.pass_(i) if status == "passed" else section.skip(i, reason) if status == "skipped" else section.fail(i, reason)
        except Broken as e:
            section.fail_rest(str(e))
        section.fail_rest("no outcome")

    def result(self):
        """-> what matrix.json has"""
        digest = hashlib.sha256(json.dumps([self.plan.manifest, self.plan.key_entries], sort_keys=True).encode()).hexdigest()
        return {
            **FORMAT,
            "plan": {"scenarios": len(self.plan.tests), "sha256": digest},
            "run": {"label": self.label, "system": f"{platform.system()} {platform.machine()}", "aws-kms": bool(self.options.kms_endpoint)},
            "implementations": [{"name": s.name, "client": s.client, "version": s.version, "reads": s.adapter is not None,
                                 "source": s.source} for s in self.sides],
            "not-run": {name: portable(reason)[:120] for name, reason in self.results.unavailable.items()},
            "cells": [{"kind": kind, "writer": writer.name if writer else None, "reader": reader.name if reader else None, "source": self.label,
                       **section.counts(), "groups": self.groups(section), "failures": {i: portable(reason) for i, reason in sorted(section.failed.items())},
                       **({"facts": dict(sorted(section.facts.items()))} if section.facts else {}),
                       "skips": counted(section.skipped)} for kind, writer, reader, section in self.cells],
            "complete": True,
        }

    def groups(self, section):
        """-> suite, keyring or framing -> [passed, failed, skipped]"""
        groups = {}
        for i in section.scenarios:
            if i not in self.plan.tests:
                continue
            number = 0 if i in section.passed else 1 if i in section.failed else 2
            for name in group_names(self.plan.tests[i]):
                groups.setdefault(name, [0, 0, 0])[number] += 1
        return dict(sorted(groups.items()))


def left_open(folder):
    """-> the ids of the tests of a set that the specification leaves to the reader, as its vectors.json says"""
    rules = folder / "vectors.json"
    if not rules.exists():
        return frozenset()
    return frozenset(i for i, rule in json.loads(rules.read_text(encoding="utf-8"))["tests"].items() if rule.get("level") != "MUST")


def describe(test):
    return test["decryption-scenario"].get("description", "")


def group_names(scenario):
    keys = "+".join(sorted(key_features(scenario["encryptKeyDescription"]) - {"namespace-not-ascii"}))
    return [f"suite {scenario['algorithmSuiteId']}", f"keys {keys}", "framed" if scenario["frame-size"] else "non-framed"]


def counted(reasons):
    counts = {}
    for reason in reasons.values():
        counts[reason] = counts.get(reason, 0) + 1
    return dict(sorted(counts.items()))


def portable(text):
    """-> a text, without where things are on this machine"""
    return text.replace(f"{ROOT}/", "").replace(str(Path.home()), "~")
