extension ManifestFields {
    /// The names of the members that encrypt, generate and decrypt tests share.
    enum Choice {
        static let cmm = "cmm"
        static let method = "decryption-method"
    }

    /// The materials manager that `cmm` names.
    ///
    /// - Throws: a problem that skips the test for a name that is not known.
    func cmmSelection() throws(TestProblem) -> CMMSelection {
        switch try string(Choice.cmm) {
        case nil: return .unspecified
        case "Default": return .default
        case "RequiredEncryptionContext": return .requiredEncryptionContext
        case let name?: throw .unsupported("materials manager \(ManifestText.quoted(name)) is not known")
        }
    }

    /// The decrypting interface that `decryption-method` names.
    ///
    /// - Throws: a problem that skips the test for a name that is not known.
    func decryptionMethod() throws(TestProblem) -> DecryptionMethod {
        switch try string(Choice.method) {
        case nil: return .any
        case "streaming-unsigned-only": return .streamingUnsignedOnly
        case let name?: throw .unsupported("decryption method \(ManifestText.quoted(name)) is not known")
        }
    }
}
