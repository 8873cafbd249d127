import ESDKTestVectors
import Foundation
import TestSupport

extension TemporaryFolder {
    /// The vector sets in the folder, or in something in it.
    func load(_ name: String = "") throws -> [VectorSet] {
        try VectorSetLoader.load(name.isEmpty ? path : "\(path)/\(name)")
    }
}

/// Manifests in short for tests.
enum Fixture {
    static let aesKey =
        #"""
        "aes": {"type": "symmetric", "key-id": "aes", "encrypt": true, "decrypt": true, "algorithm": "aes",
         "bits": 128, "encoding": "base64", "material": "AAECAwQFBgcICRAREhMUFQ=="}
        """#

    static let aesDescription = #"{"type": "raw", "key": "aes", "provider-id": "ns", "encryption-algorithm": "aes"}"#

    static let output = #""result": {"output": {"plaintext": "file://plaintexts/p"}}"#

    /// The members of a test without its `master-keys`.
    static let files = #""ciphertext": "file://ciphertexts/c", "# + output

    /// A version 2 test decrypted with the AES key.
    static let test = "{\(files), \"master-keys\": [\(aesDescription)]}"

    static func keys(_ entries: String = aesKey, version: Int = 3) -> String {
        #"{"manifest": {"type": "keys", "version": \#(version)}, "keys": {\#(entries)}}"#
    }

    static func manifest(
        _ tests: String,
        version: Int = 2,
        client: String = #""client": {"name": "c", "version": "1"},"#
    ) -> String {
        #"""
        {"manifest": {"type": "awses-decrypt", "version": \#(version)}, \#(client) "keys": "file://keys.json",
         "tests": {\#(tests)}}
        """#
    }

    /// Loads a set of these tests and keys.
    static func load(_ tests: String, version: Int = 2, keys: String = keys()) throws -> VectorSet {
        let folder = try TemporaryFolder()
        try folder.write("manifest.json", manifest(tests, version: version))
        try folder.write("keys.json", keys)
        guard let set = try folder.load().first else { throw VectorError(.noManifest, path: folder.path, reason: "") }
        return set
    }

    /// Loads a single test of a set.
    static func loadOne(_ test: String, version: Int = 2, keys: String = keys()) throws -> DecryptTest {
        let set = try load("\"t\": \(test)", version: version, keys: keys)
        guard let test = set.decryptTests.first else { throw VectorError(.emptySet, path: "", reason: "") }
        return test
    }

    /// A version 2 test with this key description or list of them.
    static func described(_ keys: String) -> String {
        "{\(files), \"master-keys\": \(keys)}"
    }

    /// A version 5 test of these members of the scenario, beside ciphertext and result.
    static func scenario(_ members: String) -> String {
        #"""
        {"decryption-scenario": {"type": "positive-esdk", "description": "d", "ciphertext": "file://ciphertexts/c",
          "result": "file://plaintexts/p", "algorithmSuiteId": "0478", "frame-size": 512, \#(members)}}
        """#
    }
}

extension DecryptTest {
    /// The verdict of a test that cannot be run.
    var problem: VectorError? {
        if case .failure(let problem) = content { problem } else { nil }
    }
}
