"""Interop adapter (../README.md) for aws-encryption-sdk-python 4.x, with keyrings of the Material Providers Library (MPL)."""
import base64
import functools

from cryptography.hazmat.primitives import serialization

# The MPL reads an RSA private key anew for every message, and OpenSSL then checks it: 0.2 s for 4096 bits.
serialization.load_pem_private_key = functools.lru_cache(maxsize=16)(serialization.load_pem_private_key)

import aws_encryption_sdk
import boto3
from aws_cryptographic_material_providers.keystore import KeyStore
from aws_cryptographic_material_providers.keystore.config import KeyStoreConfig
from aws_cryptographic_material_providers.keystore.models import KMSConfigurationKmsKeyArn
from aws_cryptographic_material_providers.mpl import AwsCryptographicMaterialProviders, models as m
from aws_cryptographic_material_providers.mpl.config import MaterialProvidersConfig
from aws_encryption_sdk import CommitmentPolicy, EncryptionSDKClient
from aws_encryption_sdk.identifiers import AlgorithmSuite

from contract import Unsupported, main

KEY_STORE = "interop-key-store"
KEY_STORE_KMS_KEY = "arn:aws:kms:us-west-2:370957321024:key/9d989aa2-2f9c-438c-a745-cc57d3ad0126"


class Esdk:
    name, version = "aws/aws-encryption-sdk-python", aws_encryption_sdk.__version__

    def __init__(self, keys, kms_endpoint):
        self.keys, self.kms_endpoint = keys, kms_endpoint
        self.mpl = AwsCryptographicMaterialProviders(config=MaterialProvidersConfig())
        self.client = functools.cache(self.client)

    def encrypt(self, materials, plaintext, suite, frame_size, context):
        return self.esdk(suite).encrypt(source=plaintext, algorithm=AlgorithmSuite.get_by_id(int(suite, 16)),
                                        frame_length=frame_size, encryption_context=context, **materials)[0]

    def decrypt(self, materials, ciphertext, suite, context, unsigned_stream):
        args = dict(source=ciphertext, encryption_context=context, **materials)
        if not unsigned_stream:
            return self.esdk(suite).decrypt(**args)[0]
        with self.esdk(suite).stream(mode="decrypt-unsigned", **args) as stream:
            return stream.read()

    @staticmethod
    def esdk(suite):
        return EncryptionSDKClient(commitment_policy=CommitmentPolicy.REQUIRE_ENCRYPT_REQUIRE_DECRYPT
                                   if suite in ("0478", "0578") else CommitmentPolicy.FORBID_ENCRYPT_ALLOW_DECRYPT)

    def materials(self, d):
        """-> the client's keyring or materials manager argument"""
        if d["type"] != "required-encryption-context-cmm":
            return {"keyring": self.keyring(d)}
        default = self.mpl.create_default_cryptographic_materials_manager(
            m.CreateDefaultCryptographicMaterialsManagerInput(keyring=self.keyring(d["underlying"])))
        return {"materials_manager": self.mpl.create_required_encryption_context_cmm(m.CreateRequiredEncryptionContextCMMInput(
            underlying_cmm=default, required_encryption_context_keys=d["requiredEncryptionContextKeys"]))}

    def keyring(self, d):
        mpl, key = self.mpl, self.keys[d["key"]] if "key" in d else None
        match d["type"], d.get("encryption-algorithm"):
            case "multi-keyring", _:
                return mpl.create_multi_keyring(m.CreateMultiKeyringInput(
                    generator=self.keyring(d["generator"]) if d.get("generator") else None,
                    child_keyrings=[self.keyring(child) for child in d["childKeyrings"]]))
            case "raw", "aes":
                return mpl.create_raw_aes_keyring(m.CreateRawAesKeyringInput(
                    key_namespace=d["provider-id"], key_name=key["key-id"], wrapping_key=base64.b64decode(key["material"]),
                    wrapping_alg=f"ALG_AES{key['bits']}_GCM_IV12_TAG16"))
            case "raw", "rsa":
                return mpl.create_raw_rsa_keyring(m.CreateRawRsaKeyringInput(
                    key_namespace=d["provider-id"], key_name=key["key-id"], **{key["type"] + "_key": key["material"].encode()},
                    padding_scheme="PKCS1" if d["padding-algorithm"] == "pkcs1" else f"OAEP_{d['padding-hash'].upper()}_MGF1"))
            case "raw-ecdh", _:
                return mpl.create_raw_ecdh_keyring(m.CreateRawEcdhKeyringInput(
                    curve_spec=curve(d), key_agreement_scheme=self.raw_ecdh_scheme(d)))
            case "aws-kms", _:
                return mpl.create_aws_kms_keyring(m.CreateAwsKmsKeyringInput(
                    kms_key_id=key["key-id"], kms_client=self.kms(key["key-id"])))
            case "aws-kms-mrk-aware", _:
                return mpl.create_aws_kms_mrk_keyring(m.CreateAwsKmsMrkKeyringInput(
                    kms_key_id=key["key-id"], kms_client=self.kms(key["key-id"])))
            case "aws-kms-mrk-aware-discovery", _:
                region, allowed = d["default-mrk-region"], d.get("aws-kms-discovery-filter")
                return mpl.create_aws_kms_mrk_discovery_keyring(m.CreateAwsKmsMrkDiscoveryKeyringInput(
                    region=region, kms_client=self.client("kms", region), discovery_filter=allowed and m.DiscoveryFilter(
                        partition=allowed["partition"], account_ids=allowed["account-ids"])))
            case "aws-kms-rsa", algorithm:
                return mpl.create_aws_kms_rsa_keyring(m.CreateAwsKmsRsaKeyringInput(
                    kms_key_id=key["key-id"], kms_client=self.kms(key["key-id"]), public_key=key["material"].encode(),
                    encryption_algorithm=algorithm))
            case "aws-kms-ecdh", _:
                return mpl.create_aws_kms_ecdh_keyring(m.CreateAwsKmsEcdhKeyringInput(
                    curve_spec=curve(d), key_agreement_scheme=self.kms_ecdh_scheme(d),
                    kms_client=self.kms(self.keys[d["recipient"]]["recipient-material"])))
            case "aws-kms-hierarchy", _:
                return mpl.create_aws_kms_hierarchical_keyring(m.CreateAwsKmsHierarchicalKeyringInput(
                    key_store=self.key_store(), branch_key_id=key["key-id"], ttl_seconds=600))
            case kind, algorithm:
                raise Unsupported(f"key description {kind} {algorithm or ''}".strip())

    def raw_ecdh_scheme(self, d):
        recipient = self.keys[d["recipient"]]
        public = base64.b64decode(recipient["recipient-material-public-key"])
        match d["schema"]:
            case "static":
                return m.RawEcdhStaticConfigurationsRawPrivateKeyToStaticPublicKey(m.RawPrivateKeyToStaticPublicKeyInput(
                    sender_static_private_key=self.keys[d["sender"]]["sender-material"].encode(), recipient_public_key=public))
            case "ephemeral":
                return m.RawEcdhStaticConfigurationsEphemeralPrivateKeyToStaticPublicKey(
                    m.EphemeralPrivateKeyToStaticPublicKeyInput(recipient_public_key=public))
            case "discovery":
                return m.RawEcdhStaticConfigurationsPublicKeyDiscovery(m.PublicKeyDiscoveryInput(
                    recipient_static_private_key=recipient["recipient-material"].encode()))
        raise Unsupported(f"raw-ecdh schema {d['schema']}")

    def kms_ecdh_scheme(self, d):
        recipient = self.keys[d["recipient"]]
        match d["schema"]:
            case "static":
                return m.KmsEcdhStaticConfigurationsKmsPrivateKeyToStaticPublicKey(m.KmsPrivateKeyToStaticPublicKeyInput(
                    sender_kms_identifier=self.keys[d["sender"]]["sender-material"],
                    recipient_public_key=base64.b64decode(recipient["recipient-material-public-key"])))
            case "discovery":
                return m.KmsEcdhStaticConfigurationsKmsPublicKeyDiscovery(m.KmsPublicKeyDiscoveryInput(
                    recipient_kms_identifier=recipient["recipient-material"]))
        raise Unsupported(f"aws-kms-ecdh schema {d['schema']}")

    def key_store(self):
        kms = self.kms(KEY_STORE_KMS_KEY)
        return KeyStore(config=KeyStoreConfig(
            ddb_client=self.client("dynamodb", kms.meta.region_name), ddb_table_name=KEY_STORE, logical_key_store_name=KEY_STORE,
            kms_client=kms, kms_configuration=KMSConfigurationKmsKeyArn(KEY_STORE_KMS_KEY)))

    def kms(self, arn):
        return self.client("kms", arn.split(":")[3])

    def client(self, service, region):
        if not self.kms_endpoint:
            raise Unsupported("no --kms-endpoint")
        return boto3.client(service, region, endpoint_url=self.kms_endpoint,
                            aws_access_key_id="interop", aws_secret_access_key="interop")


def curve(d):
    return "ECC_NIST_P" + next(bits for bits in ("256", "384", "521") if bits in d["ecc-curve"])


if __name__ == "__main__":
    main(Esdk)
