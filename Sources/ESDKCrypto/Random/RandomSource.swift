/// Where random bytes come from.
package protocol RandomSource: Sendable {
    /// Appends random bytes.
    ///
    /// - Parameters:
    ///   - output: receives the bytes.
    ///   - count: how many; not more than `output.freeCapacity`.
    /// - Throws: ``CryptoError`` with code `invalidLength` when `output` has no room, `libraryFailure` when no
    ///   random bytes are to be had. `output` is then as before.
    func fill(_ output: inout OutputSpan<UInt8>, count: Int) throws(CryptoError)
}
