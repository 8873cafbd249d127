"""The exchange with one peer: what each side writes, the other side reads."""
import contextlib
import fcntl
import secrets
import shutil

from adapter import Adapter, complaint
from capabilities import needs_kms
from peers import BUILD, Broken, Unavailable
from plan import write_json
from scenario import differences

NO_KMS = "needs AWS KMS, and there is no --kms-endpoint"
NOT_RUN = "not run, for it claims a key description that was made up"
CONTROLS = {
    "encrypt/unknown-key-description": "a made-up key description is unsupported",
    "decrypt/unknown-key-description": "a made-up key description is unsupported",
    "decrypt/tampered": "a message whose last byte was altered is refused",
}


def unknown_keys():
    """-> a key description that no adapter can have heard of"""
    return {"type": f"no-such-keyring-{secrets.token_hex(4)}"}


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


class Exchange:
    def __init__(self, peer, plan, esdk, results, options):
        self.peer, self.plan, self.esdk, self.results, self.kms_endpoint = peer, plan, esdk, results, options.kms_endpoint
        self.capabilities = peer.capabilities()
        if "empty-final-frame" in esdk.conventions:
            self.capabilities = self.capabilities.having("full-final-frame")  # there are none
        self.adapter = Adapter(peer.command(), self.capabilities, options)
        self.barred = None  # why it is not run any more

    def run(self, probes=False):
        with work_folder(self.peer.name) as self.work:
            self.run_all(probes)

    def run_all(self, probes):
        self.controls = self.section("controls", "controls", CONTROLS)
        self.guarded(self.ask_to_encrypt)
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
            if self.barred:
                raise Broken(self.barred)
            step(*sections)
        except Broken as e:
            self.barred = str(e) if step == self.ask_to_encrypt else self.barred
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
        tests = self.tests_of(ids, manifest)
        if not tests:
            for i in ("decrypt/unknown-key-description", "decrypt/tampered"):
                self.controls.skip(i, "no scenario was possible")
            return
        first = next(iter(tests.values()))["decryption-scenario"]
        self.ask("decrypt", self.manifest_of_ours(manifest, "by-esdk", "asked", {
            "decrypt/unknown-key-description": {"decryption-scenario": {**first, "decryptKeyDescription": unknown_keys()}}}))
        message = bytearray((self.work / "by-esdk" / first["ciphertext"].removeprefix("file://")).read_bytes())
        message[-1] ^= 1
        (self.work / "by-esdk/tampered").write_bytes(message)
        tests["decrypt/tampered"] = {"decryption-scenario": {**first, "ciphertext": "file://tampered"}}
        outcomes = self.decrypt(tests, manifest, "by-esdk")
        self.judge_control("decrypt/tampered", outcomes.pop("decrypt/tampered"), "refused")
        for i, outcome in outcomes.items():
            reason = complaint(outcome, self.plan.plaintext(i))
            section.fail(i, reason) if reason else section.pass_(i)

    def written_by_esdk(self, ids, name):
        return self.esdk.encrypt(self.plan.write(ids, self.work / f"plan-{name}"), self.work / name)

    def tests_of(self, ids, manifest):
        return {i: manifest["tests"][i] for i in ids if i in manifest["tests"]}

    def manifest_of_ours(self, manifest, name, part, tests):
        """Writes a manifest with these tests into the folder of a set of ours. -> its path"""
        return write_json(self.work / name / f"{part}.json", {**manifest, "tests": tests})

    def decrypt(self, tests, manifest, name):
        """Lets the peer decrypt these tests of a set of ours."""
        return self.adapter.run("decrypt", self.manifest_of_ours(manifest, name, self.peer.name, tests), self.work / f"{name}-decrypted")

    # An adapter is first asked for what nobody can know. One that claims it says nothing about its library, and is not run.

    def ask_to_encrypt(self):
        i = "encrypt/unknown-key-description"
        scenario = next((s for i, s in self.plan.tests.items() if self.gap(i, self.capabilities, self.esdk.capabilities) is None), None)
        if scenario:
            self.ask("encrypt", self.plan.write([], self.work / "plan-asked", {i: {**scenario, "encryptKeyDescription": unknown_keys()}}))
        else:
            self.controls.skip(i, "no scenario was possible")

    def ask(self, action, manifest):
        (i, outcome), = self.adapter.run(action, manifest, self.work / f"asked-{action}").items()
        self.judge_control(i, outcome, "unsupported")
        if outcome.status in ("done", "fault"):
            self.barred = NOT_RUN if outcome.status == "done" else outcome.detail
            raise Broken(self.barred)

    def judge_control(self, i, outcome, expected):
        if outcome.status == expected:
            self.controls.pass_(i)
        else:
            self.controls.fail(i, f"{outcome.status} instead of {expected}" + (f": {outcome.detail}" if outcome.detail else ""))

    def peer_writes(self, written, reproduced):
        ids = self.possible(self.capabilities, self.esdk.capabilities, written, reproduced)
        outcomes = self.encrypt(ids, "by-" + self.peer.name)
        vectors = self.set_of(ids, outcomes, "by-" + self.peer.name, written, reproduced)
        if vectors:
            for task, section in (("decrypt", written), ("reproduce", reproduced)):
                for i, (status, reason) in self.esdk.judge(task, vectors).items():
                    # What esdk skips although nothing was declared is a failure.
                    section.pass_(i) if status == "passed" else section.fail(i, f"{status}: {reason}")
            for i, reason in self.not_as_asked(outcomes).items():
                written.fail(i, reason)

    def not_as_asked(self, outcomes):
        """-> test id -> how the message that was written differs from what its scenario asks for"""
        found = {i: differences(outcome.output.read_bytes(), self.plan.tests[i], self.plan.key_entries, len(self.plan.plaintext(i)))
                 for i, outcome in outcomes.items() if outcome.output}
        return {i: "not what the scenario asks for: " + "; ".join(reasons) for i, reasons in found.items() if reasons}

    def encrypt(self, ids, name):
        """Lets the peer encrypt those scenarios."""
        return self.adapter.run("encrypt", self.plan.write(ids, self.work / f"plan-{name}"), self.work / f"{name}-encrypted")

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
            manifest = self.written_by_esdk(ids, "gaps")
            outcomes = self.decrypt(self.tests_of(ids, manifest), manifest, "gaps")
            for i, outcome in outcomes.items():
                works = outcome.status == "done" and outcome.output.read_bytes() == self.plan.plaintext(i)
                self.judge_gap(section, i, "decrypt", works)

    def probe_writing(self, section):
        ids = self.declared_gaps(section, "encrypt", "decrypt") if not self.capabilities.decrypts_only else []
        if ids:
            outcomes = self.encrypt(ids, "gaps-written")
            vectors = self.set_of(ids, outcomes, "gaps-written")
            verdicts = self.esdk.judge("decrypt", vectors) if vectors else {}
            for i in ids:
                self.judge_gap(section, i, "encrypt", verdicts.get(i, ("", ""))[0] == "passed")
