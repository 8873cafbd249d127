extension RSAPublicKey {
    /// The key as SubjectPublicKeyInfo in DER, which is the same for equal keys.
    ///
    /// - Throws: ``CryptoError`` with code `libraryFailure`.
    package func subjectPublicKeyInfo() throws(CryptoError) -> [UInt8] {
        try key.subjectPublicKeyInfo()
    }
}
