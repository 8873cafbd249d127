/// Whose keys a discovery keyring may use: one partition and some accounts in it.
public struct AWSKMSDiscoveryFilter: Sendable, Hashable {
    /// The partition, such as `aws`.
    public let partition: String
    /// The ids of the accounts.
    public let accountIDs: [String]

    /// A filter for the given accounts.
    ///
    /// - Parameters:
    ///   - partition: the partition, such as `aws`.
    ///   - accountIDs: the ids of the accounts, at least one.
    /// - Throws: `invalidConfiguration` for an empty partition, no account, or an empty one.
    public init(partition: String, accountIDs: [String]) throws(EncryptionSDKError) {
        guard !partition.isEmpty, !accountIDs.isEmpty, !accountIDs.contains("") else {
            throw EncryptionSDKError(
                .invalidConfiguration,
                "a discovery filter needs a partition and at least one account id, none of them empty"
            )
        }
        self.partition = partition
        self.accountIDs = accountIDs
    }

    /// Checks that `arn` passes.
    ///
    /// - Throws: `notForThisKeyring`.
    func check(_ arn: KMSKeyARN) throws(EncryptionSDKError) {
        guard arn.partition == partition else {
            throw EncryptionSDKError(
                .notForThisKeyring,
                "\(arn) is in the partition \(arn.partition), the discovery filter allows \(partition)"
            )
        }
        guard accountIDs.contains(arn.account) else {
            throw EncryptionSDKError(
                .notForThisKeyring,
                "\(arn) is in the account \(arn.account), which the discovery filter does not name"
            )
        }
    }
}
