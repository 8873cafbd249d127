"""The key store and the hierarchical keyring of the Material Providers Library for Python, for a test that uses them together with ours.

  key_store.py --endpoint URL --table NAME --kms-key ARN

Reads a request as a line of JSON, calls what its member `do` names, and answers with a line of JSON, {"error": TEXT} when the
library refuses; until the end of the input. Keys and messages are in base64.
"""
import argparse
import base64
import json
import sys

import aws_encryption_sdk
import boto3
from aws_cryptographic_material_providers.keystore import KeyStore, models as k
from aws_cryptographic_material_providers.keystore.config import KeyStoreConfig
from aws_cryptographic_material_providers.mpl import AwsCryptographicMaterialProviders, models as m
from aws_cryptographic_material_providers.mpl.config import MaterialProvidersConfig


class Calls:
    def __init__(self, endpoint, table, kms_key):
        region = kms_key.split(":")[3]
        kms, dynamodb = (boto3.client(service, region, endpoint_url=endpoint, aws_access_key_id="interop",
                                      aws_secret_access_key="interop") for service in ("kms", "dynamodb"))
        self.store = KeyStore(config=KeyStoreConfig(ddb_client=dynamodb, ddb_table_name=table, logical_key_store_name=table,
                                                    kms_client=kms, kms_configuration=k.KMSConfigurationKmsKeyArn(kms_key)))
        self.mpl = AwsCryptographicMaterialProviders(config=MaterialProvidersConfig())
        self.client = aws_encryption_sdk.EncryptionSDKClient()

    def create_key_store(self):
        return {"arn": self.store.create_key_store(k.CreateKeyStoreInput()).table_arn}

    def create_key(self, id=None, context=None):
        made = self.store.create_key(k.CreateKeyInput(branch_key_identifier=id, encryption_context=context))
        return {"id": made.branch_key_identifier}

    def version_key(self, id):
        self.store.version_key(k.VersionKeyInput(branch_key_identifier=id))
        return {}

    def active_branch_key(self, id):
        return branch_key(self.store.get_active_branch_key(k.GetActiveBranchKeyInput(branch_key_identifier=id)))

    def branch_key(self, id, version):
        return branch_key(self.store.get_branch_key_version(k.GetBranchKeyVersionInput(branch_key_identifier=id,
                                                                                       branch_key_version=version)))

    def beacon_key(self, id):
        materials = self.store.get_beacon_key(k.GetBeaconKeyInput(branch_key_identifier=id)).beacon_key_materials
        return {"key": text(materials.beacon_key), "context": materials.encryption_context}

    def encrypt(self, id, plaintext):
        return {"message": text(self.client.encrypt(source=base64.b64decode(plaintext), keyring=self.keyring(id))[0])}

    def decrypt(self, id, message):
        return {"plaintext": text(self.client.decrypt(source=base64.b64decode(message), keyring=self.keyring(id))[0])}

    def keyring(self, id):
        """-> one with a new cache, so that the active key is what the key store says now"""
        return self.mpl.create_aws_kms_hierarchical_keyring(m.CreateAwsKmsHierarchicalKeyringInput(
            key_store=self.store, branch_key_id=id, ttl_seconds=60))


def branch_key(output):
    materials = output.branch_key_materials
    return {"version": materials.branch_key_version, "key": text(materials.branch_key), "context": materials.encryption_context}


def text(content):
    return base64.b64encode(content).decode()


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    for name in ("endpoint", "table", "kms-key"):
        parser.add_argument("--" + name, required=True)
    calls = Calls(**vars(parser.parse_args()))
    for line in sys.stdin:
        request = json.loads(line)
        call = getattr(calls, request.pop("do"))
        try:
            answer = call(**request)
        except Exception as e:  # the test decides whether it was to be refused
            answer = {"error": f"{type(e).__name__}: {e}"}
        print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    main()
