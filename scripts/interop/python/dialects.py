"""Decrypt manifests of every version, as scenarios of version 5; and keys manifests of every version, as those of version 3."""
VERSIONS = (1, 2, 3, 4, 5)


class Unknown(Exception):
    """The test asks for something that this adapter does not know."""


def scenario(test, version):
    """-> ciphertext, decryptKeyDescription, reproduced-encryption-context, decryption-method and algorithmSuiteId of a test, the
    last two as far as it has them"""
    if version == 5:
        return test["decryption-scenario"]
    result = {"ciphertext": test["ciphertext"], "decryptKeyDescription": several(test["master-keys"]),
              "reproduced-encryption-context": {}, "decryption-method": test.get("decryption-method")}
    match test.get("cmm"):
        case None | "Default":
            pass
        case "RequiredEncryptionContext":  # all of the context is required, and none of it is in the message
            context = test.get("encryption-context") or {}
            result["reproduced-encryption-context"] = context
            result["decryptKeyDescription"] = {"type": "required-encryption-context-cmm", "underlying": result["decryptKeyDescription"],
                                               "requiredEncryptionContextKeys": sorted(context)}
        case other:
            raise Unknown(f"cmm {other}")
    return result


def several(master_keys):
    """-> one key description for a list: the first generates the data key"""
    first, *others = master_keys
    return {"type": "multi-keyring", "generator": first, "childKeyrings": others} if others else first


def is_unsigned_stream(s):
    match s.get("decryption-method"):
        case None:
            return False
        case "streaming-unsigned-only":
            return True
        case other:
            raise Unknown(f"decryption-method {other}")


def keys(manifest):
    """-> name -> entry: version 1 has the lines of the material in a list, and no ids of raw keys"""
    return {name: {"key-id": name, **entry, **material(entry)} for name, entry in manifest["keys"].items()}


def material(entry):
    lines = entry.get("material")
    return {"material": entry.get("line-separator", "").join(lines)} if isinstance(lines, list) else {}
