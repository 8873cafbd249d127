"""What the runner makes of adapters that do not do what they should. Run: python3 -m unittest discover scripts/interop/tests"""
import json
import os
import sys
import tempfile
import unittest
from pathlib import Path
from unittest import mock

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "runner"))

import exchange
from capabilities import Capabilities, features, needs_kms
from peers import PEERS, Peer, Unavailable, fetch
from plan import Plan, write_json
from results import Results

AES = {"type": "raw", "key": "k", "provider-id": "n", "encryption-algorithm": "aes"}


def scenario(frame=4096, description=AES, suite="0478", plaintext="p3"):
    return {"type": "positive-esdk", "plaintext": plaintext, "description": "a scenario", "algorithmSuiteId": suite, "frame-size": frame,
            "encryptKeyDescription": description, "decryptKeyDescription": description, "encryption-context": {},
            "reproduced-encryption-context": {}}


class FakeESDK:
    """Writes and reads the messages of fake_adapter.py: the plaintext and one byte."""
    conventions = ()
    capabilities = Capabilities("esdk", "0", {"encrypt": {}, "decrypt": {}})
    verdict = ("passed", "")

    def encrypt(self, manifest, out):
        plan = Plan(manifest)
        messages = {}
        for i in plan.tests:
            messages[i] = manifest.parent / f"message-{i}"
            messages[i].write_bytes(plan.plaintext(i) + b"\0")
        return json.loads(plan.write_set(messages, {}, {}, out).read_text())

    def judge(self, task, vectors):
        return {i: self.verdict for i in json.loads((vectors / "decrypt-manifest.json").read_text())["tests"]}


class RunnerTests(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)
        tests = {"a": scenario(), "b": scenario(), "kms": scenario(description={"type": "aws-kms", "key": "k"})}
        write_json(self.folder / "keys.json", {"keys": {}})
        write_json(self.folder / "plan.json", {
            "manifest": {"type": "awses-encrypt", "version": 5}, "keys": "file://keys.json", "plaintexts": {"p3": 3},
            "tests": {i: {"encryption-scenario": s} for i, s in tests.items()}})

    def run_with(self, behaviour, lacks=None, esdk=None, probes=False, jobs=1):
        """-> section -> counts; every section's reasons are in self.results"""
        write_json(self.folder / "capabilities.json", {"client": {"name": "fake", "version": "1"},
                                                       "lacks": {"encrypt": {}, "decrypt": {}, **(lacks or {})}})
        peer = Peer("fake", self.folder, (), lambda peer: [sys.executable, HERE / "fake_adapter.py"])
        self.results = Results()
        with mock.patch.object(exchange, "BUILD", self.folder), mock.patch.dict(os.environ, FAKE=behaviour):
            exchange.Exchange(peer, Plan(self.folder / "plan.json"), esdk or FakeESDK(), self.results, jobs=jobs).run(probes)
        counts = {s.key.removeprefix("fake-"): s.counts() for s in self.results.sections}
        return {key: (c["passed"], c["failed"], c["skipped"]) for key, c in counts.items()}

    def test_honest_adapter_passes_and_kms_is_skipped(self):
        self.assertEqual(self.run_with("honest"), {
            "controls": (3, 0, 0), "reads": (2, 0, 1), "writes": (2, 0, 1), "reproduced": (2, 0, 1)})
        self.assertEqual(self.results.exit_code(), 0)
        self.assertEqual(self.results.closing_line(), "9 passed, 0 failed, 3 skipped")

    def test_processes_that_share_the_tests_give_the_same(self):
        self.assertEqual(self.run_with("honest", jobs=3), self.run_with("honest"))
        self.assertEqual(self.run_with("refuse", jobs=3), self.run_with("refuse"))
        self.assertEqual(self.run_with("missing-test", jobs=2)["reads"], (0, 2, 1))

    def test_wrong_plaintext_fails_whatever_the_adapter_says(self):
        self.assertEqual(self.run_with("wrong-plaintext")["reads"], (0, 2, 1))
        self.assertEqual(self.results.exit_code(), 1)

    def test_undeclared_refusal_and_undeclared_unsupported_fail(self):
        self.assertEqual(self.run_with("refuse")["reads"], (0, 2, 1))
        self.assertEqual(self.run_with("refuse")["writes"], (0, 2, 1))
        self.assertEqual(self.run_with("call-unsupported")["reads"], (0, 2, 1))

    def test_adapter_that_opens_tampered_messages_fails_its_control(self):
        counts = self.run_with("open-anything")
        self.assertEqual(counts["controls"], (2, 1, 0))
        self.assertIn("decrypt/tampered", self.results.sections[0].failed)

    def test_void_reports_fail_every_test(self):
        for behaviour in ("no-foot", "missing-test", "repeated-test", "other-version", "crash", "no-output", "no-object", "id-no-text",
                          "no-file", "warning"):
            with self.subTest(behaviour):
                counts = self.run_with(behaviour)
                self.assertEqual((counts["reads"], counts["writes"], counts["reproduced"]), ((0, 2, 1),) * 3)
                self.assertEqual(counts["controls"][0], 0)

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

    def test_library_that_cannot_be_fetched_is_unavailable_with_the_reason(self):
        with self.assertRaisesRegex(Unavailable, "could not fetch the library: error: no such host"):
            fetch(sys.executable, "-c", "import sys; sys.exit('some noise\\nerror: no such host\\nmore')", cwd=self.folder)


if __name__ == "__main__":
    unittest.main()
