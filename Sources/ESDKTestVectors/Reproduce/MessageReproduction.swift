package import MessageForge

/// What came of rebuilding a message.
package struct MessageReproduction: Sendable {
    /// Everything that was recovered from the message.
    package let blueprint: MessageBlueprint
    /// The message that was built from it.
    package let rebuilt: BuiltMessage
    /// The fields in which the message differs from the one that was built; none when they are identical.
    package let differences: [MessageDifference]
    /// The convention that makes the differences go away, in words, if one does.
    package let explanation: String?
    /// Whether the signature, which was carried over, is one of the rebuilt message; nil for an unsigned one.
    package let signatureVerifies: Bool?
    /// What came of the encrypted data keys, in their order.
    package let dataKeys: [DataKeyReproduction]

    /// Whether the message was rebuilt byte for byte, and its signature verifies.
    package var isIdentical: Bool { differences.isEmpty && signatureVerifies != false }

    /// What is different about the message, if anything is.
    package var reason: String? {
        guard let first = differences.first else {
            return signatureVerifies == false
                ? "identical, but the signature is not one of the rebuilt message under its public key" : nil
        }
        let more = differences.count - 1
        let others = more == 0 ? "" : more == 1 ? "; 1 more field differs" : "; \(more) more fields differ"
        return "\(first)\(others)" + (explanation.map { "; it would be identical with \($0)" } ?? "")
    }
}
