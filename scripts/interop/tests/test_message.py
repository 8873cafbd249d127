"""What the reader of messages reads, in those that other implementations wrote and in broken ones."""
import json
import sys
import unittest
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[2]
sys.path[:0] = [str(HERE), str(HERE.parent / "runner")]

import fake_message
from message import Malformed, Message, read
from scenario import compressed, differences

PLAN, KEYS = (json.loads((ROOT / "manifests/interop" / name).read_text()) for name in ("encrypt-manifest.json", "keys.json"))
SETS = [path.parent for path in sorted((ROOT / "vectors").glob("*/decrypt-manifest.json"))]
SCENARIO = {"algorithmSuiteId": "0478", "frame-size": 4, "encryption-context": {"k": "v"}}


def messages(folder):
    """-> id, scenario of the plan, message"""
    for i, test in json.loads((folder / "decrypt-manifest.json").read_text())["tests"].items():
        if i in PLAN["tests"]:
            yield i, PLAN["tests"][i]["encryption-scenario"], (folder / "ciphertexts" / i).read_bytes()


class MessageTests(unittest.TestCase):
    def test_what_seven_implementations_wrote_is_what_their_scenarios_asked_for(self):
        self.assertGreaterEqual(len(SETS), 7)
        for folder in SETS:
            with self.subTest(folder.name):
                for i, scenario, content in messages(folder):
                    self.assertEqual(differences(content, scenario, KEYS["keys"], PLAN["plaintexts"][scenario["plaintext"]]), [], i)

    def test_scenario_of_another_kind_is_told_from_each(self):
        """Each message, held against scenarios of the plan that differ: nothing is taken for something else."""
        folder = ROOT / "vectors/python-4.0.7"
        kinds = {}
        for i, s, content in messages(folder):
            if s["encryptKeyDescription"]["type"] != "required-encryption-context-cmm":
                kinds.setdefault(json.dumps(s["encryptKeyDescription"], sort_keys=True), (s, content))
        self.assertGreater(len(kinds), 30)
        for name, (scenario, content) in kinds.items():
            for other, (asked, _) in kinds.items():
                asked = {**scenario, "encryptKeyDescription": asked["encryptKeyDescription"]}
                found = differences(content, asked, KEYS["keys"], PLAN["plaintexts"][scenario["plaintext"]])
                same = self.writes_the_same(name) == self.writes_the_same(other)
                self.assertEqual(found == [], same, (name, other, found))

    def writes_the_same(self, name):
        """-> the key description without what cannot be seen in a message"""
        for padding in ('"padding-algorithm": "pkcs1"', '"padding-algorithm": "oaep-mgf1"', '"encryption-algorithm": "RSAES_OAEP_SHA_1"',
                        '"encryption-algorithm": "RSAES_OAEP_SHA_256"', *(f'"padding-hash": "sha{n}"' for n in (1, 256, 384, 512))):
            name = name.replace(padding, "")
        return name.replace("aws-kms-mrk-aware", "aws-kms").replace("-private", "-public")

    def test_message_that_is_cut_off_or_goes_on_is_none(self):
        for s in (SCENARIO, {**SCENARIO, "frame-size": 0}, {**SCENARIO, "algorithmSuiteId": "0378"}):
            content = fake_message.write(s, b"12345", [fake_message.aes_key("n", "k")])
            self.assertEqual(read(content).length, 5)
            footer = len(content) - 2 - 87 if s["algorithmSuiteId"] == "0378" else None
            for end in range(len(content)):
                if end == footer:
                    self.assertIsNone(read(content[:end]).signature)
                    continue
                with self.assertRaises(Malformed):
                    read(content[:end])
            with self.assertRaises(Malformed):
                read(content + b"\0")

    def test_fields(self):
        content = fake_message.write(SCENARIO, b"12345678", [(b"p", b"i", 3)])
        message = read(content)
        self.assertEqual((message.suite, message.context, message.frame, message.length), ("0478", {"k": "v"}, 4, 8))
        self.assertEqual([(k.provider, k.info, len(k.ciphertext)) for k in message.keys], [(b"p", b"i", 3)])
        self.assertEqual(message.features(), {"suite-0478", "full-final-frame", "frame-length-not-multiple-of-128"})
        self.assertEqual(Message("0014", {}, [], 512, 512, False, None).features(), {"suite-0014"}, "an empty final frame follows")
        self.assertEqual(Message("0014", {}, [], 0, 512, False, None).features(), {"suite-0014", "non-framed"})

    def test_broken_fields_are_named(self):
        content = fake_message.write(SCENARIO, b"12345678", [(b"p", b"i", 3)])
        for old, new, reason in ((b"\2\4\x78", b"\2\4\x79", "suite 0479"), (b"\2\4\x78", b"\1\x80\4\x78", "suite 0478 in a message of version 1"),
                                 (b"\0\1k\0\1v", b"\0\1k\0\1\xff", "not UTF-8"), (b"\xff" * 4 + b"\0\0\0\2", b"\xff" * 4 + b"\0\0\0\3", "sequence number 3"),
                                 (b"\0\0\0\4" + b"5678", b"\0\0\0\5" + b"5678", "the final frame has 5 bytes"),
                                 (b"\2\0\0\0\4", b"\2\0\0\0\0", "content type 2 with frame length 0")):
            self.assertEqual(content.count(old), 1)
            with self.assertRaisesRegex(Malformed, reason):
                read(content.replace(old, new))

    def test_points_are_compressed_as_the_wire_has_them(self):
        for curve, size in (("256", 33), ("384", 49), ("521", 67)):
            entry = KEYS["keys"][f"ecc-{curve}-private"]
            point = compressed(entry["recipient-material-public-key"])
            self.assertEqual(len(point), size)
            self.assertIn(point[0], (2, 3))


if __name__ == "__main__":
    unittest.main()
