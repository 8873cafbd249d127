/// A message whose structure cannot be followed.
package struct DissectionError: Error, Sendable, Hashable, CustomStringConvertible {
    /// The field at fault.
    package let field: MessageField
    /// Where it starts, in bytes from the start of the message.
    package let offset: Int
    /// What is wrong with it.
    package let reason: String

    init(_ field: MessageField, at offset: Int, _ reason: String) {
        self.field = field
        self.offset = offset
        self.reason = reason
    }

    /// Field, offset and reason.
    package var description: String { "\(field) at \(offset): \(reason)" }
}
