#!/usr/bin/env python3
"""What a call to a local stand-in for AWS KMS costs this process: boto3's GenerateDataKey + Decrypt alone, and a message of 100 bytes
encrypted and decrypted under the key by the pinned library. Prints CPU microseconds for a pair of calls, one for each batch, as JSON."""
import argparse
import json
import logging
import time

from adapter import Esdk

CONTEXT, SUITE, SIZE, FRAME = {"purpose": "measurement"}, "0478", 100, 4096


def main():
    logging.disable(logging.CRITICAL)
    ap = argparse.ArgumentParser(description=__doc__)
    ap.add_argument("--kms-endpoint", required=True, metavar="URL")
    ap.add_argument("--kms-key", required=True, metavar="ARN")
    ap.add_argument("--batches", type=int, default=2)
    ap.add_argument("--calls", type=int, default=50, help="pairs of calls in a batch")
    a = ap.parse_args()
    library = Esdk({"key": {"key-id": a.kms_key}}, a.kms_endpoint)
    kms = library.kms(a.kms_key)
    materials = library.materials({"type": "aws-kms", "key": "key"})
    plaintext = bytes(SIZE)

    def alone():
        made = kms.generate_data_key(KeyId=a.kms_key, NumberOfBytes=32, EncryptionContext=CONTEXT)
        opened = kms.decrypt(KeyId=a.kms_key, CiphertextBlob=made["CiphertextBlob"], EncryptionContext=CONTEXT)
        assert opened["Plaintext"] == made["Plaintext"]

    def message():
        ciphertext = library.encrypt(materials, plaintext, SUITE, FRAME, CONTEXT)
        assert library.decrypt(materials, ciphertext, SUITE, {}, False) == plaintext

    costs = {"calls": [], "message": []}
    for name, pair in (("calls", alone), ("message", message)):
        pair()
        for _ in range(a.batches):
            start = time.process_time()
            for _ in range(a.calls):
                pair()
            costs[name].append((time.process_time() - start) / a.calls * 1e6)
    print(json.dumps(costs))


if __name__ == "__main__":
    main()
