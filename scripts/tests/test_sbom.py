"""The bill of materials names what is there, and the check finds what is missing."""
import copy
import importlib.machinery
import importlib.util
import json
import shutil
import subprocess
import sys
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
sys.dont_write_bytecode = True


def sbom():
    loader = importlib.machinery.SourceFileLoader("sbom", str(ROOT / "scripts/sbom"))
    module = importlib.util.module_from_spec(importlib.util.spec_from_loader("sbom", loader))
    loader.exec_module(module)
    return module


@unittest.skipUnless(shutil.which("pkg-config"), "needs pkg-config")
class BillTests(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.sbom = sbom()
        cls.text = subprocess.run([ROOT / "scripts/sbom"], stdout=subprocess.PIPE, check=True, text=True).stdout
        cls.bill = json.loads(cls.text)

    def test_it_has_what_the_specification_requires(self):
        self.assertEqual(self.sbom.problems(self.bill), [])

    def test_it_is_the_same_each_time(self):
        self.assertEqual(json.dumps(self.sbom.bill(), indent=2) + "\n", self.text)

    def test_it_names_the_package_the_system_libraries_and_hashed_python_packages(self):
        components = {component["name"]: component for component in self.bill["components"]}
        self.assertEqual(self.bill["metadata"]["component"]["name"], "aws-encryption-sdk-swift")
        for name in ("libcrypto", "json-c", "libcurl"):
            version = subprocess.run(["pkg-config", "--modversion", name], stdout=subprocess.PIPE, text=True).stdout.strip()
            self.assertIn(version, components[name]["version"])
            if shutil.which("dpkg"):
                self.assertRegex(components[name]["purl"], r"^pkg:deb/\w+/lib[^/]+@.+\?arch=\w+&distro=")
        python = [component for component in self.bill["components"] if component["purl"].startswith("pkg:pypi/")]
        self.assertIn("aws-encryption-sdk", components)
        self.assertGreater(len(python), 20)
        self.assertTrue(all(component["hashes"] and component["scope"] == "excluded" for component in python))

    def test_the_check_finds_what_is_wrong(self):
        def changed(change):
            bill = copy.deepcopy(self.bill)
            change(bill)
            return self.sbom.problems(bill)

        for change in (
            lambda bill: bill.pop("bomFormat"),
            lambda bill: bill.update(specVersion="2"),
            lambda bill: bill.update(version="1"),
            lambda bill: bill.update(serialNumber="urn:uuid:1"),
            lambda bill: bill["components"][0].pop("name"),
            lambda bill: bill["components"][0].pop("version"),
            lambda bill: bill["components"][0].update(type="thing"),
            lambda bill: bill["components"][0].update(purl="libssl3"),
            lambda bill: bill["components"][-1]["hashes"][0].update(content="00"),
            lambda bill: bill["components"].append(bill["components"][0]),
            lambda bill: bill["dependencies"][0]["dependsOn"].append("nothing"),
        ):
            self.assertNotEqual(changed(change), [])


if __name__ == "__main__":
    unittest.main()
