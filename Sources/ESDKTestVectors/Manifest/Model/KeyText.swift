/// An asymmetric key as a manifest has it, not yet parsed.
package enum KeyText: Hashable, Sendable {
    /// PEM text; line ends and armour as they came.
    case pem(String)
    /// DER bytes.
    case der([UInt8])
}
