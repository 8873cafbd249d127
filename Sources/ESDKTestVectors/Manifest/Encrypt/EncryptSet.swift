internal import StrictJSON

/// An encrypt or decrypt-generate manifest in memory, of whichever version.
package struct EncryptSet: Sendable {
    /// The path of the manifest.
    package let manifestPath: String

    /// What the manifest is.
    package let header: ManifestHeader

    /// The folder that URIs are relative to and must not leave.
    package let folder: VectorFolder

    /// The keys.
    package let keys: KeyTable

    /// The entries of the keys manifest as they stand in the file.
    let keySource: JSONObject

    /// The names of the plaintexts in the order of the file.
    package let plaintextNames: [String]

    /// The plaintexts and their sizes in bytes, or what is wrong with an entry.
    let plaintextSizes: [JSONName: Result<Int, TestProblem>]

    /// The tests in the order of the file, those that cannot be run included.
    package let tests: [EncryptTest]

    /// Oddities that were tolerated, each once.
    package let diagnostics: [ManifestDiagnostic]
}
