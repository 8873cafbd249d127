"""Decrypt manifests and keys manifests of every version, as the Python adapters read them, and what they report."""
import json
import sys
import tempfile
import unittest
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "python"))

import contract
import dialects

AES = {"type": "raw", "key": "a", "provider-id": "n", "encryption-algorithm": "aes"}
KMS = {"type": "aws-kms", "key": "k"}


class DialectTests(unittest.TestCase):
    def test_version_1_has_a_plaintext_instead_of_a_result(self):
        test = {"plaintext": "file://plaintexts/p", "ciphertext": "file://ciphertexts/c", "master-keys": [KMS]}
        s = dialects.scenario(test, 1)
        self.assertEqual((s["ciphertext"], s["decryptKeyDescription"]), ("file://ciphertexts/c", KMS))
        self.assertFalse(dialects.is_unsigned_stream(s))

    def test_first_of_several_master_keys_is_the_generator(self):
        s = dialects.scenario({"ciphertext": "c", "master-keys": [AES, KMS, AES]}, 2)
        self.assertEqual(s["decryptKeyDescription"], {"type": "multi-keyring", "generator": AES, "childKeyrings": [KMS, AES]})

    def test_context_is_reproduced_only_where_it_is_required(self):
        test = {"ciphertext": "c", "master-keys": [AES], "cmm": "Default", "encryption-context": {"b": "1", "a": "2"}}
        self.assertEqual(dialects.scenario(test, 4)["reproduced-encryption-context"], {})
        self.assertEqual(dialects.scenario({**test, "cmm": None}, 4)["decryptKeyDescription"], AES)
        s = dialects.scenario({**test, "cmm": "RequiredEncryptionContext"}, 4)
        self.assertEqual(s["reproduced-encryption-context"], {"b": "1", "a": "2"})
        self.assertEqual(s["decryptKeyDescription"], {"type": "required-encryption-context-cmm", "underlying": AES,
                                                      "requiredEncryptionContextKeys": ["a", "b"]})

    def test_unsigned_stream_is_asked_for_in_every_version(self):
        test = {"ciphertext": "c", "master-keys": [AES], "decryption-method": "streaming-unsigned-only"}
        for version in (2, 3, 4):
            self.assertTrue(dialects.is_unsigned_stream(dialects.scenario(test, version)))
        self.assertTrue(dialects.is_unsigned_stream(dialects.scenario({"decryption-scenario": test}, 5)))

    def test_what_is_not_known_is_not_taken_for_the_default(self):
        for other in ({"cmm": "Caching"}, {"decryption-method": "backwards"}):
            with self.assertRaises(dialects.Unknown):
                dialects.is_unsigned_stream(dialects.scenario({"ciphertext": "c", "master-keys": [AES], **other}, 4))

    def test_keys_of_version_1_have_lines_and_no_ids(self):
        keys = dialects.keys({"keys": {"r": {"material": ["one", "two"], "line-separator": "\n"}, "a": {"material": ["x"]},
                                       "k": {"key-id": "arn"}, "m": {"key-id": "id", "material": "text"}}})
        self.assertEqual((keys["r"]["material"], keys["r"]["key-id"]), ("one\ntwo", "r"))
        self.assertEqual(keys["a"]["material"], "x")
        self.assertEqual(keys["k"], {"key-id": "arn"})
        self.assertEqual((keys["m"]["material"], keys["m"]["key-id"]), ("text", "id"))


class OutcomeTests(unittest.TestCase):
    def outcome(self, call):
        with tempfile.TemporaryDirectory() as folder:
            return contract.outcome(lambda test: call, {}, Path(folder) / "0")

    def test_only_an_error_of_the_library_is_a_refusal(self):
        self.assertEqual(self.outcome(lambda: json.loads("{"))["status"], "refused")
        with self.assertRaises(KeyError):
            self.outcome(lambda: {}["a slip of the adapter"])
        with self.assertRaises(FileNotFoundError):
            contract.outcome(lambda test: Path("/no/such/ciphertext").read_bytes(), {}, Path("0"))

    def test_unsupported_is_said_by_the_adapter_or_of_the_test(self):
        def unsupported(error):
            raise error

        self.assertEqual(self.outcome(lambda: unsupported(contract.Unsupported("x"))), {"status": "unsupported", "detail": "x"})
        self.assertEqual(contract.outcome(lambda test: unsupported(dialects.Unknown("y")), {}, Path("0")),
                         {"status": "unsupported", "detail": "y"})


if __name__ == "__main__":
    unittest.main()
