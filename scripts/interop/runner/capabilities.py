"""What a scenario asks of a library, and what a library is declared to lack."""
import json
from dataclasses import dataclass, replace
from pathlib import Path

from message import SUITES, body_features

KMS_KINDS = ["aws-kms", "aws-kms-mrk-aware", "aws-kms-mrk-aware-discovery", "aws-kms-rsa", "aws-kms-ecdh", "aws-kms-hierarchy"]
# The closed list: a capabilities file that names another feature is refused.
FEATURES = {
    *("suite-" + suite for suite in SUITES), *KMS_KINDS, "raw-aes", "raw-rsa", "raw-ecdh", "multi-keyring",
    "required-encryption-context", "non-framed", "frame-length-not-multiple-of-128", "full-final-frame", "namespace-not-ascii",
    "streaming-unsigned-only", "manifest-v2", "manifest-v4",
}


def features(scenario, description, length):
    """-> the features that the scenario of a manifest needs, under one of its two key descriptions and for a plaintext of this length"""
    needed = {"suite-" + scenario["algorithmSuiteId"], *key_features(description), *body_features(scenario["frame-size"], length)}
    return needed | method_features(scenario)


def method_features(test):
    return {"streaming-unsigned-only"} if test.get("decryption-method") == "streaming-unsigned-only" else set()


def features_of_keys_and_method(test, version):
    """-> the features that a test of a decrypt manifest of this version needs, but for those of its message"""
    if version == 5:
        scenario = test["decryption-scenario"]
        return key_features(scenario["decryptKeyDescription"]) | method_features(scenario)
    needed = {f"manifest-v{version}", *method_features(test)}.union(*map(key_features, test["master-keys"]))
    if len(test["master-keys"]) > 1:
        needed.add("multi-keyring")
    if test.get("cmm") == "RequiredEncryptionContext":
        needed.add("required-encryption-context")
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
    decrypts_only: bool = False

    @classmethod
    def load(cls, path: Path):
        content = json.loads(path.read_text())
        lacks = content["lacks"]
        unknown = {feature for role in lacks.values() for feature in role} - FEATURES
        if unknown or set(lacks) != {"encrypt", "decrypt"}:
            raise ValueError(f"{path}: `lacks` must have `encrypt` and `decrypt`; unknown features: {sorted(unknown)}")
        if content.keys() - {"client", "lacks", "decrypts-only"} or not isinstance(content.get("decrypts-only", False), bool):
            raise ValueError(f"{path}: its members are `client`, `lacks` and `decrypts-only`, which is true or false")
        return cls(content["client"]["name"], content["client"]["version"], lacks, content.get("decrypts-only", False))

    def having(self, feature):
        """-> the same, but for this feature, which is not lacking"""
        lacks = {role: {name: reason for name, reason in lacking.items() if name != feature} for role, lacking in self.lacks.items()}
        return replace(self, lacks=lacks)

    def gap(self, role, scenario, length):
        """-> why the library cannot encrypt (or decrypt) this scenario, the first reason; None if it can"""
        return self.reason(role, features(scenario, scenario[role + "KeyDescription"], length))

    def reason(self, role, needed):
        """-> why the library cannot do one of the features that are needed, the first reason; None if it can do all"""
        if role == "encrypt" and self.decrypts_only:
            return "decrypts only"
        return next((reason for feature, reason in self.lacks[role].items() if feature in needed), None)


def needs_kms(scenario):
    """Whether one of the scenario's keys is in AWS KMS, or in a key store that KMS protects."""
    return any(key_features(scenario[name]) & set(KMS_KINDS) for name in ("encryptKeyDescription", "decryptKeyDescription"))
