"""The plan of scenarios that every implementation encrypts, and sets of messages made from it."""
import json
import random
from pathlib import Path

# What a decrypt manifest takes over from an encrypt manifest, as it is.
SHARED = ("algorithmSuiteId", "frame-size", "description", "decryptKeyDescription", "reproduced-encryption-context")


class VectorSet:
    """A set of vectors, with a decrypt manifest of version 5."""

    def __init__(self, folder: Path, manifest=None):
        self.folder = folder
        if manifest is None:
            path = next((folder / name for name in ("decrypt-manifest.json", "manifest.json") if (folder / name).is_file()), None)
            if path is None:
                raise ValueError(f"{folder} has neither decrypt-manifest.json nor manifest.json")
            manifest = json.loads(path.read_text(encoding="utf-8"))
        self.manifest, self.tests = manifest, manifest["tests"]
        if manifest["manifest"] != {"type": "awses-decrypt", "version": 5}:
            raise ValueError(f"{folder}: {manifest['manifest']} is not awses-decrypt version 5")

    def file(self, uri):
        return self.folder / uri.removeprefix("file://")

    def scenario(self, i):
        return self.tests[i]["decryption-scenario"]

    def message(self, i):
        return self.file(self.scenario(i)["ciphertext"]).read_bytes()

    def plaintext(self, i):
        """-> the plaintext; None where the message must be refused"""
        result = self.scenario(i)["result"]
        return self.file(result).read_bytes() if isinstance(result, str) else None

    def some(self, ids):
        """-> the tests with these ids that there are"""
        return {i: self.tests[i] for i in ids if i in self.tests}

    def write(self, name, tests):
        """Writes a manifest with these tests next to the others. -> its path"""
        return write_json(self.folder / f"{name}.json", {**self.manifest, "tests": tests})


class Plan:
    """An `awses-encrypt` v5 manifest with its keys, and the plaintexts in its folder (made up if missing)."""

    def __init__(self, path: Path, only=""):
        self.manifest = json.loads(path.read_text(encoding="utf-8"))
        kind = self.manifest["manifest"]
        if kind != {"type": "awses-encrypt", "version": 5}:
            raise ValueError(f"{path}: {kind} is not awses-encrypt version 5")
        self.keys = (path.parent / self.manifest["keys"].removeprefix("file://")).read_bytes()
        self.key_entries = json.loads(self.keys)["keys"]
        self.plaintexts = {}
        for name, size in self.manifest["plaintexts"].items():
            file = path.parent / "plaintexts" / name
            self.plaintexts[name] = file.read_bytes() if file.exists() else random.Random(size).randbytes(size)
            if len(self.plaintexts[name]) != size:
                raise ValueError(f"{file} is not of {size} bytes")
        tests = {i: test["encryption-scenario"] for i, test in self.manifest["tests"].items()}
        self.all = tests.keys()
        self.tests = {i: s for i, s in tests.items() if only in i or only in s["description"]}
        self.descriptions = {i: s["description"] for i, s in self.tests.items()}

    def plaintext(self, i):
        return self.plaintexts[self.tests[i]["plaintext"]]

    def write(self, ids, folder: Path, controls=None):
        """Writes the part of the plan that has these ids. -> the path of its manifest"""
        tests = {i: {"encryption-scenario": s} for i, s in {**{i: self.tests[i] for i in ids}, **(controls or {})}.items()}
        self.write_files(folder)
        return write_json(folder / "encrypt-manifest.json", {**self.manifest, "keys": "file://keys.json", "tests": tests})

    def write_set(self, outputs, client, unsupported, folder: Path):
        """Writes a set of vectors: these files (test id -> path) as ciphertexts. -> the VectorSet"""
        self.write_files(folder)
        (folder / "ciphertexts").mkdir()
        tests = {}
        for i, output in outputs.items():
            s = self.tests[i]
            (folder / "ciphertexts" / i).write_bytes(output.read_bytes())
            tests[i] = {"decryption-scenario": {
                "type": "positive-esdk", "ciphertext": f"file://ciphertexts/{i}", "result": f"file://plaintexts/{s['plaintext']}",
                **{name: s[name] for name in SHARED if name in s}}}
        write_json(folder / "unsupported.json", unsupported)
        manifest = {"manifest": {"type": "awses-decrypt", "version": 5}, "client": client, "keys": "file://keys.json", "tests": tests}
        write_json(folder / "decrypt-manifest.json", manifest)
        return VectorSet(folder, manifest)

    def write_files(self, folder):
        (folder / "plaintexts").mkdir(parents=True)
        (folder / "keys.json").write_bytes(self.keys)
        for name, content in self.plaintexts.items():
            (folder / "plaintexts" / name).write_bytes(content)


def write_json(path, value):
    path.write_text(json.dumps(value, indent=1) + "\n", encoding="utf-8")
    return path
