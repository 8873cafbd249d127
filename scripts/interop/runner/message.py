"""What a message says, read from its bytes alone: no key, no library, no other code of this project."""
from dataclasses import dataclass

PUBLIC_KEY = "aws-crypto-public-key"
MAX_CONTENT = 1 << 31  # of one frame or body, and longer than any message of a plan


@dataclass(frozen=True)
class Suite:
    version: int  # of the message format
    data_key: int  # bytes
    signed: bool


SUITES = {f"{number:02x}{bits}": Suite(version, data_key, signed) for number, bits, version, data_key, signed in (
    (0x00, 14, 1, 16, False), (0x00, 46, 1, 24, False), (0x00, 78, 1, 32, False), (0x01, 14, 1, 16, False), (0x01, 46, 1, 24, False),
    (0x01, 78, 1, 32, False), (0x02, 14, 1, 16, True), (0x03, 46, 1, 24, True), (0x03, 78, 1, 32, True), (0x04, 78, 2, 32, False),
    (0x05, 78, 2, 32, True))}


class Malformed(ValueError):
    """These bytes are not one whole message."""


@dataclass(frozen=True)
class EncryptedDataKey:
    provider: bytes
    info: bytes
    ciphertext: bytes


@dataclass(frozen=True)
class Message:
    suite: str  # its id in hex
    context: dict  # key -> value
    keys: list  # of EncryptedDataKey
    frame: int  # the frame length; 0 is non-framed
    length: int  # of the plaintext
    ends_full: bool  # whether the final frame is as long as the others
    signature: bytes | None

    def features(self):
        """-> what a reader of it must be able to do, but for its keys"""
        body = {"non-framed"} if self.frame == 0 else {"full-final-frame"} if self.ends_full else set()
        return {"suite-" + self.suite, *body, *({"frame-length-not-multiple-of-128"} if self.frame % 128 else set())}


class Reader:
    def __init__(self, content):
        self.content, self.at = content, 0

    def take(self, size, what):
        """-> the next bytes, of which none may be missing"""
        if size > min(MAX_CONTENT, len(self.content) - self.at):
            raise Malformed(f"{what}, of {size} bytes at offset {self.at}, goes beyond the end of the message, {len(self.content)} bytes long")
        self.at += size
        return self.content[self.at - size:self.at]

    def number(self, size, what):
        return int.from_bytes(self.take(size, what), "big")

    def sized(self, what):
        return self.take(self.number(2, f"the length of {what}"), what)

    def expect(self, expected, what):
        found = self.take(len(expected), what)
        if found != expected:
            raise Malformed(f"{what} at offset {self.at - len(expected)} is {found.hex()}, not {expected.hex()}")


def read(content: bytes):
    """-> the Message. Raises Malformed if a length leads out of it, a field has none of its values, or bytes are left over."""
    r = Reader(content)
    version = r.number(1, "the version")
    if version == 1:
        r.expect(b"\x80", "the type")
    suite = r.take(2, "the suite").hex()
    if suite not in SUITES or SUITES[suite].version != version:
        raise Malformed(f"suite {suite} in a message of version {version}")
    r.take(16 if version == 1 else 32, "the message id")
    context = read_context(r.sized("the encryption context"))
    keys = [EncryptedDataKey(*(r.sized(f"the {field} of encrypted data key {number}") for field in ("provider", "provider info", "ciphertext")))
            for number in range(r.number(2, "the number of encrypted data keys"))]
    kind = r.number(1, "the content type")
    if kind not in (1, 2):
        raise Malformed(f"content type {kind}")
    if version == 1:
        r.expect(bytes(4) + b"\x0c", "the reserved field and the length of the IV")
    frame = r.number(4, "the frame length")
    if (kind == 2) != (frame > 0):
        raise Malformed(f"content type {kind} with frame length {frame}")
    r.take({1: 12 + 16, 2: 32 + 16}[version], "the authentication of the header")  # IV and tag; commitment and tag
    length, ends_full = read_frames(r, frame) if frame else (read_body(r), False)
    signature = r.sized("the signature") if r.at < len(content) else None
    if r.at < len(content):
        raise Malformed(f"{len(content) - r.at} bytes follow the message")
    return Message(suite, context, keys, frame, length, ends_full, signature)


def read_context(content):
    """-> key -> value, from the encryption context as it is in the header"""
    r, context = Reader(content), {}
    for number in range(r.number(2, "the number of pairs") if content else 0):
        key, value = (r.sized(f"the {field} of pair {number}") for field in ("key", "value"))
        try:
            key, value = key.decode(), value.decode()
        except UnicodeDecodeError as e:
            raise Malformed(f"pair {number} of the encryption context is not UTF-8: {e}") from None
        if key in context:
            raise Malformed(f"the key {key!r} is twice in the encryption context")
        context[key] = value
    if r.at < len(content):
        raise Malformed(f"{len(content) - r.at} bytes follow the pairs of the encryption context")
    return context


def read_body(r):
    """-> the length of the plaintext of a non-framed body"""
    r.take(12, "the IV of the body")
    length = r.number(8, "the length of the body")
    r.take(length, "the body")
    r.take(16, "the tag of the body")
    return length


def read_frames(r, frame):
    """-> the length of the plaintext, and whether the final frame is full"""
    length, number = 0, 1
    while True:
        at, sequence = r.at, r.number(4, f"the sequence number of frame {number}")
        is_final = sequence == 0xFFFFFFFF
        if is_final:
            at, sequence = r.at, r.number(4, "the sequence number of the final frame")
        if sequence != number:
            raise Malformed(f"frame {number}, at offset {at}, has the sequence number {sequence}")
        r.take(12, f"the IV of frame {number}")
        size = r.number(4, "the length of the final frame") if is_final else frame
        if size > frame:
            raise Malformed(f"the final frame has {size} bytes, the frame length is {frame}")
        r.take(size, f"frame {number}")
        r.take(16, f"the tag of frame {number}")
        length, number = length + size, number + 1
        if is_final:
            return length, size == frame


def body_features(frame, length):
    """-> the features of a body with this frame length (0 is non-framed), written as the specification says"""
    if frame == 0:
        return {"non-framed"}
    # An empty final frame may follow instead, but not in what follows the specification.
    return {name for name, has in (("frame-length-not-multiple-of-128", frame % 128), ("full-final-frame", length and length % frame == 0))
            if has}
