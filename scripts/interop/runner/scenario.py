"""Holds a message against the scenario that asked for it. What was encrypted is one thing; how, and for whom, is another."""
import base64
from dataclasses import replace

from message import PUBLIC_KEY, SUITES, Malformed, read

ECDH_SIZES = {"256": 32, "384": 48, "521": 66}


def differences(content: bytes, scenario, keys, length):
    """-> how a message differs from what an `encryption-scenario` asks for, each as a sentence

    `keys` is the member of that name of the keys manifest, `length` that of the plaintext."""
    try:
        message = read(content)
    except Malformed as e:
        return [f"not a message: {e}"]
    found = []

    def compare(what, asked, written):
        if asked != written:
            found.append(f"{what} {written} instead of {asked}")

    compare("suite", scenario["algorithmSuiteId"], message.suite)
    compare("frame length", *(str(frame) if frame else "non-framed" for frame in (scenario["frame-size"], message.frame)))
    compare("plaintext length", length, message.length)
    signed = SUITES[message.suite].signed
    compare("signature:", "one" if signed else "none", "none" if message.signature is None else "one")
    compare(f"{PUBLIC_KEY}:", "one" if signed else "none", "one" if PUBLIC_KEY in message.context else "none")
    found += context_differences(stored_context(scenario), {k: v for k, v in message.context.items() if k != PUBLIC_KEY})
    return found + key_differences(expected_keys(scenario["encryptKeyDescription"], keys, SUITES[scenario["algorithmSuiteId"]].data_key),
                                   message.keys)


def stored_context(scenario):
    """-> the pairs that the message is to have: those that the reader must know are authenticated, and left out"""
    required = scenario["encryptKeyDescription"].get("requiredEncryptionContextKeys", [])
    return {key: value for key, value in scenario["encryption-context"].items() if key not in required}


def context_differences(asked, written):
    found = [f"encryption context without {short(key)}" for key in asked if key not in written]
    found += [f"encryption context with {short(key)}, which was not asked for" for key in written if key not in asked]
    return found + [f"encryption context with {short(key)}={short(written[key])} instead of {short(value)}"
                    for key, value in asked.items() if written.get(key, value) != value]


class Key:
    """One encrypted data key that a scenario asks for."""

    def __init__(self, provider, info, kind, ciphertext=None):
        """`ciphertext` is its length, where the kind of key fixes it."""
        self.provider, self.info, self.kind, self.ciphertext = provider.encode(), info, kind, ciphertext

    def fits(self, key):
        return (key.provider, key.info) == (self.provider, self.info) and self.ciphertext in (None, len(key.ciphertext))

    def __str__(self):
        return f"{self.kind} {short(self.provider)} {short(self.info)}" + (f" of {self.ciphertext} bytes" if self.ciphertext else "")


class AESKey(Key):
    """Its provider info ends with the lengths of tag and IV, and the IV."""

    def fits(self, key):
        return len(key.info) == len(self.info) + 20 and (key.provider, key.info[:-12], len(key.ciphertext)) == (
            self.provider, self.info + (128).to_bytes(4, "big") + (12).to_bytes(4, "big"), self.ciphertext)


class EphemeralKey(Key):
    """Its provider info ends with the public key of a new sender, which is in no manifest."""
    known = ()

    def fits(self, key):
        size = len(self.info) - 1
        return super().fits(replace(key, info=key.info[:len(self.info)])) and len(key.info) == 1 + 2 * size and key.info[-size:] not in self.known


def expected_keys(d, keys, data_key):
    """-> the encrypted data keys that a key description asks for"""
    kind, entry = d["type"], keys.get(d.get("key"), {})
    match kind:
        case "multi-keyring":
            members = ([d["generator"]] if d.get("generator") else []) + d["childKeyrings"]
            return [key for member in members for key in expected_keys(member, keys, data_key)]
        case "required-encryption-context-cmm":
            return expected_keys(d["underlying"], keys, data_key)
        case "raw" if d["encryption-algorithm"] == "aes":
            return [AESKey(d["provider-id"], entry["key-id"].encode(), "raw AES", data_key + 16)]
        case "raw":
            return [Key(d["provider-id"], entry["key-id"].encode(), "raw RSA", int(entry["bits"]) // 8)]
        case "raw-ecdh" | "aws-kms-ecdh":
            recipient = sized(compressed(keys[d["recipient"]]["recipient-material-public-key"]))
            ciphertext = 32 + 32 + data_key + 16  # salt, commitment key, data key, tag
            if d["schema"] == "ephemeral":
                key = EphemeralKey(kind, b"\x01" + recipient, f"{kind}, ephemeral,", ciphertext)
                key.known = [sized(compressed(e["sender-material-public-key"])) for e in keys.values() if "sender-material-public-key" in e]
                return [key]
            return [Key(kind, b"\x01" + recipient + sized(compressed(keys[d["sender"]]["sender-material-public-key"])), kind, ciphertext)]
        case "aws-kms" | "aws-kms-mrk-aware":
            return [Key("aws-kms", entry["key-id"].encode(), kind)]
        case "aws-kms-rsa":
            return [Key(kind, entry["key-id"].encode(), kind, int(entry["bits"]) // 8)]
        case "aws-kms-hierarchy":  # salt, IV, version of the branch key, data key, tag
            return [Key(kind, entry["key-id"].encode(), kind, 16 + 12 + 16 + data_key + 16)]
    raise ValueError(f"key description {kind}: what it encrypts to is not known")


def key_differences(asked, written):
    found, left = [], list(written)
    for key in asked:
        one = next((other for other in left if key.fits(other)), None)
        if one:
            left.remove(one)
        else:
            found.append(f"no encrypted data key for {key}")
    return found + [f"an encrypted data key for {short(key.provider)} {short(key.info)} of {len(key.ciphertext)} bytes, which was not asked for"
                    for key in left]


def compressed(public_key):
    """-> the compressed point of a public key, from its DER encoding, which ends with the point in full, in Base64"""
    der = base64.b64decode(public_key)
    size = next(size for size in ECDH_SIZES.values() if len(der) > 2 * size and der[-2 * size - 1] == 4 and len(der) - 2 * size < 40)
    return bytes([2 + der[-1] % 2]) + der[-2 * size:-size]


def sized(content):
    return len(content).to_bytes(4, "big") + content


def short(value):
    """-> text or bytes as they are told, and not at any length"""
    if isinstance(value, bytes):
        try:
            value = value.decode()
        except UnicodeDecodeError:
            return value[:40].hex() + ("…" if len(value) > 40 else "")
    return ascii(value) if len(value) <= 80 else f"{ascii(value[:60])}… ({len(value)} characters)"
