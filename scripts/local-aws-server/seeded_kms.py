"""KMS as moto has it, with the seeded keys, and with what moto lacks.

Added: RSA-OAEP, DeriveSharedSecret, errors for disabled, denied, wrong-purpose and wrong keys, whole ARNs and regions
when a key is named, an unambiguous binding of the encryption context, sizes and counts that KMS limits, and errors in
KMS's form for requests that moto answers with an HTML page.
"""
import base64
import json
import re

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding
from moto.core.exceptions import JsonRESTError
from moto.kms import models, responses, utils

import seeded_keys
from seeded_keys import SYMMETRIC

OAEP_HASHES = {"RSAES_OAEP_SHA_1": hashes.SHA1, "RSAES_OAEP_SHA_256": hashes.SHA256}
KEY_ARN = re.compile(r"arn:[^:]+:kms:([^:]*):([^:]*):(key|alias)/(.+)")
KEY_ID = re.compile(r"mrk-[0-9a-f]{32}|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


class KMSError(JsonRESTError):
    code = 400


class _PrivateKey:
    """A private key in the shape that moto expects."""

    def __init__(self, private_key):
        self.private_key = private_key

    def public_key(self):
        return self.private_key.public_key().public_bytes(
            serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
        )


def seed(account):
    """Puts the keys into moto, all in the backend of one account: moto looks there for any credentials."""
    # moto would make an RSA key for every key, symmetric ones included.
    original = models.generate_private_key
    models.generate_private_key = lambda spec: None
    for seeded in seeded_keys.KEYS:
        private_key = seeded.private_key()
        for region in seeded.regions:
            backend = models.kms_backends[account][region]
            key = backend.create_key(None, seeded.usage, seeded.spec, "seeded", None, seeded.is_multi_region)
            del backend.keys[key.id]
            key.id, key.arn, key.account_id = seeded.id, seeded.arn(region), seeded.account
            key.key_material = seeded.material
            key.private_key = _PrivateKey(private_key) if private_key else None
            key.creation_date = 1_600_000_000.0
            key.denied = seeded.denied
            key.key_state, key.enabled = seeded.state, seeded.state == "Enabled"
            if seeded.is_multi_region:
                key.multi_region_configuration = _replicas(seeded, region)
            backend.keys[key.id] = key
            for name in seeded.aliases:
                backend.create_alias(key.id, name).alias_arn = f"arn:aws:kms:{region}:{seeded.account}:{name}"
    models.generate_private_key = lambda spec: None if spec == SYMMETRIC else original(spec)


def _replicas(seeded, region):
    primary, *replicas = seeded.regions
    return {
        "MultiRegionKeyType": "PRIMARY" if region == primary else "REPLICA",
        "PrimaryKey": {"Arn": seeded.arn(primary), "Region": primary},
        "ReplicaKeys": [{"Arn": seeded.arn(other), "Region": other} for other in replicas],
    }


def _bound_context(encryption_context):
    """The context with lengths, in the order of the keys: moto joins the texts, so that different ones are equal."""
    output = b""
    for pair in sorted(encryption_context.items()):
        for text in pair:
            output += len(text.encode()).to_bytes(4, "big") + text.encode()
    return output


def _resolve(handler, key_id):
    """The key that an id, ARN, alias or alias ARN names in the region of the request; ARNs must match whole."""
    keys = handler.kms_backend.keys
    if not isinstance(key_id, str) or not 1 <= len(key_id) <= 2048:
        raise KMSError("ValidationException", "1 validation error detected: Value at 'keyId' has a wrong length")
    if key_id.startswith("arn:"):
        arn = KEY_ARN.fullmatch(key_id)
        if not arn:
            raise KMSError("NotFoundException", f"Invalid arn {key_id}")
        if arn[3] == "key":
            key = keys.get(arn[4])
            if key is None or key.arn != key_id:
                raise KMSError("NotFoundException", f"Key '{key_id}' does not exist")
            return key
        for key in keys.values():
            alias = key.aliases.get("alias/" + arn[4])
            if alias and alias.alias_arn == key_id:
                return key
        raise KMSError("NotFoundException", f"Alias {key_id} is not found.")
    if key_id.startswith("alias/"):
        for key in keys.values():
            if key_id in key.aliases:
                return key
        raise KMSError("NotFoundException", f"Alias {key_id} is not found.")
    if key_id not in keys:
        raise KMSError("NotFoundException", f"Invalid keyId '{key_id}'")
    return keys[key_id]


def _require_usable(key, operation, usage="ENCRYPT_DECRYPT"):
    if operation in getattr(key, "denied", ()):
        raise KMSError(
            "AccessDeniedException", f"User is not authorized to perform: kms:{operation} on resource: {key.arn}"
        )
    if key.key_state == "Disabled":
        raise KMSError("DisabledException", f"{key.arn} is disabled.")
    if key.key_state != "Enabled":
        raise KMSError("KMSInvalidStateException", f"{key.arn} is pending deletion.")
    if key.key_usage not in (usage, None):
        raise KMSError(
            "InvalidKeyUsageException", f"{key.arn} key usage is {key.key_usage} which is not valid for {operation}."
        )


class _Request:
    """The members of a request, checked as KMS checks them."""

    def __init__(self, handler):
        self.handler = handler
        tokens = self.get("GrantTokens", [])
        if len(tokens) > 10:
            raise KMSError(
                "ValidationException",
                "1 validation error detected: Value at 'grantTokens' failed to satisfy constraint: "
                "Member must have length less than or equal to 10",
            )

    def get(self, name, default=None):
        value = self.handler._get_param(name)
        return default if value is None else value

    def required(self, name):
        value = self.get(name)
        if value is None:
            raise KMSError(
                "ValidationException",
                f"1 validation error detected: Value null at '{name[0].lower()}{name[1:]}' failed to satisfy "
                "constraint: Member must not be null",
            )
        return value

    def blob(self, name, limit):
        value = self.required(name)
        if isinstance(value, str):
            try:
                value = base64.b64decode(value, validate=True)
            except ValueError:
                raise KMSError("SerializationException", f"{name} is not base64") from None
        if not 1 <= len(value) <= limit:
            raise KMSError(
                "ValidationException",
                f"1 validation error detected: Value at '{name[0].lower()}{name[1:]}' failed to satisfy constraint: "
                f"Member must have length less than or equal to {limit}",
            )
        return value


def _encrypt(key, plaintext, context, algorithm):
    if key.key_spec == SYMMETRIC:
        if algorithm not in (None, SYMMETRIC):
            raise KMSError("InvalidKeyUsageException", "Algorithm is not supported by key spec")
        return utils.encrypt({key.id: key}, key.id, plaintext, context)
    if algorithm not in OAEP_HASHES:
        raise KMSError(
            "InvalidKeyUsageException", f"Algorithm {algorithm} and key spec {key.key_spec} are incompatible."
        )
    if context:
        raise KMSError("ValidationException", "Encryption context is not supported for asymmetric CMKs")
    try:
        return key.private_key.private_key.public_key().encrypt(plaintext, _oaep(algorithm))
    except ValueError as error:
        raise KMSError("ValidationException", str(error)) from None


def _oaep(algorithm):
    hash_function = OAEP_HASHES[algorithm]()
    return padding.OAEP(padding.MGF1(hash_function), hash_function, None)


def _decrypt(handler, key, blob, context, algorithm):
    """The key that decrypts a ciphertext, and the plaintext."""
    if algorithm in OAEP_HASHES:
        if key is None:
            raise KMSError("ValidationException", "KeyId is required for asymmetric decryption")
        _require_usable(key, "Decrypt")
        if not key.key_spec.startswith("RSA"):
            raise KMSError(
                "InvalidKeyUsageException", f"Algorithm {algorithm} and key spec {key.key_spec} are incompatible."
            )
        try:
            return key, key.private_key.private_key.decrypt(blob, _oaep(algorithm))
        except ValueError:
            raise KMSError("InvalidCiphertextException", "") from None
    if key is not None and key.key_spec != SYMMETRIC:
        raise KMSError("InvalidKeyUsageException", "Algorithm SYMMETRIC_DEFAULT is incompatible with the key spec.")
    try:
        named = utils._deserialize_ciphertext_blob(ciphertext_blob=blob).key_id
    except Exception:
        raise KMSError("InvalidCiphertextException", "") from None
    if not KEY_ID.fullmatch(named):
        raise KMSError("InvalidCiphertextException", "")
    if key is not None and named != key.id:
        # Whether or not there is such a key.
        raise KMSError(
            "IncorrectKeyException",
            "The key ID in the request does not identify a CMK that can perform this operation.",
        )
    encrypting = handler.kms_backend.keys.get(named)
    if encrypting is None:
        raise KMSError(
            "AccessDeniedException",
            "The ciphertext refers to a customer master key that does not exist, does not exist in this region, or "
            "you are not allowed to access.",
        )
    _require_usable(encrypting, "Decrypt")
    return encrypting, utils.decrypt({encrypting.id: encrypting}, blob, context)[0]


def _text(blob):
    return base64.b64encode(blob).decode()


# The operations, as methods of moto's handler.


def encrypt(self):
    request = _Request(self)
    key = _resolve(self, request.required("KeyId"))
    _require_usable(key, "Encrypt")
    algorithm = request.get("EncryptionAlgorithm")
    blob = _encrypt(key, request.blob("Plaintext", 4096), request.get("EncryptionContext", {}), algorithm)
    return json.dumps(
        {"CiphertextBlob": _text(blob), "KeyId": key.arn, "EncryptionAlgorithm": algorithm or SYMMETRIC}
    )


def decrypt(self):
    request = _Request(self)
    key_id, algorithm = request.get("KeyId"), request.get("EncryptionAlgorithm")
    key, plaintext = _decrypt(
        self,
        _resolve(self, key_id) if key_id else None,
        request.blob("CiphertextBlob", 6144),
        request.get("EncryptionContext", {}),
        algorithm,
    )
    return json.dumps(
        {"Plaintext": _text(plaintext), "KeyId": key.arn, "EncryptionAlgorithm": algorithm or SYMMETRIC}
    )


def re_encrypt(self):
    request = _Request(self)
    source_id = request.get("SourceKeyId")
    destination = _resolve(self, request.required("DestinationKeyId"))
    _require_usable(destination, "ReEncryptTo")
    source_algorithm = request.get("SourceEncryptionAlgorithm")
    destination_algorithm = request.get("DestinationEncryptionAlgorithm")
    source, plaintext = _decrypt(
        self,
        _resolve(self, source_id) if source_id else None,
        request.blob("CiphertextBlob", 6144),
        request.get("SourceEncryptionContext", {}),
        source_algorithm,
    )
    blob = _encrypt(
        destination, plaintext, request.get("DestinationEncryptionContext", {}), destination_algorithm
    )
    return json.dumps(
        {
            "CiphertextBlob": _text(blob),
            "KeyId": destination.arn,
            "SourceKeyId": source.arn,
            "SourceEncryptionAlgorithm": source_algorithm or SYMMETRIC,
            "DestinationEncryptionAlgorithm": destination_algorithm or SYMMETRIC,
        }
    )


_generate_data_key_of_moto = responses.KmsResponse.generate_data_key


def generate_data_key(self):
    request = _Request(self)
    key = _resolve(self, request.required("KeyId"))
    _require_usable(key, "GenerateDataKey")
    if key.key_spec != SYMMETRIC:
        raise KMSError("InvalidKeyUsageException", f"{key.arn} key spec is {key.key_spec}")
    answer = json.loads(_generate_data_key_of_moto(self))
    answer["KeyId"] = key.arn
    return json.dumps(answer)


def get_public_key(self):
    key = _resolve(self, _Request(self).required("KeyId"))
    if key.key_spec == SYMMETRIC:
        raise KMSError(
            "UnsupportedOperationException", f"{key.arn} key usage is ENCRYPT_DECRYPT with a symmetric key."
        )
    if key.key_state == "Disabled":
        raise KMSError("DisabledException", f"{key.arn} is disabled.")
    answer = {
        "KeyId": key.arn,
        "PublicKey": _text(key.private_key.public_key()),
        "CustomerMasterKeySpec": key.key_spec,
        "KeySpec": key.key_spec,
        "KeyUsage": key.key_usage,
    }
    if key.key_usage == "ENCRYPT_DECRYPT":
        answer["EncryptionAlgorithms"] = list(OAEP_HASHES)
    if key.key_usage == "KEY_AGREEMENT":
        answer["KeyAgreementAlgorithms"] = ["ECDH"]
    return json.dumps(answer)


def derive_shared_secret(self):
    request = _Request(self)
    key = _resolve(self, request.required("KeyId"))
    _require_usable(key, "DeriveSharedSecret", "KEY_AGREEMENT")
    if request.required("KeyAgreementAlgorithm") != "ECDH":
        raise KMSError("ValidationException", "KeyAgreementAlgorithm must be ECDH")
    try:
        public_key = serialization.load_der_public_key(request.blob("PublicKey", 8192))
        secret = key.private_key.private_key.exchange(ec.ECDH(), public_key)
    except (ValueError, TypeError) as error:
        raise KMSError("ValidationException", f"Invalid public key: {error}") from None
    return json.dumps(
        {
            "KeyId": key.arn,
            "SharedSecret": _text(secret),
            "KeyAgreementAlgorithm": "ECDH",
            "KeyOrigin": "AWS_KMS",
        }
    )


def patch():
    """Puts all of this into moto."""
    utils._serialize_encryption_context = _bound_context
    handler = responses.KmsResponse
    handler._validate_key_id = handler._validate_cmk_id = lambda self, key_id: _resolve(self, key_id) and None
    for operation in (encrypt, decrypt, re_encrypt, generate_data_key, get_public_key, derive_shared_secret):
        setattr(handler, operation.__name__, operation)
