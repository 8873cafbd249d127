extension ECPublicKey {
    /// The key as DER SubjectPublicKeyInfo with the uncompressed point, the form that key services take.
    ///
    /// - Throws: ``CryptoError`` with code `libraryFailure`.
    package func subjectPublicKeyInfo() throws(CryptoError) -> [UInt8] { try key.subjectPublicKeyInfo() }
}
