"""What the header of a message says, as far as it decides who can read the message."""
import io


def features(content: bytes, length):
    """-> the features of a whole message whose plaintext has this length"""
    reader = io.BytesIO(content)

    def number(size):
        return int.from_bytes(reader.read(size), "big")

    version = number(1)
    if version == 1:
        reader.read(1)  # the type
    suite = reader.read(2)
    reader.read(16 if version == 1 else 32)  # the message id
    reader.read(number(2))  # the encryption context
    for _ in range(number(2)):
        for _ in range(3):  # an encrypted data key: provider, provider info, ciphertext
            reader.read(number(2))
    is_framed = number(1) == 2
    if version == 1:
        reader.read(5)  # reserved bytes, length of the IV
    frame = number(4)
    return {"suite-" + suite.hex(), *body_features(frame if is_framed else 0, length)}


def body_features(frame, length):
    """-> the features of a body with this frame length (0 is non-framed)"""
    if frame == 0:
        return {"non-framed"}
    # An empty final frame may follow instead, but not in what follows the specification.
    return {name for name, has in (("frame-length-not-multiple-of-128", frame % 128), ("full-final-frame", length and length % frame == 0))
            if has}
