/// A blueprint that cannot be built.
package struct BlueprintError: Error, Sendable, Hashable, CustomStringConvertible {
    /// What is wrong with it.
    package let description: String

    init(_ description: String) { self.description = description }
}
