"""Messages of the right form for a scenario, and with nothing secret in them: a second reading of the format, to test the first."""
import hashlib
import struct

VERSION_2 = ("0478", "0578")
SIGNED = ("0214", "0346", "0378", "0578")


def sized(content):
    return struct.pack(">H", len(content)) + content


def write(scenario, plaintext, keys):
    """`keys`: (provider, provider info, length of the ciphertext) of each. The last bytes are a digest of all before them."""
    suite, frame = scenario["algorithmSuiteId"], scenario["frame-size"]
    context = scenario["encryption-context"] | ({"aws-crypto-public-key": "A"} if suite in SIGNED else {})
    pairs = b"".join(sized(k.encode()) + sized(v.encode()) for k, v in sorted(context.items()))
    version_2 = suite in VERSION_2
    message = (b"\2" if version_2 else b"\1\x80") + bytes.fromhex(suite) + bytes(32 if version_2 else 16)
    message += sized(struct.pack(">H", len(context)) + pairs if context else b"") + struct.pack(">H", len(keys))
    for provider, info, length in keys:
        message += sized(provider) + sized(info) + sized(bytes(length))
    message += (b"\2" if frame else b"\1") + (b"" if version_2 else b"\0\0\0\0\x0c") + struct.pack(">I", frame)
    message += bytes(48 if version_2 else 28)
    if frame == 0:
        message += bytes(12) + struct.pack(">Q", len(plaintext)) + plaintext
    else:
        parts = [plaintext[at:at + frame] for at in range(0, len(plaintext), frame)] or [b""]
        for number, part in enumerate(parts[:-1], 1):
            message += struct.pack(">I", number) + bytes(12) + part + bytes(16)
        message += b"\xff" * 4 + struct.pack(">I", len(parts)) + bytes(12) + struct.pack(">I", len(parts[-1])) + parts[-1]
    if suite in SIGNED:
        message += bytes(16) + sized(bytes(87))[:-16]
    return message + hashlib.sha256(message).digest()[:16]


def aes_key(namespace, name):
    """For a suite with a data key of 32 bytes."""
    return namespace.encode(), name.encode() + struct.pack(">II", 128, 12) + bytes(12), 48


def intact(message):
    return message[-16:] == hashlib.sha256(message[:-16]).digest()[:16]


def plaintext(message, length):
    """-> the plaintext of this length, of a framed unsigned message with one frame"""
    return message[len(message) - 16 - length:len(message) - 16]
