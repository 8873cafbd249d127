/// A message that was built, and where its fields lie.
package struct BuiltMessage: Sendable {
    /// The message.
    package let bytes: [UInt8]
    /// Where its fields lie.
    package let layout: MessageLayout
    /// The keys that sealed it.
    package let keys: DerivedKeys
}
