"""Interop adapter (../README.md) for aws-encryption-sdk-python with master keys, raw AES, raw RSA and AWS KMS: 1.7 and later.

1.x writes the suites without key commitment and reads all of them."""
import base64
import os
import sys
import warnings
from pathlib import Path

warnings.simplefilter("ignore")  # the old `cryptography` that 1.x needs; PKCS #1 v1.5 in new ones

import aws_encryption_sdk
from aws_encryption_sdk import CommitmentPolicy, EncryptionSDKClient
from aws_encryption_sdk.identifiers import AlgorithmSuite, EncryptionKeyType, WrappingAlgorithm
from aws_encryption_sdk.internal.crypto.wrapping_keys import WrappingKey
from aws_encryption_sdk.key_providers.base import MasterKeyProvider, MasterKeyProviderConfig
from aws_encryption_sdk.key_providers.kms import StrictAwsKmsMasterKeyProvider
from aws_encryption_sdk.key_providers.raw import RawMasterKey

sys.path.append(str(Path(__file__).resolve().parent.parent / "python"))
from contract import Unsupported, main


class Several(MasterKeyProvider):
    """Encrypts to every member (the first generates the data key), decrypts with any of them."""
    provider_id = "several"
    vend_masterkey_on_decrypt = False
    _config_class = MasterKeyProviderConfig

    def _new_master_key(self, key_id):
        raise NotImplementedError


class Esdk:
    name, version = "aws/aws-encryption-sdk-python", aws_encryption_sdk.__version__

    def __init__(self, keys, kms_endpoint):
        self.keys, self.kms_endpoint = keys, kms_endpoint
        # The library makes its clients itself.
        os.environ.update(AWS_ENDPOINT_URL=kms_endpoint or "", AWS_ACCESS_KEY_ID="interop", AWS_SECRET_ACCESS_KEY="interop")

    def encrypt(self, provider, plaintext, suite, frame_size, context):
        return self.esdk(suite).encrypt(source=plaintext, algorithm=AlgorithmSuite.get_by_id(int(suite, 16)), frame_length=frame_size,
                                 encryption_context=context, key_provider=provider)[0]

    def decrypt(self, provider, ciphertext, suite, context, unsigned_stream):
        args = dict(source=ciphertext, key_provider=provider)
        if unsigned_stream:
            with self.esdk(suite).stream(mode="decrypt-unsigned", **args) as stream:
                plaintext, header = stream.read(), stream.header
        else:
            plaintext, header = self.esdk(suite).decrypt(**args)
        if not context.items() <= header.encryption_context.items():
            raise Unsupported("reproduced encryption context that is not in the message")
        return plaintext

    @staticmethod
    def esdk(suite):
        # 1.x has the one policy only.
        strict = getattr(CommitmentPolicy, "REQUIRE_ENCRYPT_REQUIRE_DECRYPT", None) if suite in ("0478", "0578") else None
        return EncryptionSDKClient(commitment_policy=strict or CommitmentPolicy.FORBID_ENCRYPT_ALLOW_DECRYPT)

    def materials(self, d):
        several = Several()
        several.add_master_key_providers_from_list(self.master_keys(d))
        return several

    def master_keys(self, d):
        if d["type"] == "multi-keyring":
            members = [d["generator"], *d["childKeyrings"]] if d.get("generator") else d["childKeyrings"]
            return [key for member in members for key in self.master_keys(member)]
        if d["type"] not in ("raw", "aws-kms"):
            raise Unsupported(f"key description {d['type']}")
        key = self.keys[d["key"]]
        if d["type"] == "aws-kms":
            if not self.kms_endpoint:
                raise Unsupported("no --kms-endpoint")
            return [StrictAwsKmsMasterKeyProvider(key_ids=[key["key-id"]]).master_key_for_encrypt(key["key-id"])]
        if d["encryption-algorithm"] == "aes":
            algorithm, material = f"AES_{key['bits']}_GCM_IV12_TAG16_NO_PADDING", base64.b64decode(key["material"])
        else:
            algorithm = "RSA_PKCS1" if d["padding-algorithm"] == "pkcs1" else f"RSA_OAEP_{d['padding-hash'].upper()}_MGF1"
            material = key["material"].encode()
        wrapping_key = WrappingKey(WrappingAlgorithm[algorithm], material, EncryptionKeyType[key["type"].upper()])
        return [RawMasterKey(provider_id=d["provider-id"], key_id=key["key-id"], wrapping_key=wrapping_key)]


if __name__ == "__main__":
    main(Esdk)
