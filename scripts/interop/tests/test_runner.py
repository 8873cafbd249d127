"""What the runner makes of adapters that do not do what they should: faults are planted, and each must be found, by its name.

Run: python3 -m unittest discover scripts/interop/tests"""
import contextlib
import hashlib
import io
import json
import os
import subprocess
import sys
import tempfile
import time
import unittest
from pathlib import Path
from unittest import mock

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent / "runner")]

import accumulate
import exchange
import fake_message
from adapter import Options
from capabilities import Capabilities, features, needs_kms
from peers import PEERS, Peer, Unavailable, fetch
from plan import Plan, write_json
from process import Limits
from results import Results

AES = {"type": "raw", "key": "k", "provider-id": "n", "encryption-algorithm": "aes"}


def scenario(frame=4096, description=AES, suite="0478", plaintext="p3"):
    return {"type": "positive-esdk", "plaintext": plaintext, "description": "a scenario", "algorithmSuiteId": suite, "frame-size": frame,
            "encryptKeyDescription": description, "decryptKeyDescription": description, "encryption-context": {"a": "1", "b": "2"},
            "reproduced-encryption-context": {}}


# Runs an adapter as the runner does, on a thread; it writes the process id of a child of its own, which is to end, too.
RUNNER = """
import os, signal, sys, time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
sys.path.insert(0, {runner!r})
import process

folder, pids = map(Path, sys.argv[1:])
start = process.subprocess.Popen

def started_and_told(*arguments, **options):
    started = start(*arguments, **options)
    while not pids.exists():
        time.sleep(0.01)
    os.kill(os.getpid(), signal.SIGTERM)
    while not process.stopping:
        time.sleep(0.01)
    return started

{told}
signal.signal(signal.SIGTERM, process.stop)
command = ["sh", "-c", 'sleep 600 & echo $! >"$0/new"; mv "$0/new" "$1"; wait', folder, pids]
with ThreadPoolExecutor(1) as executor:
    executor.submit(process.run, command, folder, folder / "none", process.Limits(600)).result()
"""


def wait_for(condition, seconds=60):
    """-> the value of the condition, once it has one"""
    deadline = time.monotonic() + seconds
    while not (value := condition()):
        if time.monotonic() > deadline:
            raise AssertionError(f"not within {seconds} s")
        time.sleep(0.01)
    return value


class FakeESDK:
    """Writes and reads the messages of fake_message.py."""
    conventions = ()
    capabilities = Capabilities("esdk", "0", {"encrypt": {}, "decrypt": {}})
    verdict = ("passed", "")

    def write(self, command, manifest, out, format_, options):
        self.seeds = [*getattr(self, "seeds", []), options]
        return self.encrypt(manifest, out)

    def encrypt(self, manifest, out):
        plan = Plan(manifest)
        messages = {}
        for i in plan.tests:
            messages[i] = manifest.parent / f"message-{i}"
            messages[i].write_bytes(fake_message.write(plan.tests[i], plan.plaintext(i), [fake_message.aes_key("n", "k")]))
        return plan.write_set(messages, {}, {}, out).manifest

    def judge(self, task, vectors):
        return {i: self.verdict for i in json.loads((vectors / "decrypt-manifest.json").read_text())["tests"]}


class RunnerTests(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)
        tests = {"a": scenario(), "b": scenario(), "kms": scenario(description={"type": "aws-kms", "key": "k"})}
        write_json(self.folder / "keys.json", {"keys": {"k": {"key-id": "k"}}})
        write_json(self.folder / "plan.json", {
            "manifest": {"type": "awses-encrypt", "version": 5}, "keys": "file://keys.json", "plaintexts": {"p3": 3},
            "tests": {i: {"encryption-scenario": s} for i, s in tests.items()}})

    def run_with(self, behaviour, lacks=None, esdk=None, probes=False, jobs=1, faulty=None, **more):
        """-> section -> counts; every section's reasons are in self.results"""
        write_json(self.folder / "capabilities.json", {"client": {"name": "fake", "version": "1"},
                                                       "lacks": {"encrypt": {}, "decrypt": {}, **(lacks or {})}, **more})
        peer = Peer("fake", self.folder, (), lambda peer: [sys.executable, "-S", "-E", HERE / "fake_adapter.py"])
        self.results = Results()
        environment = {"FAKE": behaviour, **({"FAULTY": faulty} if faulty else {})}
        options = Options(jobs=jobs, limits=Limits(seconds=2, bytes=200 << 20))
        with mock.patch.object(exchange, "BUILD", self.folder), mock.patch.dict(os.environ, environment):
            exchange.Exchange(peer, Plan(self.folder / "plan.json"), esdk or FakeESDK(), self.results, options).run(probes)
        counts = {s.key.removeprefix("fake-"): s.counts() for s in self.results.sections}
        return {key: (c["passed"], c["failed"], c["skipped"]) for key, c in counts.items()}

    def test_honest_adapter_passes_and_kms_is_skipped(self):
        self.assertEqual(self.run_with("honest"), {
            "controls": (3, 0, 0), "reads": (2, 0, 1), "writes": (2, 0, 1), "reproduced": (2, 0, 1)})
        self.assertEqual(self.results.exit_code(), 0)
        self.assertEqual(self.results.closing_line(), "9 passed, 0 failed, 3 skipped")

    def reasons(self, key):
        return next(s for s in self.results.sections if s.key == "fake-" + key).failed

    def test_processes_that_share_the_tests_give_the_same(self):
        self.assertEqual(self.run_with("honest", jobs=3), self.run_with("honest"))
        self.assertEqual(self.run_with("refuse", jobs=3), self.run_with("refuse"))

    def test_wrong_plaintext_fails_whatever_the_adapter_says(self):
        self.assertEqual(self.run_with("wrong-plaintext")["reads"], (0, 2, 1))
        self.assertEqual(self.results.exit_code(), 1)

    def test_undeclared_refusal_and_undeclared_unsupported_fail(self):
        self.assertEqual(self.run_with("refuse")["reads"], (0, 2, 1))
        self.assertEqual(self.run_with("refuse")["writes"], (0, 2, 1))
        self.assertEqual(self.run_with("call-unsupported")["reads"], (0, 2, 1))

    def test_message_that_is_not_what_the_scenario_asks_for_fails_and_the_difference_is_named(self):
        """Although esdk opens it, and the plaintext is right."""
        for behaviour, reason in (
                ("drop-pair", "encryption context without 'b'"),
                ("add-pair", "encryption context with 'made', which was not asked for"),
                ("other-value", "encryption context with 'a'='other' instead of '1'"),
                ("other-suite", "suite 0178 instead of 0478"),
                ("signed-suite", "suite 0578 instead of 0478"),
                ("other-frame-length", "frame length 8192 instead of 4096"),
                ("non-framed", "frame length non-framed instead of 4096"),
                ("other-key-name", "no encrypted data key for raw AES 'n' 'k' of 48 bytes"),
                ("a-key-more", "an encrypted data key for 'n' "),
                ("shorter", "plaintext length 2 instead of 3"),
                ("no-message", "not a message: ")):
            with self.subTest(behaviour):
                counts = self.run_with(behaviour, faulty="b")
                self.assertEqual((counts["controls"], counts["reads"], counts["writes"]), ((3, 0, 0), (2, 0, 1), (1, 1, 1)))
                self.assertIn("not what the scenario asks for: " + reason, self.reasons("writes")["b"])

    def test_adapter_that_opens_altered_messages_fails_its_control(self):
        counts = self.run_with("open-anything")
        self.assertEqual(counts["controls"], (2, 1, 0))
        self.assertIn("decrypt/tampered", self.reasons("controls"))

    def test_adapter_that_claims_what_was_made_up_is_not_run(self):
        counts = self.run_with("claim-anything")
        self.assertEqual((counts["reads"], counts["writes"], counts["reproduced"]), ((0, 3, 0),) * 3)
        self.assertEqual(self.reasons("controls")["encrypt/unknown-key-description"], "done instead of unsupported")
        self.assertTrue(all("made up" in reason for reason in self.reasons("writes").values()))

    def test_adapter_of_another_version_than_declared_is_not_run(self):
        counts = self.run_with("other-version")
        self.assertEqual((counts["reads"], counts["writes"], counts["reproduced"]), ((0, 3, 0),) * 3)
        self.assertIn('"version": "2"', self.reasons("reads")["a"])

    def test_fault_is_that_of_the_one_test_that_brings_it_about(self):
        for behaviour, reason in (
                ("crash", "crash: it ended with exit code 1: something is rotten"),
                ("abort", "crash: it ended with SIGABRT"),
                ("hang", "hang: no result within 2 s"),
                ("take-memory", "memory: it took more than 200 MiB"),
                ("half-line", "crash: it ended with exit code 1: cut off"),
                ("half-line-and-well", 'void report: line 2 is not JSON: {"id": "b", "status"'),
                ("noise-in-report", "void report: line 2 is not JSON: WARNING: deprecated"),
                ("no-utf-8", "void report: line 2 is not JSON: \\xff"),
                ("missing-test", 'void report: it ends with {"complete": true, "done": 0, "refused": 0, "unsupported": 0} after 0 of 1 tests'),
                ("repeated-test", "void report: unexpected line: "),
                ("no-object", "void report: unexpected line: [{"),
                ("id-no-text", 'void report: unexpected line: {"id": ["b"]'),
                ("no-file", 'void report: unexpected line: {"id": "b", "status": "done"}'),
                ("other-file", "void report: ../../0, the output of b, is not in the folder"),
                ("no-output", "void report: 0, the output of b, is not in the folder")):
            for jobs in (1, 2) if behaviour in ("crash", "half-line", "no-file") else (1,):
                with self.subTest(behaviour, jobs=jobs):
                    counts = self.run_with(behaviour, faulty="b", jobs=jobs)
                    self.assertEqual((counts["controls"], counts["reads"], counts["writes"], counts["reproduced"]),
                                     ((3, 0, 0), (1, 1, 1), (1, 1, 1), (1, 1, 1)))
                    self.assertIn(reason, self.reasons("reads")["b"])
                    self.assertIn(reason, self.reasons("writes")["b"])

    def test_adapter_whose_every_report_is_void_passes_nothing(self):
        for behaviour in ("no-foot", "wrong-count", "crash-at-the-end"):
            with self.subTest(behaviour):
                counts = self.run_with(behaviour)
                self.assertEqual([counts[key][0] for key in counts], [0, 0, 0, 0])
                self.assertEqual(self.results.exit_code(), 1)

    def test_adapter_that_breaks_again_and_again_is_not_tried_for_ever(self):
        write_json(self.folder / "plan.json", {
            **json.loads((self.folder / "plan.json").read_text()),
            "tests": {f"t{n}": {"encryption-scenario": scenario()} for n in range(30)}})
        self.assertEqual(self.run_with("missing-test", faulty="t7")["reads"], (29, 1, 0))
        counts = self.run_with("no-output")
        self.assertEqual(counts["reads"], (0, 30, 0))
        self.assertEqual(sum("not run: 10 tests before it" in reason for reason in self.reasons("reads").values()), 20)

    def test_library_that_only_decrypts_says_so_with_one_switch(self):
        counts = self.run_with("honest", **{"decrypts-only": True})
        self.assertEqual((counts["controls"], counts["reads"], counts["writes"]), ((2, 0, 1), (2, 0, 1), (0, 0, 3)))
        self.assertEqual(self.results.exit_code(), 0)

    def test_declared_gap_is_skipped_and_is_not_given_to_the_adapter(self):
        counts = self.run_with("refuse", {"encrypt": {"raw-aes": "no AES"}, "decrypt": {"suite-0478": "no 0478"}})
        self.assertEqual((counts["reads"], counts["writes"]), ((0, 0, 3), (0, 0, 3)))
        self.assertEqual(self.results.exit_code(), 4, "nothing ran")

    def test_declared_gap_that_works_fails_when_probed(self):
        lacks = {"encrypt": {"raw-aes": "no AES"}, "decrypt": {"raw-aes": "no AES"}}
        counts = self.run_with("honest", lacks, probes=True)
        self.assertEqual((counts["gaps-reading"], counts["gaps-writing"]), ((0, 2, 0), (0, 2, 0)))
        counts = self.run_with("refuse", lacks, probes=True)
        self.assertEqual((counts["gaps-reading"], counts["gaps-writing"]), ((2, 0, 0), (2, 0, 0)))

    def test_what_esdk_skips_without_a_declaration_fails(self):
        esdk = FakeESDK()
        esdk.verdict = ("skipped", "some reason")
        self.assertEqual(self.run_with("honest", esdk=esdk)["writes"], (0, 2, 1))

    def test_features_of_scenarios(self):
        multi = {"type": "multi-keyring", "generator": {**AES, "provider-id": "é"},
                 "childKeyrings": [{"type": "raw", "provider-id": "n", "encryption-algorithm": "rsa"}]}
        required = {"type": "required-encryption-context-cmm", "underlying": {"type": "aws-kms-hierarchy", "key": "k"}}
        self.assertEqual(features(scenario(0), AES, 5), {"suite-0478", "non-framed", "raw-aes"})
        self.assertEqual(features(scenario(100), AES, 200),
                         {"suite-0478", "frame-length-not-multiple-of-128", "full-final-frame", "raw-aes"})
        self.assertEqual(features(scenario(), multi, 0), {"suite-0478", "multi-keyring", "raw-aes", "raw-rsa", "namespace-not-ascii"})
        self.assertEqual(features(scenario(), required, 1), {"suite-0478", "required-encryption-context", "aws-kms-hierarchy"})
        self.assertTrue(needs_kms(scenario(description=required)))
        self.assertFalse(needs_kms(scenario(description=multi)))

    def test_capabilities_of_every_peer_are_of_the_closed_list(self):
        for peer in PEERS.values():
            peer.capabilities()
        write_json(self.folder / "capabilities.json", {"client": {"name": "x", "version": "1"},
                                                       "lacks": {"encrypt": {"no-such-feature": ""}, "decrypt": {}}})
        with self.assertRaisesRegex(ValueError, "no-such-feature"):
            Capabilities.load(self.folder / "capabilities.json")
        for wrong in ({"decrypts_only": True}, {"decrypts-only": "yes"}):
            write_json(self.folder / "capabilities.json", {"client": {"name": "x", "version": "1"},
                                                           "lacks": {"encrypt": {}, "decrypt": {}}, **wrong})
            with self.assertRaisesRegex(ValueError, "decrypts-only"):
                Capabilities.load(self.folder / "capabilities.json")

    def test_many_messages_are_compared_by_one_number(self):
        def run(behaviour, number=5):
            esdk, self.results, output = FakeESDK(), Results(), io.StringIO()
            write_json(self.folder / "capabilities.json", {"client": {"name": "fake", "version": "1"}, "lacks": {"encrypt": {}, "decrypt": {}}})
            peer = Peer("fake", self.folder, (), lambda _: ["env", f"FAKE={behaviour}", sys.executable, HERE / "fake_adapter.py"])
            with (mock.patch.object(exchange, "BUILD", self.folder), mock.patch.object(accumulate, "say", lambda text: None),
                  contextlib.redirect_stdout(output)):
                accumulate.accumulate(number, "s", Plan(self.folder / "plan.json", "a scenario"), esdk, {"fake": peer}, self.results, Options())
            return esdk.seeds, output.getvalue().splitlines()

        seeds, lines = run("honest")
        self.assertEqual(seeds, [["--seed", "s 0"], ["--seed", "s 1"]])
        plaintext = Plan(self.folder / "plan.json").plaintext("a")
        five, four = (hashlib.sha256(hashlib.sha256(plaintext).digest() * n).hexdigest() for n in (5, 4))
        self.assertEqual(lines[1:], [f"{five}  5  plaintexts", f"{four}  4  plaintexts of fake"], "the one with a key in KMS is left out")
        self.assertEqual(self.results.exit_code(), 0)
        self.assertIn("instead of", run("wrong-plaintext")[1][2])
        self.assertIn("round 0, a: wrong plaintext", self.results.sections[0].failed["accumulated"])

    def test_runner_that_is_ended_ends_what_it_runs(self):
        """Even if it is told to between the start of a process and the look at it."""
        for when, told in (("while it waits", ""), ("while it starts", "process.subprocess.Popen = started_and_told")):
            with self.subTest(when):
                pids = self.folder / when
                runner = subprocess.Popen([sys.executable, "-c", RUNNER.format(runner=str(HERE.parent / "runner"), told=told), self.folder, pids],
                                          stderr=subprocess.DEVNULL)
                self.addCleanup(runner.kill)
                pid = int(wait_for(lambda: pids.exists() and pids.read_text()))
                if not told:
                    runner.terminate()
                self.assertNotEqual(runner.wait(60), 0)
                state = Path(f"/proc/{pid}/stat")
                wait_for(lambda: not state.exists() or state.read_text().rpartition(")")[2].split()[0] == "Z")

    def test_library_that_cannot_be_fetched_is_unavailable_with_the_reason(self):
        with self.assertRaisesRegex(Unavailable, "could not fetch the library: error: no such host"):
            fetch(sys.executable, "-c", "import sys; sys.exit('some noise\\nerror: no such host\\nmore')", cwd=self.folder)


if __name__ == "__main__":
    unittest.main()
