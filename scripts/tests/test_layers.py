"""What scripts/check-layers refuses, in a tree of two targets."""
import shutil
import subprocess
import tempfile
import unittest
from pathlib import Path

SCRIPTS = Path(__file__).resolve().parent.parent


class LayerTests(unittest.TestCase):
    def check(self, target, text, file="File.swift"):
        """-> the exit code, what was printed"""
        with tempfile.TemporaryDirectory() as root:
            root = Path(root)
            (root / "scripts").mkdir()
            for name in ("check-layers", "help.sh"):
                shutil.copy(SCRIPTS / name, root / "scripts")
            for name, content in (("ESDKSystem/File.swift", "internal import Glibc\n"), (f"{target}/{file}", text)):
                (root / "Sources" / name).parent.mkdir(parents=True, exist_ok=True)
                (root / "Sources" / name).write_text(content)
            done = subprocess.run([root / "scripts/check-layers"], capture_output=True, text=True)
            return done.returncode, done.stdout

    def test_what_a_layer_may_import_passes(self):
        self.assertEqual(self.check("MessageForge", "import ESDKCrypto\npublic import AWSMaterialProviders\n// import Foundation\n"),
                         (0, "layers: every import is allowed\n"))

    def test_the_second_reading_of_messages_may_not_import_the_library_that_it_checks(self):
        for spelling in ("import", "internal import", "package import", "@_exported public import", "@testable import",
                         "@preconcurrency @_spi(Forge) import", "  import", "import struct"):
            with self.subTest(spelling):
                member = ".EncryptionSDK" if "struct" in spelling else ""
                code, text = self.check("MessageForge", f"import ESDKCrypto\n{spelling} AWSEncryptionSDK{member}\n", "Deep/File.swift")
                self.assertEqual((code, text), (1, "Sources/MessageForge/Deep/File.swift:2: MessageForge may not import AWSEncryptionSDK\n"))

    def test_the_core_may_not_import_foundation_nor_a_c_library_of_others(self):
        for target, module in (("AWSEncryptionSDK", "Foundation"), ("AWSMaterialProviders", "COpenSSL"), ("ESDKTestVectors", "CCurl"),
                               ("AWSMaterialProviders", "AWSServiceClients"), ("ESDKCrypto", "AWSMaterialProviders")):
            self.assertEqual(self.check(target, f"import {module}\n")[0], 1, (target, module))

    def test_target_that_is_not_in_the_table_is_refused(self):
        self.assertEqual(self.check("Newcomer", "")[0], 1)


if __name__ == "__main__":
    unittest.main()
