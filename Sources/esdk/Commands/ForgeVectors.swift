import ESDKTestVectors
import Glibc

extension Command {
    /// `esdk vectors forge`: makes the set of messages that must be refused.
    static let forgeVectors = Command(
        name: "forge",
        summary: "make messages that are sealed right and break a rule",
        body: .action(
            Action(
                description:
                    "Writes a set of messages to DIR that break one rule of the message format each. Whoever holds the data key "
                    + "could make them: tags and signature are right, so that only the rule's own check can refuse them. Each "
                    + "has a twin without the fault that must open.",
                operands: .none,
                values: ForgeValues.init,
                options: [ForgeValues.section],
                notes: [
                    "DIR gets a decrypt manifest of version 2, manifest.json, and one of version 5, decrypt-manifest.json, which "
                        + "has the tests too that version 2 cannot express. vectors.json says which rule a test is about, which "
                        + "step of decryption refuses it, and what a stream may have released by then; vectors.schema.json is its "
                        + "schema, vectors.lock has the SHA-256 of every message.",
                    "The same seed and keys always give the same set. Its keys are not secret.",
                ],
                exitCodes: [
                    .success: "the set was written",
                    .unusable: "wrong usage, an unreadable keys manifest, or files that cannot be written",
                    .interrupted: "interrupted",
                ],
                examples: [
                    ("esdk vectors forge -o forged", "Write a set"),
                    (
                        "esdk vectors decrypt forged/decrypt-manifest.json --rules forged/vectors.json",
                        "Try it, and see that every message is refused for the right reason"
                    ),
                ]
            ) { values, _ in
                Interruption.catchSignals()
                // A closed pipe and a limit on file sizes are errors like others, after which nothing half-written may stay.
                _ = signal(SIGPIPE, SIG_IGN)
                _ = signal(SIGXFSZ, SIG_IGN)
                let summary = try await ForgeRun(keys: ForgeKeys(values.keys, seed: values.seed)).write(
                    to: values.output
                )
                for rule in summary.leftOut {
                    Terminal.complain("\(rule): left out in part, for want of a key; name --keys")
                }
                Terminal.write(
                    "\(summary.opening + summary.refused) tests written for \(summary.rules) rules: \(summary.opening) must decrypt, "
                        + "\(summary.refused) must be refused\n"
                )
                return .success
            }
        )
    )
}

/// What the options set.
private struct ForgeValues: Sendable {
    var output = ""
    var seed = "1"
    var keys: String?

    static let section = OptionSection<Self>(
        "Set to write",
        [
            .text(
                "output",
                letter: "o",
                ArgumentForm(name: "DIR", kind: .folder),
                help: "The folder to write, new or empty",
                isRequired: true
            ) { $0.output = $1 },
            .text("seed", ArgumentForm(name: "TEXT"), help: "Take all randomness from TEXT (default: 1)") {
                $0.seed = $1
            },
            .text(
                "keys",
                ArgumentForm(name: "FILE", kind: .path),
                help:
                    "Take the first AES key of 256 bits, private RSA key and key pair on P-256 of this keys manifest, instead of "
                    + "an AES key made from the seed, which leaves the rules of the other keyrings out"
            ) { $0.keys = $1 },
        ]
    )
}
