import ESDKTestVectors

/// `esdk vectors generate`: makes a decrypt set of a decrypt-generate manifest.
enum GenerateVectorsCommand {
    static let command = WriteVectorsCommand(
        name: "generate",
        kind: .decryptGenerate,
        summary:
            "Encrypts every scenario of MANIFEST (awses-decrypt-generate), tampers with the messages as it says, and writes "
            + "them with plaintexts, keys and a decrypt manifest to DIR.",
        formats:
            "The format is v4 for a manifest of version 4, and v2 for others: manifest.json, with the keys that its tests use. "
            + "v5 is written as decrypt-manifest.json; tests that must fail have the type negative-esdk and the result of v2 "
            + "there, which other implementations do not read."
    )
}
