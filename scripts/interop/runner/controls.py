"""Controls test the adapter itself: one that knows everything and opens everything proves nothing about its library."""
import secrets

from peers import Broken

UNKNOWN_TO_WRITE, UNKNOWN_TO_READ, ALTERED = "encrypt/unknown-key-description", "decrypt/unknown-key-description", "decrypt/tampered"
CONTROLS = {
    UNKNOWN_TO_WRITE: "a made-up key description is unsupported",
    UNKNOWN_TO_READ: "a made-up key description is unsupported",
    ALTERED: "a message whose last byte was altered is refused",
}


class Controls:
    def __init__(self, section, adapter, plan, work):
        self.section, self.adapter, self.plan, self.work = section, adapter, plan, work
        self.barred = None  # why the adapter is not run

    def ask_to_encrypt(self, i):
        """Asks it to encrypt this scenario of the plan under a key description that was made up; None: there is no scenario that it can.
        Raises Broken if it claims to."""
        if i is None:
            self.section.skip(UNKNOWN_TO_WRITE, "no scenario was possible")
            return
        self.ask("encrypt", self.plan.write([], self.work / "plan-asked", {
            UNKNOWN_TO_WRITE: {**self.plan.tests[i], "encryptKeyDescription": unknown_keys()}}))

    def ask_to_decrypt(self, vectors, scenario):
        """Asks it the same of a scenario of this VectorSet."""
        self.ask("decrypt", vectors.write(f"asked-{self.work.name}", {
            UNKNOWN_TO_READ: {"decryption-scenario": {**scenario, "decryptKeyDescription": unknown_keys()}}}))

    def ask(self, action, manifest):
        (i, outcome), = self.adapter.run(action, manifest, self.work / f"asked-{action}").items()
        self.judge(i, outcome, "unsupported")
        if outcome.status in ("done", "fault"):
            self.barred = "not run, for it claims a key description that was made up" if outcome.status == "done" else outcome.detail
            raise Broken(self.barred)

    def altered(self, vectors, scenario):
        """-> a test like this scenario of a VectorSet, whose message has another last byte"""
        message = bytearray(vectors.file(scenario["ciphertext"]).read_bytes())
        message[-1] ^= 1
        (vectors.folder / "tampered").write_bytes(message)
        return {ALTERED: {"decryption-scenario": {**scenario, "ciphertext": "file://tampered"}}}

    def judge(self, i, outcome, expected):
        if outcome.status == expected:
            self.section.pass_(i)
        else:
            self.section.fail(i, f"{outcome.status} instead of {expected}" + (f": {outcome.detail}" if outcome.detail else ""))


def unknown_keys():
    """-> a key description that no adapter can have heard of"""
    return {"type": f"no-such-keyring-{secrets.token_hex(4)}"}
