/// The materials manager that a test's `cmm` member names.
package enum CMMSelection: Hashable, Sendable {
    /// Nothing is said: the default one.
    case unspecified
    /// The default one.
    case `default`
    /// The required-encryption-context one, requiring every key of the test's context.
    case requiredEncryptionContext
}
