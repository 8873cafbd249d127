"""What the runner makes of the sets of published plans: those that esdk writes, and what a peer says of them."""
import json
import sys
import tempfile
import unittest
from pathlib import Path
from unittest import mock

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent / "runner")]

import fake_message
import published
from adapter import Outcome
from capabilities import Capabilities
from peers import Broken
from plan import write_json
from results import Results

AES = {"type": "raw", "key": "a", "provider-id": "n", "encryption-algorithm": "aes"}
PLAN = published.PublishedPlan("small", "plans/plan.json", "generate", "v2")
SCENARIO = {"plaintext": "small", "algorithm": "0478", "frame-size": 4, "encryption-context": {}, "master-keys": [AES]}
MESSAGE = fake_message.write({"algorithmSuiteId": "0478", "frame-size": 4, "encryption-context": {}}, b"12345", [])


class FakeESDK:
    """Writes what the plan says, but for `change`, which may alter the manifest and the folder of the set."""

    def __init__(self, change=lambda manifest, folder: None):
        self.change = change

    def write(self, command, manifest, folder, format_):
        for name in ("plaintexts", "ciphertexts"):
            (folder / name).mkdir(parents=True)
        (folder / "plaintexts/small").write_bytes(b"12345")
        (folder / "ciphertexts/c").write_bytes(MESSAGE)
        test = {"ciphertext": "file://ciphertexts/c", "master-keys": [AES]}
        good, bad = {"output": {"plaintext": "file://plaintexts/small"}}, {"error": {"error-description": "no"}}
        content = {"manifest": {"type": "awses-decrypt", "version": 2}, "keys": "file://keys.json", "tests": {
            "good": {**test, "result": good}, "bad-at-1": {**test, "result": bad}, "bad-at-2": {**test, "result": bad}}}
        write_json(folder / "unsupported.json", {})
        self.change(content, folder)
        return content


class FakeAdapter:
    capabilities = Capabilities("fake", "1", {"encrypt": {}, "decrypt": {}})

    def __init__(self, **outcomes):
        self.outcomes = {"good": Outcome("done", output=Path("plaintexts/small")), "bad_at_1": Outcome("refused"),
                         "bad_at_2": Outcome("refused"), **outcomes}

    def run(self, action, manifest, out):
        outcomes = {name.replace("_", "-"): o for name, o in self.outcomes.items()}
        asked = json.loads(manifest.read_text())["tests"]
        return {i: Outcome(o.status, o.detail, o.output and manifest.parent / o.output) for i, o in outcomes.items() if i in asked}


class PublishedPlanTests(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)
        (self.folder / "plans").mkdir()
        write_json(self.folder / "plans/keys.json", {"keys": {"a": {"type": "symmetric"}}})
        write_json(self.folder / "plans/plan.json", {
            "manifest": {"type": "awses-decrypt-generate", "version": 2}, "keys": "file://keys.json", "plaintexts": {"small": 5},
            "tests": {"good": {"encryption-scenario": SCENARIO}, "bad": {"encryption-scenario": SCENARIO, "tampering": "truncate"}}})

    def counts(self, esdk=None, adapter=None):
        """-> (passed, failed, skipped) of what must be decrypted, and of what must be refused"""
        self.results = Results()
        with mock.patch.object(published, "PLANS", (PLAN,)), mock.patch.object(published, "BUILD", self.folder):
            published.exchange(self.folder, esdk or FakeESDK(), {"fake": adapter or FakeAdapter()}, self.results)
        return [tuple(len(x) for x in (s.passed, s.failed, s.skipped)) for s in self.results.sections]

    def test_honest_peer_passes_and_nothing_stays(self):
        self.assertEqual(self.counts(), [(1, 0, 0), (2, 0, 0)])
        self.assertFalse((self.folder / "published/run").exists())

    def test_peer_that_decrypts_what_must_be_refused_fails_and_its_outputs_stay(self):
        adapter = FakeAdapter(bad_at_1=Outcome("done", output=Path("plaintexts/small")))
        self.assertEqual(self.counts(adapter=adapter), [(1, 0, 0), (1, 1, 0)])
        self.assertTrue((self.folder / "published/run/small").exists())

    def test_wrong_plaintext_refusal_and_undeclared_unsupported_fail(self):
        for outcome in (Outcome("done", output=Path("ciphertexts/c")), Outcome("refused"), Outcome("unsupported")):
            self.assertEqual(self.counts(adapter=FakeAdapter(good=outcome)), [(0, 1, 0), (2, 0, 0)])
        self.assertEqual(self.counts(adapter=FakeAdapter(bad_at_1=Outcome("unsupported"))), [(1, 0, 0), (1, 1, 0)])

    def test_peer_that_breaks_fails_every_test(self):
        adapter = FakeAdapter()
        adapter.run = mock.Mock(side_effect=Broken("no report"))
        self.assertEqual(self.counts(adapter=adapter), [(0, 1, 0), (0, 2, 0)])

    def test_declared_gap_is_skipped_and_not_asked_for(self):
        for feature in ("raw-aes", "manifest-v2"):
            adapter = FakeAdapter(good=Outcome("refused"))
            adapter.capabilities = Capabilities("fake", "1", {"encrypt": {}, "decrypt": {feature: "cannot"}})
            self.assertEqual(self.counts(adapter=adapter), [(0, 0, 1), (0, 0, 2)])
        adapter.capabilities = Capabilities("fake", "1", {"encrypt": {}, "decrypt": {"suite-0478": "cannot"}})
        self.assertEqual(self.counts(adapter=adapter), [(0, 0, 1), (2, 0, 0)], "of the message, which may be broken")

    def test_set_that_lacks_tests_of_the_plan_fails(self):
        def lose(*ids):
            return FakeESDK(lambda manifest, folder: [manifest["tests"].pop(i) for i in ids])

        self.assertEqual(self.counts(lose("good")), [(0, 1, 0), (2, 0, 0)])
        self.assertEqual(self.counts(lose("bad-at-1", "bad-at-2")), [(1, 1, 0)])
        self.assertEqual(self.results.sections[0].failed, {"bad": "esdk did not write it"})

        def give_up(manifest, folder):
            del manifest["tests"]["good"]
            write_json(folder / "unsupported.json", {"good": "some reason"})

        self.counts(FakeESDK(give_up))
        self.assertEqual(self.results.sections[0].failed, {"good": "some reason"})

    def test_set_that_expects_something_else_than_the_plan_fails(self):
        def exchange_results(manifest, folder):
            tests = manifest["tests"]
            tests["good"]["result"], tests["bad-at-1"]["result"] = tests["bad-at-1"]["result"], tests["good"]["result"]

        self.assertEqual(self.counts(FakeESDK(exchange_results)), [(0, 1, 0), (1, 1, 0)])
        self.assertEqual(self.counts(FakeESDK(lambda m, f: (f / "plaintexts/small").write_bytes(b"1234"))), [(0, 1, 0), (2, 0, 0)])

        def invent(manifest, folder):
            manifest["tests"]["other"] = manifest["tests"]["good"]

        self.assertEqual(self.counts(FakeESDK(invent)), [(1, 1, 0), (2, 0, 0)])

        self.counts(FakeESDK(lambda m, f: (f / "ciphertexts/c").write_bytes(MESSAGE[:-1])))
        self.assertIn("not a message: the tag of frame 2, of 16 bytes", self.results.sections[0].failed["good"])

    def test_plan_that_esdk_does_not_write_fails(self):
        esdk = FakeESDK()
        esdk.write = mock.Mock(side_effect=Broken("exit code 2"))
        self.assertEqual(self.counts(esdk), [(0, 1, 0)])

    def test_kms_keys_of_aws_are_replaced_by_local_ones(self):
        write_json(self.folder / "plans/keys.json", {"keys": {
            "us-west-2-rsa-mrk": {"type": "aws-kms-rsa", "material": "that of AWS"}, "a": {"type": "symmetric"}}})
        path = published.with_local_keys(self.folder / "plans/plan.json", self.folder / "copy")
        keys = json.loads((path.parent / "keys.json").read_text())["keys"]
        local = json.loads(published.LOCAL_KEYS.read_text())["keys"]
        self.assertEqual(keys, {"us-west-2-rsa-mrk": local["us-west-2-rsa-mrk"], "a": {"type": "symmetric"}})
        write_json(self.folder / "plans/keys.json", {"keys": {"unknown": {"type": "aws-kms-ecdh"}}})
        with self.assertRaisesRegex(Broken, "has no unknown"):
            published.with_local_keys(self.folder / "plans/plan.json", self.folder / "other")


if __name__ == "__main__":
    unittest.main()
