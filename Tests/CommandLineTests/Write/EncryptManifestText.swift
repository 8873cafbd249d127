import TestSupport

/// Encrypt and decrypt-generate manifests for the keys of `VectorSetText`.
enum EncryptManifestText {
    /// A scenario of the shape of version 2.
    static func scenario(keys: String = VectorSetText.aes, plaintext: String = "small", context: String = "{}")
        -> String
    {
        #"""
        {"plaintext": "\#(plaintext)", "algorithm": "0478", "frame-size": 512, "encryption-context": \#(context),
         "master-keys": [\#(keys)]}
        """#
    }

    static func manifest(_ tests: [(id: String, text: String)], isGenerate: Bool = false) -> String {
        let members = tests.map { "\(VectorSetText.quoted($0.id)): \($0.text)" }.joined(separator: ",\n")
        return #"""
            {"manifest": {"type": "\#(isGenerate ? "awses-decrypt-generate" : "awses-encrypt")", "version": 2},
             "keys": "file://keys.json", "plaintexts": {"small": 100, "medium": 3000, "large": 100000}, "tests": {
            \#(members)}}
            """#
    }

    /// A decrypt-generate test.
    static func generate(_ scenario: String, more: String = "") -> String {
        #"{"encryption-scenario": \#(scenario)\#(more.isEmpty ? "" : ", " + more)}"#
    }
}

extension TemporaryFolder {
    /// Writes `plan/encrypt.json` and its keys.
    func writePlan(_ tests: [(id: String, text: String)], isGenerate: Bool = false) throws {
        try write("plan/encrypt.json", EncryptManifestText.manifest(tests, isGenerate: isGenerate))
        try write("plan/keys.json", VectorSetText.keys)
    }
}
