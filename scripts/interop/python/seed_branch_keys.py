"""Puts every static-branch-key of a keys file into the key store table of a local stand-in for KMS and DynamoDB.

  seed_branch_keys.py --keys keys.json --endpoint http://127.0.0.1:PORT      (may be repeated)

The items are those that CreateKey of a branch key store writes (AWS specification, framework/branch-key-store.md), with the
key id, version, branch key and beacon key of the entry; `enc` is KMS Encrypt of the key under the item's encryption context.
"""
import argparse
import base64
import json
import sys

import boto3

TABLE = LOGICAL_NAME = "interop-key-store"
KMS_KEY = "arn:aws:kms:us-west-2:370957321024:key/9d989aa2-2f9c-438c-a745-cc57d3ad0126"
CREATED = "2024-01-01T00:00:00.000000Z"


def items(entry):
    """-> (attributes without `enc`, plaintext key) of the three items of one branch key"""
    version = "branch:version:" + entry["branchKeyVersion"]
    branch, beacon = base64.b64decode(entry["branchKey"]), base64.b64decode(entry["beaconKey"])
    for extra, plaintext in (({"type": version}, branch), ({"type": "branch:ACTIVE", "version": version}, branch),
                             ({"type": "beacon:ACTIVE"}, beacon)):
        yield {"branch-key-id": entry["key-id"], "create-time": CREATED, "kms-arn": KMS_KEY, "hierarchy-version": "1",
               **extra}, plaintext


ap = argparse.ArgumentParser()
ap.add_argument("--keys", required=True)
ap.add_argument("--endpoint", required=True)
a = ap.parse_args()
kms, ddb = (boto3.client(s, "us-west-2", endpoint_url=a.endpoint, aws_access_key_id="interop", aws_secret_access_key="interop")
            for s in ("kms", "dynamodb"))
try:
    ddb.create_table(
        TableName=TABLE, BillingMode="PAY_PER_REQUEST",
        KeySchema=[{"AttributeName": "branch-key-id", "KeyType": "HASH"}, {"AttributeName": "type", "KeyType": "RANGE"}],
        AttributeDefinitions=[{"AttributeName": n, "AttributeType": "S"} for n in ("branch-key-id", "type")])
except ddb.exceptions.ResourceInUseException:
    pass
new = same = 0
for entry in json.load(open(a.keys))["keys"].values():
    for attributes, plaintext in items(entry) if entry["type"] == "static-branch-key" else ():
        item = {k: {"N" if k == "hierarchy-version" else "S": v} for k, v in attributes.items()}
        context = {**attributes, "tablename": LOGICAL_NAME}
        found = ddb.get_item(TableName=TABLE, Key={k: item[k] for k in ("branch-key-id", "type")}, ConsistentRead=True).get("Item")
        if not found:
            enc = kms.encrypt(KeyId=KMS_KEY, Plaintext=plaintext, EncryptionContext=context)["CiphertextBlob"]
            ddb.put_item(TableName=TABLE, Item={**item, "enc": {"B": enc}}, ConditionExpression="attribute_not_exists(#id)",
                         ExpressionAttributeNames={"#id": "branch-key-id"})
            new += 1
        elif ({k: v for k, v in found.items() if k != "enc"} == item and
              kms.decrypt(KeyId=KMS_KEY, CiphertextBlob=found["enc"]["B"], EncryptionContext=context)["Plaintext"] == plaintext):
            same += 1
        else:
            sys.exit(f"{TABLE} holds another {attributes['type']} of {attributes['branch-key-id']}")
print(f"{TABLE}: {new} items put, {same} there already")
