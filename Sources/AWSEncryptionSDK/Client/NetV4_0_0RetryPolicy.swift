/// Whether messages of ESDK-NET 4.0.0 may be read by that release's own rules.
///
/// It left the message id out of the key derivation of suites without commitment, and wrote two stray zero bytes into the header's
/// additional data. A message that fails by the specification's rules is then tried once by these; a message that needed them says
/// so in its diagnostics.
public enum NetV4_0_0RetryPolicy: String, Sendable, Hashable {
    /// Only the specification's rules.
    case forbidRetry = "forbid-retry"
    /// One retry by the rules of that release when the header's tag does not verify.
    case allowRetry = "allow-retry"
}
