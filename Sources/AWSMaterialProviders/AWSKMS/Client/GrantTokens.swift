/// Grant tokens that a keyring or key store keeps: whoever has one may use the key, so dumps and descriptions show how many there
/// are and nothing else.
struct GrantTokens: Sendable, CustomStringConvertible, CustomReflectable {
    let values: [String]

    init(_ values: [String]) { self.values = values }

    var description: String { "\(values.count) grant tokens" }
    var customMirror: Mirror { Mirror(self, children: ["count": values.count]) }
}
