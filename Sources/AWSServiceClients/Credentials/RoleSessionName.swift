/// Names for sessions that nobody has named.
enum RoleSessionName {
    /// A name that tells sessions apart by their time.
    ///
    /// - Parameter context: the time.
    static func make(_ context: CredentialsContext) -> String {
        "aws-encryption-sdk-swift-\(Int(context.clock.now.secondsSinceEpoch * 1000))"
    }
}
