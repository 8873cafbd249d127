"""The exchange with one peer: what each side writes, the other side reads."""
import contextlib
import fcntl
import shutil

from adapter import Adapter, complaint
from capabilities import needs_kms
from controls import ALTERED, CONTROLS, UNKNOWN_TO_READ, Controls
from peers import BUILD, Broken, Unavailable
from plan import VectorSet
from scenario import differences

NO_KMS = "needs AWS KMS, and there is no --kms-endpoint"


@contextlib.contextmanager
def work_folder(name):
    """-> an empty folder for what is exchanged, which stays until the next run"""
    parent = BUILD / name
    parent.mkdir(parents=True, exist_ok=True)
    with open(parent / "lock", "w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Unavailable("another run has it") from None
        shutil.rmtree(parent / "run", ignore_errors=True)
        (parent / "run").mkdir()
        yield parent / "run"


def not_as_asked(plan, i, message):
    """-> how a message differs from what a scenario of the plan asks for; None if it does not"""
    found = differences(message, plan.tests[i], plan.key_entries, len(plan.plaintext(i)))
    return "not what the scenario asks for: " + "; ".join(found) if found else None


class Exchange:
    def __init__(self, peer, plan, esdk, results, options):
        self.peer, self.plan, self.esdk, self.results, self.kms_endpoint = peer, plan, esdk, results, options.kms_endpoint
        self.capabilities = peer.capabilities()
        if "empty-final-frame" in esdk.conventions:
            self.capabilities = self.capabilities.having("full-final-frame")  # there are none
        self.adapter = Adapter(peer.command(), self.capabilities, options)

    def run(self, probes=False):
        with work_folder(self.peer.name) as self.work:
            self.run_all(probes)

    def run_all(self, probes):
        self.controls = Controls(self.section("controls", "controls", CONTROLS), self.adapter, self.plan, self.work)
        self.guarded(self.ask_to_encrypt)
        self.guarded(self.esdk_writes, self.section("reads", "esdk writes, it decrypts"))
        written = self.section("writes", "it writes, esdk decrypts")
        reproduced = self.section("reproduced", "it writes, esdk reproduces")
        self.guarded(self.peer_writes, written, reproduced)
        self.controls.section.fail_rest("was not come to")
        if probes:
            self.guarded(self.probe_reading, self.section("gaps-reading", "declared gaps, decrypting", {}))
            self.guarded(self.probe_writing, self.section("gaps-writing", "declared gaps, encrypting", {}))

    def section(self, key, title, scenarios=None):
        scenarios = self.plan.descriptions if scenarios is None else scenarios
        return self.results.section(f"{self.peer.name}-{key}", f"{self.peer.name}: {title}", scenarios)

    def guarded(self, step, *sections):
        try:
            if self.controls.barred:
                raise Broken(self.controls.barred)
            step(*sections)
        except Broken as e:
            if step == self.ask_to_encrypt:
                self.controls.barred = str(e)
            for section in sections:
                section.fail_rest(str(e))
        for section in sections:
            section.fail_rest("no outcome")

    def gap(self, i, writer, reader):
        """-> why a scenario cannot be exchanged, as declared; None if it can"""
        scenario = self.plan.tests[i]
        if needs_kms(scenario) and not self.kms_endpoint:
            return NO_KMS
        length = len(self.plan.plaintext(i))
        for side, role in ((writer, "encrypt"), (reader, "decrypt")):
            reason = side.gap(role, scenario, length)
            if reason:
                return ("esdk: " if side is self.esdk.capabilities else "") + reason
        return None

    def possible(self, writer, reader, *sections):
        """-> the ids of the scenarios that can be exchanged; the others are skipped"""
        ids = []
        for i in self.plan.tests:
            reason = self.gap(i, writer, reader)
            if reason is None:
                ids.append(i)
            for section in sections if reason else ():
                section.skip(i, reason)
        return ids

    def ask_to_encrypt(self):
        self.controls.ask_to_encrypt(next((i for i in self.plan.tests if self.gap(i, self.capabilities, self.esdk.capabilities) is None), None))

    def esdk_writes(self, section):
        ids = self.possible(self.esdk.capabilities, self.capabilities, section)
        vectors = self.written_by_esdk(ids, "by-esdk")
        for i in ids:
            if i not in vectors.tests:
                section.fail(i, "esdk did not write it")
        tests = vectors.some(ids)
        if not tests:
            for i in (UNKNOWN_TO_READ, ALTERED):
                self.controls.section.skip(i, "no scenario was possible")
            return
        first = next(iter(tests.values()))["decryption-scenario"]
        self.controls.ask_to_decrypt(vectors, first)
        outcomes = self.decrypt(vectors, tests | self.controls.altered(vectors, first))
        self.controls.judge(ALTERED, outcomes.pop(ALTERED), "refused")
        for i, outcome in outcomes.items():
            reason = complaint(outcome, self.plan.plaintext(i))
            section.fail(i, reason) if reason else section.pass_(i)

    def written_by_esdk(self, ids, name):
        return VectorSet(self.work / name, self.esdk.encrypt(self.plan.write(ids, self.work / f"plan-{name}"), self.work / name))

    def decrypt(self, vectors, tests):
        """Lets the peer decrypt these tests of a set of ours."""
        return self.adapter.run("decrypt", vectors.write(self.peer.name, tests), self.work / f"{vectors.folder.name}-decrypted")

    def peer_writes(self, written, reproduced):
        ids = self.possible(self.capabilities, self.esdk.capabilities, written, reproduced)
        outcomes = self.encrypt(ids, "by-" + self.peer.name)
        vectors = self.set_of(ids, outcomes, "by-" + self.peer.name, written, reproduced)
        if vectors:
            for task, section in (("decrypt", written), ("reproduce", reproduced)):
                for i, (status, reason) in self.esdk.judge(task, vectors.folder).items():
                    # What esdk skips although nothing was declared is a failure.
                    section.pass_(i) if status == "passed" else section.fail(i, f"{status}: {reason}")
            for i in vectors.tests:
                reason = not_as_asked(self.plan, i, vectors.message(i))
                if reason:
                    written.fail(i, reason)

    def encrypt(self, ids, name):
        """Lets the peer encrypt those scenarios."""
        return self.adapter.run("encrypt", self.plan.write(ids, self.work / f"plan-{name}"), self.work / f"{name}-encrypted")

    def set_of(self, ids, outcomes, name, *sections):
        """-> the VectorSet with all that the peer has encrypted; None if that is nothing"""
        outputs, unsupported = {}, {i: self.gap(i, self.capabilities, self.capabilities) for i in self.plan.tests if i not in ids}
        for i in ids:
            if outcomes[i].output:
                outputs[i] = outcomes[i].output
            for section in sections if not outcomes[i].output else ():
                section.fail(i, f"not encrypted, {outcomes[i].status}: {outcomes[i].detail}")
        client = {"name": self.capabilities.name, "version": self.capabilities.version}
        vectors = self.plan.write_set(outputs, client, unsupported, self.work / name)
        return vectors if outputs else None

    # A declared gap that works is out of date. These run only when asked for: a library may do anything with what it lacks.

    def declared_gaps(self, section, role, other):
        ids = [i for i, s in self.plan.tests.items() if (self.kms_endpoint or not needs_kms(s))
               and self.own_gap(role, i) and not self.esdk.capabilities.gap(other, s, len(self.plan.plaintext(i)))]
        section.scenarios = {i: self.plan.descriptions[i] for i in ids}
        return ids

    def own_gap(self, role, i):
        return self.capabilities.gap(role, self.plan.tests[i], len(self.plan.plaintext(i)))

    def judge_gap(self, section, i, role, works):
        if works:
            section.fail(i, f"works, although declared: {self.own_gap(role, i)}")
        else:
            section.pass_(i)

    def probe_reading(self, section):
        ids = self.declared_gaps(section, "decrypt", "encrypt")
        if ids:
            vectors = self.written_by_esdk(ids, "gaps")
            outcomes = self.decrypt(vectors, vectors.some(ids))
            for i, outcome in outcomes.items():
                works = outcome.status == "done" and outcome.output.read_bytes() == self.plan.plaintext(i)
                self.judge_gap(section, i, "decrypt", works)

    def probe_writing(self, section):
        ids = self.declared_gaps(section, "encrypt", "decrypt") if not self.capabilities.decrypts_only else []
        if ids:
            outcomes = self.encrypt(ids, "gaps-written")
            vectors = self.set_of(ids, outcomes, "gaps-written")
            verdicts = self.esdk.judge("decrypt", vectors.folder) if vectors else {}
            for i in ids:
                self.judge_gap(section, i, "encrypt", verdicts.get(i, ("", ""))[0] == "passed")
