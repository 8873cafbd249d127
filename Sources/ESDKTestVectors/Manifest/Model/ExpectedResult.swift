/// What must come of decrypting.
package enum ExpectedResult: Hashable, Sendable {
    /// It succeeds with these bytes.
    case plaintext(VectorResource)
    /// It is refused; the text, for people, says why.
    case refusal(String?)
}
