"""What a scenario asks of a library, and what a library is declared to lack."""
import json
from dataclasses import dataclass
from pathlib import Path

SUITES = "0014 0046 0078 0114 0146 0178 0214 0346 0378 0478 0578".split()
KMS_KINDS = ["aws-kms", "aws-kms-mrk-aware", "aws-kms-mrk-aware-discovery", "aws-kms-rsa", "aws-kms-ecdh", "aws-kms-hierarchy"]
# The closed list: a capabilities file that names another feature is refused.
FEATURES = {
    *("suite-" + suite for suite in SUITES), *KMS_KINDS, "raw-aes", "raw-rsa", "raw-ecdh", "multi-keyring",
    "required-encryption-context", "non-framed", "frame-length-not-multiple-of-128", "full-final-frame", "namespace-not-ascii",
    "streaming-unsigned-only",
}


def features(scenario, description, length):
    """-> the features that the scenario of a manifest needs, under one of its two key descriptions and for a plaintext of this length"""
    needed = {"suite-" + scenario["algorithmSuiteId"], *key_features(description)}
    frame = scenario["frame-size"]
    if frame == 0:
        needed.add("non-framed")
    elif frame % 128:
        needed.add("frame-length-not-multiple-of-128")
    if frame and length and length % frame == 0:
        needed.add("full-final-frame")  # in what follows the specification; others add an empty final frame
    if scenario.get("decryption-method") == "streaming-unsigned-only":
        needed.add("streaming-unsigned-only")
    return needed


def key_features(description):
    kind = description["type"]
    if kind == "multi-keyring":
        members = [description["generator"]] if description.get("generator") else []
        return {kind}.union(*map(key_features, members + description["childKeyrings"]))
    if kind == "required-encryption-context-cmm":
        return {"required-encryption-context"} | key_features(description["underlying"])
    needed = {f"raw-{description['encryption-algorithm']}" if kind == "raw" else kind}
    if not description.get("provider-id", "").isascii():
        needed.add("namespace-not-ascii")
    return needed


@dataclass(frozen=True)
class Capabilities:
    """A capabilities file: the name and version of the library, and what it lacks when it encrypts and when it decrypts."""
    name: str
    version: str
    lacks: dict  # "encrypt" and "decrypt" -> feature -> the reason

    @classmethod
    def load(cls, path: Path):
        content = json.loads(path.read_text())
        lacks = content["lacks"]
        unknown = {feature for role in lacks.values() for feature in role} - FEATURES
        if unknown or set(lacks) != {"encrypt", "decrypt"}:
            raise ValueError(f"{path}: `lacks` must have `encrypt` and `decrypt`; unknown features: {sorted(unknown)}")
        return cls(content["client"]["name"], content["client"]["version"], lacks)

    def having(self, feature):
        """-> the same, but for this feature, which is not lacking"""
        lacks = {role: {name: reason for name, reason in lacking.items() if name != feature} for role, lacking in self.lacks.items()}
        return Capabilities(self.name, self.version, lacks)

    def gap(self, role, scenario, length):
        """-> why the library cannot encrypt (or decrypt) this scenario, the first reason; None if it can"""
        needed = features(scenario, scenario[role + "KeyDescription"], length)
        return next((reason for feature, reason in self.lacks[role].items() if feature in needed), None)


def needs_kms(scenario):
    """Whether one of the scenario's keys is in AWS KMS, or in a key store that KMS protects."""
    return any(key_features(scenario[name]) & set(KMS_KINDS) for name in ("encryptKeyDescription", "decryptKeyDescription"))
