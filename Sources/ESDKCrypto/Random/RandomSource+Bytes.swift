extension RandomSource {
    /// Random bytes that are not secret, such as an IV.
    ///
    /// - Parameter count: how many; not negative.
    /// - Throws: ``CryptoError`` with code `libraryFailure`.
    package func bytes(_ count: Int) throws(CryptoError) -> [UInt8] {
        try [UInt8](capacity: count) { (output: inout OutputSpan<UInt8>) throws(CryptoError) in
            try fill(&output, count: count)
        }
    }

    /// Random bytes for a key.
    ///
    /// - Parameter count: how many; not negative.
    /// - Throws: ``CryptoError`` with code `libraryFailure`.
    package func secretBytes(_ count: Int) throws(CryptoError) -> SecretBytes {
        try SecretBytes(count: count) { (output: inout OutputSpan<UInt8>) throws(CryptoError) in
            try fill(&output, count: count)
        }
    }
}
