"""The exchange with one peer: what each side writes, the other side reads."""
import fcntl
import shutil

from adapter import Adapter
from capabilities import needs_kms
from peers import BUILD, Broken, Unavailable
from plan import write_json

NO_KMS = "needs AWS KMS, and there is no --kms-endpoint"
UNKNOWN_KEYS = {"type": "no-such-keyring"}
CONTROLS = {
    "encrypt/unknown-key-description": "a made-up key description is unsupported",
    "decrypt/unknown-key-description": "a made-up key description is unsupported",
    "decrypt/tampered": "a message whose last byte was altered is refused",
}


class Exchange:
    def __init__(self, peer, plan, esdk, results, kms_endpoint=None, jobs=1):
        self.peer, self.plan, self.esdk, self.results, self.kms_endpoint = peer, plan, esdk, results, kms_endpoint
        self.capabilities = peer.capabilities()
        if "empty-final-frame" in esdk.conventions:
            self.capabilities = self.capabilities.having("full-final-frame")  # there are none
        self.adapter = Adapter(peer.command(), self.capabilities, kms_endpoint, jobs=jobs)
        self.work = self.folder()

    def folder(self):
        """-> an empty folder for what is exchanged, which stays until the next run"""
        parent = BUILD / self.peer.name
        parent.mkdir(parents=True, exist_ok=True)
        self.lock = open(parent / "lock", "w")
        try:
            fcntl.flock(self.lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Unavailable("another run has it") from None
        shutil.rmtree(parent / "run", ignore_errors=True)
        (parent / "run").mkdir()
        return parent / "run"

    def run(self, probes=False):
        with self.lock:
            self.run_all(probes)

    def run_all(self, probes):
        self.controls = self.section("controls", "controls", CONTROLS)
        self.guarded(self.esdk_writes, self.section("reads", "esdk writes, it decrypts"))
        written = self.section("writes", "it writes, esdk decrypts")
        reproduced = self.section("reproduced", "it writes, esdk reproduces")
        self.guarded(self.peer_writes, written, reproduced)
        self.controls.fail_rest("was not come to")
        if probes:
            self.guarded(self.probe_reading, self.section("gaps-reading", "declared gaps, decrypting", {}))
            self.guarded(self.probe_writing, self.section("gaps-writing", "declared gaps, encrypting", {}))

    def section(self, key, title, scenarios=None):
        scenarios = self.plan.descriptions if scenarios is None else scenarios
        return self.results.section(f"{self.peer.name}-{key}", f"{self.peer.name}: {title}", scenarios)

    def guarded(self, step, *sections):
        try:
            step(*sections)
        except Broken as e:
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

    def esdk_writes(self, section):
        ids = self.possible(self.esdk.capabilities, self.capabilities, section)
        manifest = self.written_by_esdk(ids, "by-esdk")
        for i in ids:
            if i not in manifest["tests"]:
                section.fail(i, "esdk did not write it")
        outcomes = self.decrypt(ids, manifest, "by-esdk", with_controls=True)
        for i, outcome in outcomes.items():
            if i in self.plan.tests:
                self.judge_plaintext(section, i, outcome)
        self.judge_control("decrypt/unknown-key-description", outcomes, "unsupported")
        self.judge_control("decrypt/tampered", outcomes, "refused")

    def written_by_esdk(self, ids, name):
        return self.esdk.encrypt(self.plan.write(ids, self.work / f"plan-{name}"), self.work / name)

    def decrypt(self, ids, manifest, name, with_controls=False):
        """Lets the peer decrypt those messages of a set of ours."""
        folder = self.work / name
        tests = {i: manifest["tests"][i] for i in ids if i in manifest["tests"]}
        if with_controls and tests:
            first = next(iter(tests.values()))["decryption-scenario"]
            message = bytearray((folder / first["ciphertext"].removeprefix("file://")).read_bytes())
            message[-1] ^= 1
            (folder / "tampered").write_bytes(message)
            tests["decrypt/tampered"] = {"decryption-scenario": {**first, "ciphertext": "file://tampered"}}
            tests["decrypt/unknown-key-description"] = {"decryption-scenario": {**first, "decryptKeyDescription": UNKNOWN_KEYS}}
        path = write_json(folder / f"{self.peer.name}.json", {**manifest, "tests": tests})
        return self.adapter.run("decrypt", path, self.work / f"{name}-decrypted")

    def judge_plaintext(self, section, i, outcome):
        if outcome.status == "refused":
            section.fail(i, f"refused: {outcome.detail}")
        elif outcome.status == "unsupported":
            section.fail(i, f"unsupported, which is not declared: {outcome.detail}")
        elif outcome.output.read_bytes() != self.plan.plaintext(i):
            section.fail(i, f"wrong plaintext: {outcome.output}")
        else:
            section.pass_(i)

    def judge_control(self, i, outcomes, expected):
        if i not in outcomes:
            self.controls.skip(i, "no scenario was possible")
        elif outcomes[i].status == expected:
            self.controls.pass_(i)
        else:
            self.controls.fail(i, f"{outcomes[i].status} instead of {expected}")

    def peer_writes(self, written, reproduced):
        ids = self.possible(self.capabilities, self.esdk.capabilities, written, reproduced)
        outcomes = self.encrypt(ids, "by-" + self.peer.name)
        self.judge_control("encrypt/unknown-key-description", outcomes, "unsupported")
        vectors = self.set_of(ids, outcomes, "by-" + self.peer.name, written, reproduced)
        if vectors:
            for task, section in (("decrypt", written), ("reproduce", reproduced)):
                for i, (status, reason) in self.esdk.judge(task, vectors).items():
                    # What esdk skips although nothing was declared is a failure.
                    section.pass_(i) if status == "passed" else section.fail(i, f"{status}: {reason}")

    def encrypt(self, ids, name, with_controls=True):
        """Lets the peer encrypt those scenarios."""
        controls = {}
        if with_controls and ids:
            controls["encrypt/unknown-key-description"] = {**self.plan.tests[ids[0]], "encryptKeyDescription": UNKNOWN_KEYS}
        return self.adapter.run("encrypt", self.plan.write(ids, self.work / f"plan-{name}", controls), self.work / f"{name}-encrypted")

    def set_of(self, ids, outcomes, name, *sections):
        """-> the folder of a set with all that the peer has encrypted; None if that is nothing"""
        outputs, unsupported = {}, {i: self.gap(i, self.capabilities, self.capabilities) for i in self.plan.tests if i not in ids}
        for i in ids:
            if outcomes[i].output:
                outputs[i] = outcomes[i].output
            for section in sections if not outcomes[i].output else ():
                section.fail(i, f"not encrypted, {outcomes[i].status}: {outcomes[i].detail}")
        client = {"name": self.capabilities.name, "version": self.capabilities.version}
        self.plan.write_set(outputs, client, unsupported, self.work / name)
        return self.work / name if outputs else None

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
            outcomes = self.decrypt(ids, self.written_by_esdk(ids, "gaps"), "gaps")
            for i, outcome in outcomes.items():
                works = outcome.status == "done" and outcome.output.read_bytes() == self.plan.plaintext(i)
                self.judge_gap(section, i, "decrypt", works)

    def probe_writing(self, section):
        ids = self.declared_gaps(section, "encrypt", "decrypt")
        if ids:
            outcomes = self.encrypt(ids, "gaps-written", with_controls=False)
            vectors = self.set_of(ids, outcomes, "gaps-written")
            verdicts = self.esdk.judge("decrypt", vectors) if vectors else {}
            for i in ids:
                self.judge_gap(section, i, "encrypt", verdicts.get(i, ("", ""))[0] == "passed")
