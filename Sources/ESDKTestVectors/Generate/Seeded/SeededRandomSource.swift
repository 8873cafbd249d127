internal import AWSMaterialProviders
package import ESDKCrypto
import ESDKSystem

/// Bytes that look random and are a pure function of a seed and a label.
///
/// The stream is HMAC-SHA-256 of 0, 1, 2 … (eight bytes each, most significant first) under the key HMAC-SHA-256 of the label under
/// the seed. Only test vectors are made with it: whoever knows the seed knows every key.
package final class SeededRandomSource: RandomSource {
    private struct State {
        var counter: UInt64 = 0
        /// What is left of the last block.
        var rest: [UInt8] = []
    }

    private let key: SecretBytes
    private let state = Guarded(State())

    /// A source at the start of its stream.
    ///
    /// - Parameters:
    ///   - seed: any text.
    ///   - label: what the bytes are for: two labels give unrelated streams.
    /// - Throws: `CryptoError`.
    package init(seed: String, label: String) throws(CryptoError) {
        let (seed, label) = (Array(seed.utf8), Array(label.utf8))
        key = try HMAC.authenticationCode(.sha256, for: label.span, key: seed.span)
    }

    /// Appends the next bytes of the stream.
    ///
    /// - Throws: `CryptoError` with code `invalidLength` when `output` has no room.
    package func fill(_ output: inout OutputSpan<UInt8>, count: Int) throws(CryptoError) {
        let bytes = try next(count)
        try output.appendBytes(bytes.span)
    }

    private func next(_ count: Int) throws(CryptoError) -> [UInt8] {
        let key = key
        return try state.withLock { state throws(CryptoError) in
            var bytes = state.rest
            bytes.reserveCapacity(count + 32)
            while bytes.count < count {
                let number = state.counter.bigEndianBytes
                let block = try HMAC.authenticationCode(.sha256, for: number.span, key: key.span)
                bytes.append(bytesOf: block.span)
                state.counter += 1
            }
            state.rest = Array(bytes[count...])
            bytes.removeSubrange(count...)
            return bytes
        }
    }
}
