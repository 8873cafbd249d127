internal import ESDKCrypto

/// How long to wait before a request is repeated.
enum RetryDelay {
    private static let longest = Duration.seconds(20)
    private static let throttlingBase = Duration.seconds(1)
    private static let longestBeyondOwn = Duration.seconds(5)

    /// What a retry takes from the bucket.
    ///
    /// - Parameter failure: what is to be repeated.
    static func cost(_ failure: FailureClass) -> Int {
        failure == .throttling ? 5 : 14
    }

    /// The delay before a retry.
    ///
    /// - Parameters:
    ///   - retry: how many retries there were before.
    ///   - failure: what is to be repeated.
    ///   - base: the service's first delay.
    ///   - fraction: a random number from 0 to 1.
    ///   - serverDelay: what the service asks for, if it does.
    static func delay(
        retry: Int,
        failure: FailureClass,
        base: Duration,
        fraction: Double,
        serverDelay: Duration?
    ) -> Duration {
        let first = failure == .throttling ? throttlingBase : base
        let own = min(first * Double(1 << min(retry, 20)), longest) * fraction
        guard let serverDelay else { return own }
        return max(own, min(serverDelay, own + longestBeyondOwn))
    }

    /// A random number from 0 to 1.
    ///
    /// - Parameter source: where it comes from.
    /// - Throws: `CryptoError` when there are no random bytes.
    static func fraction(from source: any RandomSource) throws(CryptoError) -> Double {
        let bytes = try source.bytes(4)
        let number = bytes.reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
        return Double(number) / Double(UInt32.max)
    }
}
