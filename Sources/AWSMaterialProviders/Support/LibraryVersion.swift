/// The version of this implementation: the one place where it is written.
package enum LibraryVersion {
    /// The version as text.
    package static let text = "0.1.0"
}
