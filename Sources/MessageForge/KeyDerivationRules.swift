/// How content key and key commitment are derived from a data key.
package enum KeyDerivationRules: String, Sendable, Hashable, CaseIterable {
    /// As the specification says.
    case specification
    /// As ESDK-NET 4.0.0 did: suites with a key derivation and without commitment leave the message id out.
    case netV4_0_0 = "net-4.0.0"
}
