"""The KMS keys of the local AWS: the same ids, accounts, regions and material on every start.

Ciphertexts made against one start decrypt against the next one. Material is derived from the key's id; RSA keys, which
cannot be, lie in `seeded_rsa/` and protect nothing.
"""
import hashlib
import pathlib
from dataclasses import dataclass, field

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

SYMMETRIC = "SYMMETRIC_DEFAULT"
# The two accounts that AWS's own published vectors name.
FIRST_ACCOUNT, SECOND_ACCOUNT = "658956600833", "370957321024"

CURVES = {
    "ECC_NIST_P256": (
        ec.SECP256R1(),
        0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551,
    ),
    "ECC_NIST_P384": (
        ec.SECP384R1(),
        int("F" * 48 + "C7634D81F4372DDF581A0DB248B0A77AECEC196ACCC52973", 16),
    ),
    "ECC_NIST_P521": (
        ec.SECP521R1(),
        int("1" + "F" * 65 + "A51868783BF2F966B7FCC0148F709A5D03BB5C9B8899C47AEBB6FB71E91386409", 16),
    ),
}


@dataclass(frozen=True)
class SeededKey:
    id: str
    account: str
    regions: tuple  # the first one holds the primary key of a multi-Region key
    spec: str = SYMMETRIC
    usage: str = "ENCRYPT_DECRYPT"
    aliases: tuple = ()
    denied: frozenset = field(default_factory=frozenset)  # operations that answer AccessDeniedException
    state: str = "Enabled"

    def arn(self, region):
        return f"arn:aws:kms:{region}:{self.account}:key/{self.id}"

    @property
    def is_multi_region(self):
        return self.id.startswith("mrk-")

    @property
    def material(self):
        return _derived(b"material", self.id, 32)

    def private_key(self):
        """The key of an asymmetric KMS key; None for a symmetric one."""
        if self.spec.startswith("RSA_"):
            pem = pathlib.Path(__file__).parent / "seeded_rsa" / f"{self.id}.pem"
            return serialization.load_pem_private_key(pem.read_bytes(), None, unsafe_skip_rsa_key_validation=True)
        if self.spec in CURVES:
            curve, order = CURVES[self.spec]
            scalar = 1 + int.from_bytes(_derived(b"ecc", self.id, 80), "big") % (order - 1)
            return ec.derive_private_key(scalar, curve)
        return None


def _derived(kind, key_id, length):
    # The label is part of what published ciphertexts depend on: it stays.
    return hashlib.shake_256(b"seeded-kms-v1|" + kind + b"|" + key_id.encode()).digest(length)


def _agreement(spec, key_id):
    return SeededKey(key_id, SECOND_ACCOUNT, ("us-west-2",), spec=spec, usage="KEY_AGREEMENT")


KEYS = (
    SeededKey(
        "b3537ef1-d8dc-4780-9f5a-55776cbb2f7f",
        FIRST_ACCOUNT,
        ("us-west-2",),
        aliases=("alias/EncryptDecrypt",),
    ),
    SeededKey(
        "590fd781-ddde-4036-abec-3e1ab5a5d2ad",
        FIRST_ACCOUNT,
        ("us-west-2",),
        aliases=("alias/EncryptOnly",),
        denied=frozenset({"Decrypt"}),
    ),
    SeededKey("75414c93-5285-4b57-99c9-30c1cf0a22c2", FIRST_ACCOUNT, ("eu-central-1",)),
    SeededKey(
        "5d6c9a3e-0d0b-4a3e-9d2c-0e57a1e0f001",
        FIRST_ACCOUNT,
        ("eu-west-1",),
        aliases=("alias/EncryptDecryptEU",),
    ),
    SeededKey(
        "mrk-80bd8ecdcd4342aebd84b7dc9da498a7",
        FIRST_ACCOUNT,
        ("us-west-2", "us-east-1", "eu-west-1"),
        aliases=("alias/mrk-80bd8ecdcd4342aebd84b7dc9da498a7",),
    ),
    SeededKey(
        "9d989aa2-2f9c-438c-a745-cc57d3ad0126",
        SECOND_ACCOUNT,
        ("us-west-2",),
        aliases=("alias/KeyStore",),
    ),
    SeededKey("00000000-0000-4000-8000-00000000dead", FIRST_ACCOUNT, ("us-west-2",), state="Disabled"),
    SeededKey(
        "mrk-63d386cb70614ea59b32ad65c9315297",
        SECOND_ACCOUNT,
        ("us-west-2", "us-east-1"),
        spec="RSA_2048",
    ),
    SeededKey("00000000-0000-4000-8000-000000004096", FIRST_ACCOUNT, ("us-west-2",), spec="RSA_4096"),
    _agreement("ECC_NIST_P256", "eabdf483-6be2-4d2d-8ee4-8c2583d416e9"),
    _agreement("ECC_NIST_P256", "0265c8e9-5b6a-4055-8f70-63719e09fda5"),
    _agreement("ECC_NIST_P384", "7f35a704-f4fb-469d-98b1-62a1fa2cc44e"),
    _agreement("ECC_NIST_P384", "29f0bef9-1677-4e74-b67e-acefab1295ff"),
    _agreement("ECC_NIST_P521", "41b502e3-cc9d-442f-bd7b-d67faed0f22e"),
    _agreement("ECC_NIST_P521", "c45f1043-53bb-4f37-adc5-4d25d4a84f9d"),
)
