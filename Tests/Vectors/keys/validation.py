#!/usr/bin/env python3
"""Writes validation.json: keys that look right and are not, and what pyca/cryptography says of each.

    python3 -m venv .venv && .venv/bin/pip install cryptography
    .venv/bin/python Tests/Vectors/keys/validation.py > Tests/Vectors/keys/validation.json

The numbers are those of rsa-pkcs1.pem and ec-p256-sec1.pem beside this file, changed as each name says.
"""
import base64
import json
import os
import sys

import cryptography
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa

here = os.path.dirname(os.path.abspath(__file__))
RSA_OID = bytes.fromhex("06092a864886f70d010101")
PSS_OID = bytes.fromhex("06092a864886f70d01010a")
EC_OID = bytes.fromhex("06072a8648ce3d0201")
P256_OID = bytes.fromhex("06082a8648ce3d030107")
P384_OID = bytes.fromhex("06052b81040022")
NULL = b"\x05\x00"


def der(tag, content):
    if len(content) < 0x80:
        length = bytes([len(content)])
    else:
        octets = len(content).to_bytes((len(content).bit_length() + 7) // 8, "big")
        length = bytes([0x80 | len(octets)]) + octets
    return bytes([tag]) + length + content


def sequence(*parts):
    return der(0x30, b"".join(parts))


def integer(value):
    return der(0x02, value.to_bytes(value.bit_length() // 8 + 1, "big", signed=True))


def spki(algorithm, key):
    return sequence(algorithm, der(0x03, b"\x00" + key))


def pkcs8(algorithm, key):
    return sequence(integer(0), algorithm, der(0x04, key))


def rsa_public(n, e, parameters=NULL):
    return spki(sequence(RSA_OID, parameters), sequence(integer(n), integer(e)))


def rsa_private(n, e, d, p, q, dp=None, dq=None, qinv=None):
    dp = d % (p - 1) if dp is None else dp
    dq = d % (q - 1) if dq is None else dq
    qinv = pow(q, -1, p) if qinv is None else qinv
    return sequence(*(integer(v) for v in (0, n, e, d, p, q, dp, dq, qinv)))


def ec_public(point, curve=P256_OID):
    return spki(sequence(EC_OID, curve), point)


def ec_private(scalar, point=None, curve=P256_OID):
    parts = [integer(1), der(0x04, scalar), der(0xA0, curve)]
    if point is not None:
        parts.append(der(0xA1, der(0x03, b"\x00" + point)))
    return sequence(*parts)


def load(name):
    with open(os.path.join(here, name), "rb") as file:
        return serialization.load_pem_private_key(file.read(), None)


def is_accepted(kind, data):
    try:
        if kind.endswith("public"):
            key = serialization.load_der_public_key(data)
        else:
            key = serialization.load_der_private_key(data, None)
    except Exception as error:
        return False, str(error).splitlines()[0]
    wanted = {"rsa-public": rsa.RSAPublicKey, "rsa-private": rsa.RSAPrivateKey,
              "ec-public": ec.EllipticCurvePublicKey, "ec-private": ec.EllipticCurvePrivateKey}[kind]
    return isinstance(key, wanted), type(key).__name__


private = load("rsa-pkcs1.pem").private_numbers()
n, e, d, p, q = private.public_numbers.n, private.public_numbers.e, private.d, private.p, private.q
phi = (p - 1) * (q - 1)


def key_of(bits, e=65537):
    """A key of so many bits, from primes that are searched for upwards from fixed numbers."""
    def prime(start):
        candidate = start | 1
        while not (is_prime(candidate) and (candidate - 1) % e):
            candidate += 2
        return candidate
    half = bits // 2
    first = prime((3 << (half - 2)) + 0x1234567)
    low, high = (1 << (bits - 1)) // first + 1, ((1 << bits) - 1) // first
    second = prime(low + (high - low) // 2)
    modulus = first * second
    assert modulus.bit_length() == bits, (modulus.bit_length(), bits)
    return modulus, e, pow(e, -1, (first - 1) * (second - 1)), first, second


def is_prime(number):
    import random
    random.seed(1)
    if any(number % divisor == 0 for divisor in (2, 3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37)):
        return False
    odd, twos = number - 1, 0
    while odd % 2 == 0:
        odd, twos = odd // 2, twos + 1
    for _ in range(20):
        x = pow(random.randrange(2, number - 1), odd, number)
        if x in (1, number - 1):
            continue
        for _ in range(twos - 1):
            x = x * x % number
            if x == number - 1:
                break
        else:
            return False
    return True


cases = []


def case(name, kind, data):
    accepted, words = is_accepted(kind, data)
    cases.append({"name": name, "kind": kind, "pyca": accepted, "words": words,
                  "der": base64.b64encode(data).decode()})


# RSA public keys
for name, (modulus, exponent) in {
    "as it is": (n, e), "exponent 3": (n, 3), "exponent 0": (n, 0), "exponent 1": (n, 1), "exponent 2": (n, 2),
    "even exponent 65538": (n, 65538), "exponent -65537": (n, -65537), "exponent n": (n, n), "exponent n + 2": (n, n + 2),
    "exponent n - 2": (n, n - 2), "exponent of 65 bits": (n, (1 << 64) + 1), "exponent of 33 bits": (n, (1 << 32) + 1),
    "even modulus": (n + 1, e), "modulus 0": (0, e), "negative modulus": (-n, e), "prime modulus": (p, e), "square": (p * p, e),
    "modulus divisible by 3": (3 * (n // 3 | 1), e),
}.items():
    case(name, "rsa-public", rsa_public(modulus, exponent))
keys = {bits: key_of(bits) for bits in (256, 511, 512, 768, 1023, 1024, 2047, 2048)}
for bits, key in keys.items():
    case(f"modulus of {bits} bits", "rsa-public", rsa_public(key[0], key[1]))
    case(f"modulus of {bits} bits", "rsa-private", rsa_private(*key))
large = load("rsa-4096-pkcs8.pem").public_key().public_numbers().n
case("4,096 bits, exponent of 64 bits", "rsa-public", rsa_public(large, (1 << 63) + 9))
case("4,096 bits, exponent of 65 bits", "rsa-public", rsa_public(large, (1 << 64) + 13))
case("PKCS #1, exponent 1", "rsa-public", sequence(integer(n), integer(1)))
case("PKCS #1", "rsa-public", sequence(integer(n), integer(e)))
case("PKCS #1, a third number", "rsa-public", sequence(integer(n), integer(e), integer(7)))
case("without parameters", "rsa-public", rsa_public(n, e, b""))
case("with other parameters", "rsa-public", rsa_public(n, e, P256_OID))
case("with bytes after the parameters", "rsa-public", rsa_public(n, e, NULL + NULL))
case("for PSS", "rsa-public", spki(sequence(PSS_OID), sequence(integer(n), integer(e))))
case("a third number", "rsa-public", spki(sequence(RSA_OID, NULL), sequence(integer(n), integer(e), integer(7))))
case("bytes after the numbers", "rsa-public", spki(sequence(RSA_OID, NULL), sequence(integer(n), integer(e)) + b"\x00"))
case("a number with leading zeros", "rsa-public",
     spki(sequence(RSA_OID, NULL), sequence(der(0x02, b"\x00\x00" + n.to_bytes(256, "big")), integer(e))))

# RSA private keys
other = key_of(2048, 65537)
composite = p + 2
while is_prime(composite):
    composite += 2
for name, data in {
    "as it is": rsa_private(n, e, d, p, q),
    "primes the other way round": rsa_private(n, e, d, q, p),
    "primes swapped, qInv not": rsa_private(n, e, d, q, p, qinv=pow(q, -1, p)),
    "d modulo phi": rsa_private(n, e, pow(e, -1, phi), p, q),
    "d plus lambda": rsa_private(n, e, d + phi, p, q, d % (p - 1), d % (q - 1)),
    "without primes": sequence(*(integer(v) for v in (0, n, e, d, 0, 0, 0, 0, 0))),
    "without primes, numbers left out": sequence(*(integer(v) for v in (0, n, e, d))),
    "wrong d": rsa_private(n, e, d + 2, p, q), "d 0": rsa_private(n, e, 0, p, q, 0, 0), "d 1": rsa_private(n, e, 1, p, q),
    "negative d": rsa_private(n, e, -d, p, q),
    "wrong dP": rsa_private(n, e, d, p, q, dp=d % (p - 1) + 2), "wrong dQ": rsa_private(n, e, d, p, q, dq=d % (q - 1) + 2),
    "dP 0": rsa_private(n, e, d, p, q, dp=0), "wrong qInv": rsa_private(n, e, d, p, q, qinv=pow(q, -1, p) + 1),
    "qInv 0": rsa_private(n, e, d, p, q, qinv=0),
    "wrong p": rsa_private(n, e, d, p + 2, q), "wrong n": rsa_private(n + 2, e, d, p, q), "even n": rsa_private(n + 1, e, d, p, q),
    "p 1": rsa_private(n, e, d, 1, n, 0, d % (n - 1), 0), "wrong e": rsa_private(n, 3, d, p, q), "e 1 and d 1": rsa_private(n, 1, 1, p, q),
    "e 0": rsa_private(n, 0, d, p, q), "even e": rsa_private(n, 65536, d, p, q), "e and d of another key": rsa_private(n, e, other[2], p, q),
    "composite p": rsa_private(composite * q, e, pow(e, -1, (composite - 1) * (q - 1)), composite, q)
    if (composite - 1) % e else b"",
    "p equal to q": rsa_private(p * p, e, pow(e, -1, (p - 1) * (p - 1)), p, p, qinv=1),
    "negative p and q": rsa_private(n, e, d, -p, -q, d % (p - 1), d % (q - 1), pow(q, -1, p)),
    "e and d swapped": rsa_private(n, pow(e, -1, phi), e, p, q),
    "a tenth number": sequence(*(integer(v) for v in (0, n, e, d, p, q, d % (p - 1), d % (q - 1), pow(q, -1, p), 7))),
    "version 1": rsa_private(n, e, d, p, q).replace(b"\x02\x01\x00", b"\x02\x01\x01", 1),
    "version 2": rsa_private(n, e, d, p, q).replace(b"\x02\x01\x00", b"\x02\x01\x02", 1),
}.items():
    if data:
        case(name, "rsa-private", data)
        if name in ("as it is", "without primes", "wrong d", "composite p"):
            case(name + ", PKCS #8", "rsa-private", pkcs8(sequence(RSA_OID, NULL), data))
good = rsa_private(n, e, d, p, q)
case("for PSS, PKCS #8", "rsa-private", pkcs8(sequence(PSS_OID), good))
case("without parameters, PKCS #8", "rsa-private", pkcs8(sequence(RSA_OID), good))
case("with other parameters, PKCS #8", "rsa-private", pkcs8(sequence(RSA_OID, P256_OID), good))
case("bytes after the key, PKCS #8", "rsa-private", pkcs8(sequence(RSA_OID, NULL), good + b"\x00"))

# Elliptic curves
key = load("ec-p256-sec1.pem")
numbers = key.private_numbers()
scalar, point = numbers.private_value, key.public_key().public_bytes(
    serialization.Encoding.X962, serialization.PublicFormat.UncompressedPoint)
compressed = key.public_key().public_bytes(
    serialization.Encoding.X962, serialization.PublicFormat.CompressedPoint)
order = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
prime = 0xFFFFFFFF00000001000000000000000000000000FFFFFFFFFFFFFFFFFFFFFFFF
x, y = int.from_bytes(point[1:33], "big"), int.from_bytes(point[33:], "big")


def number(value, count=32):
    return value.to_bytes(count, "big")


for name, data in {
    "as it is": ec_public(point), "compressed": ec_public(compressed), "infinity": ec_public(b"\x00"), "no point": ec_public(b""),
    "origin": ec_public(b"\x04" + bytes(64)), "off the curve": ec_public(b"\x04" + number(x) + number(y ^ 1)),
    "x not reduced": ec_public(b"\x04" + number(x + prime if x + prime < 1 << 256 else prime) + number(y)),
    "x and y of the prime": ec_public(b"\x04" + number(prime) + number(prime)),
    "wrong sign in the hybrid form": ec_public(bytes([6 + (1 - y % 2)]) + number(x) + number(y)),
    "hybrid": ec_public(bytes([6 + y % 2]) + number(x) + number(y)),
    "point of another length": ec_public(point + b"\x00"), "half a point": ec_public(point[:33]),
    "another curve's name": ec_public(point, P384_OID), "no curve": ec_public(point, b""), "parameters NULL": ec_public(point, NULL),
    "bytes after the curve's name": ec_public(point, P256_OID + NULL), "two names": ec_public(point, P256_OID + P256_OID),
    "unused bits": sequence(sequence(EC_OID, P256_OID), der(0x03, b"\x01" + point)),
}.items():
    case(name, "ec-public", data)
for name, data in {
    "as it is": ec_private(number(scalar), point), "without the point": ec_private(number(scalar)),
    "scalar 0": ec_private(number(0)), "scalar 1": ec_private(number(1)),
    "scalar of the order": ec_private(number(order)), "scalar of the order + 1": ec_private(number(order + 1)),
    "scalar of the order - 1": ec_private(number(order - 1)), "scalar of 2^256 - 1": ec_private(number((1 << 256) - 1)),
    "scalar plus the order": ec_private(number(scalar + order, 33), point),
    "scalar in 33 bytes": ec_private(number(scalar, 33), point), "scalar in 31 bytes": ec_private(number(1, 31)),
    "scalar in 1 byte": ec_private(b"\x05"),
    "no scalar": ec_private(b""), "another scalar": ec_private(number(scalar ^ 1), point),
    "point off the curve": ec_private(number(scalar), b"\x04" + number(x) + number(y ^ 1)),
    "point negated": ec_private(number(scalar), b"\x04" + number(x) + number(prime - y)),
    "point at infinity": ec_private(number(scalar), b"\x00"), "empty point": ec_private(number(scalar), b""),
    "compressed point": ec_private(number(scalar), compressed), "another curve's name": ec_private(number(scalar), point, P384_OID),
    "bytes after the curve's name": ec_private(number(scalar), point, P256_OID + NULL),
    "no curve": sequence(integer(1), der(0x04, number(scalar))),
    "version 0": ec_private(number(scalar), point).replace(b"\x02\x01\x01", b"\x02\x01\x00", 1),
}.items():
    case(name, "ec-private", data)
inner = sequence(integer(1), der(0x04, number(scalar)), der(0xA1, der(0x03, b"\x00" + point)))
case("PKCS #8", "ec-private", pkcs8(sequence(EC_OID, P256_OID), inner))
case("PKCS #8 and another curve inside", "ec-private", pkcs8(sequence(EC_OID, P256_OID), ec_private(number(scalar), point, P384_OID)))
case("PKCS #8 and another scalar", "ec-private", pkcs8(
    sequence(EC_OID, P256_OID), sequence(integer(1), der(0x04, number(scalar ^ 1)), der(0xA1, der(0x03, b"\x00" + point)))))
case("PKCS #8 with scalar 0", "ec-private", pkcs8(sequence(EC_OID, P256_OID), sequence(integer(1), der(0x04, number(0)))))
case("PKCS #8 without parameters", "ec-private", pkcs8(sequence(EC_OID), inner))
case("PKCS #8 and bytes after the curve's name", "ec-private", pkcs8(sequence(EC_OID, P256_OID + NULL), inner))

lines = ",\n".join("  " + json.dumps(one, ensure_ascii=True) for one in cases)
print('{"judge": "pyca/cryptography %s", "keys": [\n%s\n]}' % (cryptography.__version__, lines))
