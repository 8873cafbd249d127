/// What was drawn at random when a data key was wrapped, recovered from the encrypted data key.
package struct RecoveredRandomness: Sendable, Hashable {
    /// What it was drawn for.
    package enum Purpose: String, Sendable, Hashable, CaseIterable {
        /// An IV of AES-GCM: 12 bytes.
        case iv
        /// The seed of an OAEP padding: as many bytes as its hash has.
        case oaepSeed = "oaep-seed"
        /// A PKCS #1 v1.5 padding string: bytes that are not zero.
        case pkcs1Padding = "pkcs1-ps"
        /// The salt of a key derivation: 16 or 32 bytes.
        case salt
    }

    /// What it was drawn for.
    package let purpose: Purpose
    /// The bytes.
    package let bytes: [UInt8]

    init(_ purpose: Purpose, _ bytes: some Sequence<UInt8>) {
        self.purpose = purpose
        self.bytes = Array(bytes)
    }
}
