"""Exchanges files between `esdk encrypt`, `esdk decrypt` and Python, under every kind of keyring; started by scripts/check-files.

Python's keyrings are those of the interop adapter, made of the key descriptions of test vectors; esdk's are written after --key.
"""
import argparse
import base64
import hashlib
import json
import os
import random
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import adapter

KEYS = Path(__file__).resolve().parents[3] / "manifests/interop/keys.json"
LENGTHS = (0, 1, 4096, 100_000)
LARGE = 1 << 30
CONTEXT = {"purpose": "check-files", "clé": "ключ"}
SUITES = {"signed": "0578", "unsigned": "0478"}


def kinds(keys, folder):
    """-> (name, needs AWS, description to encrypt, --key to encrypt, description to decrypt, --key to decrypt, signs)"""
    def written(name, content):
        path = folder / name
        path.write_bytes(content)
        path.chmod(0o600)
        return path

    def pem(label, der):
        return f"-----BEGIN {label}-----\n{der}\n-----END {label}-----\n".encode()

    for bits in (128, 192, 256):
        name = f"aes-{bits}"
        raw = base64.b64decode(keys[name]["material"])
        for form, content in (("raw", raw), ("hex", raw.hex().encode() + b"\n"), ("base64", base64.b64encode(raw) + b"\n")):
            path = written(f"{name}.{form}", content)
            description = {"type": "raw", "encryption-algorithm": "aes", "provider-id": "files", "key": name}
            key = f"raw-aes:namespace=files,name={name},format={form},file={path}"
            yield f"raw-aes {bits} {form}", False, description, key, description, key, True
    private, public = (written(f"rsa.{half}", keys[f"rsa-2048-{half}"]["material"].encode()) for half in ("private", "public"))
    for padding in ("pkcs1", "oaep-sha1", "oaep-sha256", "oaep-sha384", "oaep-sha512"):
        def description(half):
            algorithm, _, digest = padding.partition("-")
            return {"type": "raw", "encryption-algorithm": "rsa", "provider-id": "files", "key": f"rsa-2048-{half}",
                    "padding-algorithm": "pkcs1" if algorithm == "pkcs1" else "oaep-mgf1", "padding-hash": digest or "sha1"}
        spelling = f"raw-rsa:namespace=files,name=rsa-2048,padding={padding},file="
        yield (f"raw-rsa {padding}", False, description("public"), f"{spelling}{public}", description("private"),
               f"{spelling}{private}", True)
    for bits in (256, 384, 521):
        name = f"ecc-{bits}-private"
        entry = keys[name]
        sender, recipient = (written(f"{name}.{side}", entry[f"{side}-material"].encode()) for side in ("sender", "recipient"))
        public = written(f"{name}.public", pem("PUBLIC KEY", entry["recipient-material-public-key"]))

        def description(schema):
            return {"type": "raw-ecdh", "schema": schema, "ecc-curve": f"ecc-{bits}", "sender": name, "recipient": name}
        discovery = description("discovery"), f"raw-ecdh:scheme=discovery,private={recipient}"
        static = f"raw-ecdh:scheme=static,private={sender},public={public},curve=P-{bits}"
        yield f"raw-ecdh ephemeral P-{bits}", False, description("ephemeral"), f"raw-ecdh:scheme=ephemeral,public={public}", *discovery, True
        yield f"raw-ecdh static P-{bits}", False, description("static"), static, *discovery, True
        yield f"raw-ecdh static both ways P-{bits}", False, description("static"), static, description("static"), static, True

    west, mrk, other = (keys[name]["key-id"] for name in ("us-west-2-decryptable", "us-west-2-mrk", "us-east-1-mrk"))
    account = west.split(":")[4]
    description = {"type": "aws-kms", "key": "us-west-2-decryptable"}
    yield "aws-kms", True, description, f"aws-kms:{west}", description, f"aws-kms:{west}", True
    filtered = {"aws-kms-discovery-filter": {"partition": "aws", "account-ids": [account]}}
    discovery = {"type": "aws-kms-mrk-aware-discovery", "default-mrk-region": "us-west-2", **filtered}
    for name, key in (("aws-kms-discovery", "aws-kms-discovery"),
                      ("aws-kms-discovery in an account", f"aws-kms-discovery:accounts={account}"),
                      ("aws-kms-discovery in regions", f"aws-kms-discovery:accounts={account},regions=eu-west-1,us-west-2")):
        yield name, True, description, f"aws-kms:{west}", discovery, key, True
    yield ("aws-kms-mrk", True, {"type": "aws-kms-mrk-aware", "key": "us-east-1-mrk"}, f"aws-kms-mrk:{other}",
           {"type": "aws-kms-mrk-aware", "key": "us-west-2-mrk"}, f"aws-kms-mrk:{mrk}", True)
    yield ("aws-kms-mrk-discovery", True, {"type": "aws-kms-mrk-aware", "key": "us-east-1-mrk"}, f"aws-kms-mrk:{other}",
           discovery, f"aws-kms-mrk-discovery:region=us-west-2,accounts={account},partition=aws", True)
    entry = keys["us-west-2-rsa-mrk"]
    public = written("kms-rsa.public", entry["material"].encode())
    for algorithm in ("RSAES_OAEP_SHA_1", "RSAES_OAEP_SHA_256"):
        description = {"type": "aws-kms-rsa", "key": "us-west-2-rsa-mrk", "encryption-algorithm": algorithm}
        key = f"aws-kms-rsa:{entry['key-id']},algorithm={algorithm},public={public}"
        yield f"aws-kms-rsa {algorithm}", True, description, key, description, key, False
    for bits in (256, 384, 521):
        name = f"us-west-2-{bits}-ecc"
        entry = keys[name]
        public = written(f"{name}.public", pem("PUBLIC KEY", entry["recipient-material-public-key"]))

        def description(schema):
            return {"type": "aws-kms-ecdh", "schema": schema, "ecc-curve": name, "sender": name, "recipient": name}
        yield (f"aws-kms-ecdh P-{bits}", True, description("static"),
               f"aws-kms-ecdh:{entry['sender-material']},scheme=static,public={public}", description("discovery"),
               f"aws-kms-ecdh:{entry['recipient-material']},scheme=discovery,curve=P-{bits}", True)
    description = {"type": "aws-kms-hierarchy", "key": "branch-key-1"}
    key = (f"hierarchical:table={adapter.KEY_STORE},branch-key={keys['branch-key-1']['key-id']},"
           f"kms={adapter.KEY_STORE_KMS_KEY},ttl=60")
    yield "hierarchical", True, description, key, description, key, True


class Check:
    def __init__(self, esdk, endpoint, keys, folder):
        self.esdk, self.endpoint, self.folder = esdk, endpoint, folder
        self.python = adapter.Esdk(keys, endpoint)
        self.count = self.failed = 0

    def run(self, *words, **options):
        endpoint = ["--kms-endpoint", self.endpoint] if self.endpoint else []
        return subprocess.run([self.esdk, *words, *endpoint], cwd=self.folder, stdout=subprocess.PIPE, check=True, **options).stdout

    def expect(self, what, plaintext, action):
        self.count += 1
        try:
            result = action()
            problem = None if result == plaintext else f"{len(result)} bytes came back that are not the {len(plaintext)} of the plaintext"
        except Exception as error:  # whatever one side has to say
            problem = f"{type(error).__name__}: {error}"
        if problem:
            self.failed += 1
            print(f"FAILED {what}: {problem}")

    def exchange(self, kind, length):
        name, _, encrypting, encrypting_key, decrypting, decrypting_key, signs = kind
        plaintext = random.Random(f"{name} {length}").randbytes(length)
        suite = SUITES["signed" if signs else "unsigned"]
        context = [word for pair in CONTEXT.items() for word in ("--context", "=".join(pair))]

        def of_esdk(message):
            return self.python.decrypt(self.python.materials(decrypting), message, suite, CONTEXT, False)

        def file_to_python():
            (self.folder / "plain").write_bytes(plaintext)
            self.run("encrypt", "plain", "-o", "message", "--force", "--suite", suite, "--key", encrypting_key, *context)
            return of_esdk((self.folder / "message").read_bytes())

        def pipe_to_python():
            return of_esdk(self.run("encrypt", "-", "--suite", suite, "--key", encrypting_key, *context, input=plaintext))

        def of_python():
            return self.python.encrypt(self.python.materials(encrypting), plaintext, suite, 4096, CONTEXT)

        def python_to_file():
            (self.folder / "message").write_bytes(of_python())
            self.run("decrypt", "message", "-o", "plain", "--force", "--key", decrypting_key, *context)
            return (self.folder / "plain").read_bytes()

        def python_to_pipe():
            return self.run("decrypt", "-", "--key", decrypting_key, *context, input=of_python())

        for action in (file_to_python, pipe_to_python, python_to_file, python_to_pipe):
            self.expect(f"{name}, {length} bytes, {action.__name__.replace('_', ' ')}", plaintext, action)

    def exchange_large(self, kind):
        """A file of 1 GiB, in streams on both sides."""
        name, _, encrypting, encrypting_key, decrypting, decrypting_key, _ = kind
        block = random.Random(0).randbytes(1 << 20)
        digest = hashlib.sha256(block * (LARGE >> 20)).digest()
        with open(self.folder / "plain", "wb") as file:
            for _ in range(LARGE >> 20):
                file.write(block)

        def hashed(file):
            return hashlib.file_digest(file, "sha256").digest()

        def to_python():
            self.run("encrypt", "plain", "-o", "message", "--force", "--key", encrypting_key)
            client = self.python.esdk("0578")
            result = hashlib.sha256()
            with open(self.folder / "message", "rb") as file, client.stream(
                    mode="d", source=file, **self.python.materials(decrypting)) as stream:
                while chunk := stream.read(1 << 20):
                    result.update(chunk)
            return result.digest()

        def of_python():
            client = self.python.esdk("0578")
            with open(self.folder / "plain", "rb") as file, open(self.folder / "message", "wb") as out, client.stream(
                    mode="e", source=file, **self.python.materials(encrypting)) as stream:
                while chunk := stream.read(1 << 20):
                    out.write(chunk)
            os.remove(self.folder / "plain")
            self.run("decrypt", "message", "-o", "plain", "--key", decrypting_key)
            with open(self.folder / "plain", "rb") as file:
                return hashed(file)

        self.expect(f"{name}, 1 GiB to Python", digest, to_python)
        self.expect(f"{name}, 1 GiB of Python", digest, of_python)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--esdk", required=True)
    parser.add_argument("--large", action="store_true")
    arguments = parser.parse_args()
    endpoint = os.environ.get("ESDK_LOCAL_AWS")
    keys = json.loads(KEYS.read_text())["keys"]
    began = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        folder = Path(folder)
        check = Check(os.path.abspath(arguments.esdk), endpoint, keys, folder)
        found = list(kinds(keys, folder))
        usable = [kind for kind in found if endpoint or not kind[1]]
        for kind in usable:
            # Lengths matter to the format, and not to the keyring.
            for length in LENGTHS if kind is usable[0] or kind[0] == "aws-kms" else LENGTHS[-1:]:
                check.exchange(kind, length)
        if arguments.large:
            check.exchange_large(usable[0])
    left_out = "" if endpoint else f", {len(found) - len(usable)} that need AWS left out"
    print(f"{len(usable)} kinds of keyrings{left_out}: {check.count - check.failed} of {check.count} exchanges with Python"
          f" {adapter.aws_encryption_sdk.__version__} came back, in {time.monotonic() - began:.0f} s")
    return 1 if check.failed else 0


if __name__ == "__main__":
    sys.exit(main())
