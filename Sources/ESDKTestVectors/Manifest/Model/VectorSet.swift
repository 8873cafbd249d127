/// A set of decrypt vectors in memory, whichever manifest it came from.
package struct VectorSet: Sendable {
    /// The set's path as the user gave it; a set found one level down adds its folder's name.
    package let path: String

    /// The path of the entry manifest.
    package let manifestPath: String

    /// What the entry manifest is.
    package let header: ManifestHeader

    /// Who wrote the set.
    package let producer: Producer

    /// The folder that URIs are relative to and must not leave.
    package let folder: VectorFolder

    /// The keys.
    package let keys: KeyTable

    /// The tests in the order of the file, those that cannot be run included.
    package let decryptTests: [DecryptTest]

    /// Oddities that were tolerated, each once.
    package let diagnostics: [ManifestDiagnostic]

    /// A set.
    package init(
        path: String,
        manifestPath: String,
        header: ManifestHeader,
        producer: Producer,
        folder: VectorFolder,
        keys: KeyTable,
        decryptTests: [DecryptTest],
        diagnostics: [ManifestDiagnostic]
    ) {
        self.path = path
        self.manifestPath = manifestPath
        self.header = header
        self.producer = producer
        self.folder = folder
        self.keys = keys
        self.decryptTests = decryptTests
        self.diagnostics = diagnostics
    }
}
