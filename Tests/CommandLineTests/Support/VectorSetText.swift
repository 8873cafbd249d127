import TestSupport

/// Manifests of small sets, in the shape of `awses-decrypt` version 2.
enum VectorSetText {
    /// One test of a manifest.
    struct Test {
        let id: String
        var description: String?
        /// The URI of the ciphertext.
        var ciphertext: String
        /// The URI of the plaintext that must come of it; nil for a refusal.
        var plaintext: String?
        var keys = VectorSetText.aes
        /// Further members, as JSON with a comma after it.
        var more = ""
    }

    /// The key description that opens every `PublishedMessage`.
    static let aes =
        #"{"type": "raw", "key": "aes-256", "provider-id": "interop-vectors", "encryption-algorithm": "aes"}"#
    /// A key description that opens nothing here.
    static let kms = #"{"type": "aws-kms", "key": "us-west-2"}"#

    static let keys = #"""
        {"manifest": {"type": "keys", "version": 3}, "keys": {
          "aes-256": {"type": "symmetric", "key-id": "aes-256", "encrypt": true, "decrypt": true, "algorithm": "aes",
            "bits": 256, "encoding": "base64", "material": "bpS7MrCTf5j7TgfW0k8xt82y7x2UWm9nUHj2G4s8tjA="},
          "other-256": {"type": "symmetric", "key-id": "other", "encrypt": true, "decrypt": true, "algorithm": "aes",
            "bits": 256, "encoding": "base64", "material": "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="},
          "us-west-2": {"type": "aws-kms", "key-id": "arn:aws:kms:us-west-2:658956600833:key/b3537ef1-d8dc-4780-9f5a-55776cbb2f7f",
            "encrypt": true, "decrypt": true}}}
        """#

    static func manifest(_ tests: [Test], version: Int = 2) -> String {
        let members = tests.map { test in
            let result =
                test.plaintext.map { #"{"output": {"plaintext": \#(quoted($0))}}"# }
                ?? #"{"error": {"error-description": "must fail"}}"#
            let description = test.description.map { "\"description\": \(quoted($0)), " } ?? ""
            return """
                \(quoted(test.id)): {\(description)\(test.more)"ciphertext": \(quoted(test.ciphertext)), \
                "master-keys": [\(test.keys)], "result": \(result)}
                """
        }
        return #"""
            {"manifest": {"type": "awses-decrypt", "version": \#(version)}, "client": {"name": "made-up", "version": "1.0"},
             "keys": "file://keys.json", "tests": {
            \#(members.joined(separator: ",\n"))}}
            """#
    }

    /// A text as JSON.
    static func quoted(_ text: String) -> String {
        let escaped = text.unicodeScalars.map { scalar in
            switch scalar {
            case "\"", "\\": "\\\(scalar)"
            case "\0"..<" ": "\\u00" + (scalar.value < 16 ? "0" : "") + String(scalar.value, radix: 16)
            default: String(scalar)
            }
        }
        return "\"\(escaped.joined())\""
    }
}

extension TemporaryFolder {
    /// Writes a set: manifest, keys, the published messages `unsigned`, `signed`, `version-one` and `kms`, damaged ones of the
    /// same names, and their plaintexts `A` and `five`.
    func writeSet(_ name: String, _ tests: [VectorSetText.Test]) throws {
        try write("\(name)/manifest.json", VectorSetText.manifest(tests))
        try write("\(name)/keys.json", VectorSetText.keys)
        let messages: [(String, PublishedMessage)] = [
            ("unsigned", .unsigned), ("signed", .signed), ("version-one", .versionOne), ("kms", .kms),
        ]
        for (file, message) in messages {
            try write("\(name)/ciphertexts/\(file)", message.bytes)
            try write("\(name)/ciphertexts/damaged-\(file)", message.damaged)
        }
        try write("\(name)/plaintexts/A", PublishedMessage.unsigned.plaintext)
        try write("\(name)/plaintexts/five", PublishedMessage.versionOne.plaintext)
    }
}

extension VectorSetText.Test {
    /// Tests that meet their expectation.
    static func passing(_ id: String) -> Self {
        Self(id: id, ciphertext: "file://ciphertexts/unsigned", plaintext: "file://plaintexts/A")
    }

    /// A test that fails: the message opens, to another plaintext.
    static func failing(_ id: String) -> Self {
        Self(id: id, ciphertext: "file://ciphertexts/unsigned", plaintext: "file://plaintexts/five")
    }

    /// A test that the seeded KMS passes.
    static func kms(_ id: String) -> Self {
        Self(
            id: id,
            ciphertext: "file://ciphertexts/kms",
            plaintext: "file://plaintexts/A",
            keys: VectorSetText.kms
        )
    }

    /// A test that KMS must refuse.
    static func kmsRefusing(_ id: String) -> Self {
        Self(id: id, ciphertext: "file://ciphertexts/kms", plaintext: nil, keys: VectorSetText.kms)
    }

    /// A test that only AWS KMS can run.
    static func skipped(_ id: String) -> Self {
        Self(
            id: id,
            ciphertext: "file://ciphertexts/unsigned",
            plaintext: "file://plaintexts/A",
            keys: VectorSetText.kms
        )
    }
}
