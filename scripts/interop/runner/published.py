"""The plans that AWS has published for its own implementations: esdk encrypts them in full, and a peer decrypts it all."""
import fcntl
import json
import shutil
from dataclasses import dataclass
from pathlib import Path

import message
from adapter import complaint
from capabilities import features_of_keys_and_method
from peers import BUILD, ROOT, Broken, Unavailable, say
from plan import write_json

# Their keys are in accounts of AWS. Those that the local AWS has in their place are in this file, under the same names.
LOCAL_KEYS = ROOT / "manifests/interop/keys.json"
KEYS_IN_KMS = ("aws-kms-rsa", "aws-kms-ecdh")


@dataclass(frozen=True)
class PublishedPlan:
    name: str
    path: str  # below the folder of all
    command: str  # of esdk vectors
    format: str  # of the set: one that those who can read the plan can read as well


PLANS = (
    PublishedPlan("framework-encrypt-v1", "framework/0003-awses-message-encryption.v1.json", "encrypt", "v5"),
    PublishedPlan("framework-encrypt-v2", "framework/0003-awses-message-encryption.v2.json", "encrypt", "v2"),
    PublishedPlan("framework-generate-v1", "framework/0006-awses-message-decryption-generation.v1.json", "generate", "v2"),
    PublishedPlan("framework-generate-v2", "framework/0006-awses-message-decryption-generation.v2.json", "generate", "v2"),
    PublishedPlan("dafny-encrypt-v4", "dafny/encrypt-manifest.v4.json", "encrypt", "v4"),
    PublishedPlan("dafny-encrypt-v5", "dafny/encrypt-manifest.v5.json", "encrypt", "v5"),
    PublishedPlan("dafny-thousand", "dafny/thousand-encrypt-manifest.json", "encrypt", "v5"),
    PublishedPlan("dafny-net4x", "dafny/net4x-generate-manifest.json", "generate", "v4"),
)


@dataclass(frozen=True)
class Expectation:
    """What the plan, and not the set, says of one of its tests."""
    plaintext: str | None  # its name; None where decryption must fail


REFUSAL = Expectation(None)


class WrittenSet:
    """The set that esdk has written of a plan, held against the plan."""

    def __init__(self, plan, source: Path, esdk, folder: Path):
        """Writes the set into `folder`. Raises Broken if esdk does not."""
        self.plan, self.folder = plan, folder
        path = with_local_keys(source / plan.path, folder.parent / f"plan-{plan.name}")
        self.instructions = json.loads(path.read_text(encoding="utf-8"))
        self.tampering = [name for name, test in self.instructions["tests"].items() if "tampering" in test]
        self.manifest = esdk.write(plan.command, path, folder, plan.format)
        self.version = self.manifest["manifest"]["version"]
        self.unsupported = json.loads((folder / "unsupported.json").read_text(encoding="utf-8"))
        self.plaintexts = {name: (folder / "plaintexts" / name).read_bytes() for name in
                           {e.plaintext for e in map(self.expectation, self.manifest["tests"]) if e and e.plaintext}}

    def expectation(self, i):
        """-> what the plan expects of a test of the set; None if it has no such test"""
        if i in self.instructions["tests"]:
            test = self.instructions["tests"][i]
            if "tampering" in test or "error" in test.get("result", {}):
                return REFUSAL
            return Expectation(test.get("encryption-scenario", test)["plaintext"])
        return REFUSAL if self.origin(i) else None

    def origin(self, i):
        """-> the id of the test of the plan that this one is a part of; None if there is none

        A test that alters a message in many places makes many tests, which bear its id and the place."""
        return next((name for name in self.tampering if i.startswith(f"{name}-")), None)

    def missing(self):
        """-> test id of the plan -> why it is not in the set"""
        written = self.manifest["tests"].keys() | {self.origin(i) for i in self.manifest["tests"]}
        return {i: "esdk did not write it" for i in self.instructions["tests"].keys() - written} | self.unsupported

    def contradiction(self, i):
        """-> how a test of the set differs from what the plan says; None if it does not"""
        expected, test = self.expectation(i), self.manifest["tests"][i]
        if expected is None:
            return "the plan has no such test"
        result = test.get("decryption-scenario", test)["result"]
        # Version 5 names the plaintext itself.
        output = result if isinstance(result, str) else result.get("output", {}).get("plaintext")
        if output != (f"file://plaintexts/{expected.plaintext}" if expected.plaintext else None):
            return f"the result is {result}, where the plan expects {expected}"
        if expected.plaintext and len(self.plaintexts[expected.plaintext]) != self.instructions["plaintexts"][expected.plaintext]:
            return f"the plaintext is of {len(self.plaintexts[expected.plaintext])} bytes"
        try:
            self.message(i)
        except message.Malformed as e:
            return f"not a message: {e}"
        return None

    def message(self, i):
        """-> the message of a test that must be decrypted; None of another, whose message may be anything"""
        expected, test = self.expectation(i), self.manifest["tests"][i]
        if not expected or not expected.plaintext:
            return None
        return message.read((self.folder / test.get("decryption-scenario", test)["ciphertext"].removeprefix("file://")).read_bytes())

    def features(self, i):
        """-> what a peer must be able to do to decrypt (or refuse) a test"""
        message = self.message(i)
        return features_of_keys_and_method(self.manifest["tests"][i], self.version) | (message.features() if message else set())


def with_local_keys(manifest: Path, folder: Path):
    """Copies a plan, with the KMS keys that the local AWS has instead of those of AWS. -> the path of the copy"""
    folder.mkdir()
    content = json.loads(manifest.read_text(encoding="utf-8"))
    keys = json.loads((manifest.parent / content["keys"].removeprefix("file://")).read_text(encoding="utf-8"))
    local = json.loads(LOCAL_KEYS.read_text(encoding="utf-8"))["keys"]
    for name, entry in keys["keys"].items():
        if entry["type"] in KEYS_IN_KMS:
            if name not in local:
                raise Broken(f"{LOCAL_KEYS} has no {name}, which {manifest} needs")
            keys["keys"][name] = local[name]
    write_json(folder / "keys.json", keys)
    return write_json(folder / manifest.name, {**content, "keys": "file://keys.json"})


def exchange(source: Path, esdk, adapters, results):
    """Writes the set of each plan, and lets each adapter (by the name of its peer) decrypt it."""
    parent = BUILD / "published"
    parent.mkdir(parents=True, exist_ok=True)
    with open(parent / "lock", "w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Unavailable("another run exchanges the published plans") from None
        run = parent / "run"
        shutil.rmtree(run, ignore_errors=True)
        run.mkdir()
        for plan in PLANS:
            say(f"running: {plan.name}")
            try:
                written = WrittenSet(plan, source, esdk, run / plan.name)
            except Broken as e:
                for name in adapters:
                    results.section(f"{name}-{plan.name}", f"{name}: {plan.name}", {"set": "is written"}).fail("set", str(e))
                continue
            for name, adapter in adapters.items():
                judge(written, name, adapter, results)
        if not results.total("failed"):
            shutil.rmtree(run)  # it is large and of no interest


def judge(written, name, adapter, results):
    tests, missing = written.manifest["tests"], written.missing()
    refusals = {i for i in tests if written.expectation(i) == REFUSAL}
    key, title = f"{name}-{written.plan.name}", f"{name}: {written.plan.name}"
    opened = results.section(key, title, {i: "" for i in [*tests, *missing] if i not in refusals})
    refused = results.section(f"{key}-refused", f"{title}, must be refused", {i: "" for i in refusals}) if refusals else opened
    asked = {}
    for i, reason in missing.items():
        opened.fail(i, reason)
    for i in tests:
        section = refused if i in refusals else opened
        contradiction = written.contradiction(i)
        gap = adapter.capabilities.reason("decrypt", written.features(i)) if not contradiction else None
        if contradiction:
            section.fail(i, contradiction)
        elif gap:
            section.skip(i, gap)
        else:
            asked[i] = tests[i]
    try:
        outcomes = adapter.run("decrypt", write_json(written.folder / f"{name}.json", {**written.manifest, "tests": asked}),
                               written.folder.parent / f"{written.plan.name}-{name}")
        for i, outcome in outcomes.items():
            section, name = refused if i in refusals else opened, written.expectation(i).plaintext
            reason = complaint(outcome, written.plaintexts[name] if name else None)
            section.fail(i, reason) if reason else section.pass_(i)
    except Broken as e:
        for section in {opened, refused}:
            section.fail_rest(str(e))
