import AWSMaterialProviders
import StrictJSON

/// What KMS says that the aliases of a key table stand for, and key ids without region and account.
///
/// Neither decrypts: the encrypted data key names the key by its ARN, and a strict keyring compares its own identifier with that.
struct KMSAliases: Sendable {
    /// The key ARN of each entry whose `key-id` is none.
    private(set) var arns: [JSONName: String] = [:]
    /// Why there is none, for those that could not be looked up.
    private(set) var problems: [JSONName: VectorError] = [:]

    /// No aliases.
    init() {}

    /// Looks up the aliases among some entries, each with one call of KMS DescribeKey.
    ///
    /// Entries that neither encrypt nor decrypt are left alone: their identifiers are malformed, and tests are about that.
    ///
    /// - Parameters:
    ///   - names: the names of the entries.
    ///   - keys: the key table.
    ///   - aws: where the keys are.
    init(of names: Set<JSONName>, in keys: KeyTable, aws: AWSServices) async {
        var known: [String: Result<String, VectorError>] = [:]
        for entry in keys.entries where names.contains(JSONName(entry.name)) {
            guard case .awsKMS = entry.material, entry.encrypt != false || entry.decrypt != false,
                let identifier = try? KMSKeyIdentifier(entry.keyID), identifier.arn?.resource != .key
            else { continue }
            guard !Task.isCancelled, aws.lostConnection == nil else { return }
            let result: Result<String, VectorError>
            if let answer = known[entry.keyID] {
                result = answer
            } else {
                result = await Self.arn(of: identifier, aws: aws)
                known[entry.keyID] = result
            }
            switch result {
            case .success(let arn): arns[JSONName(entry.name)] = arn
            case .failure(let problem): problems[JSONName(entry.name)] = problem
            }
        }
    }

    private static func arn(of alias: KMSKeyIdentifier, aws: AWSServices) async -> Result<String, VectorError> {
        let request = KMS.DescribeKeyRequest(keyID: alias.text)
        let answer: String
        do {
            answer = try await aws.kmsClient(forRegion: alias.region).describeKey(request).arn
        } catch {
            let reason = "the key of \(ManifestText.quoted(alias.text)) cannot be looked up: \(error)"
            let isDenied = (error as? AWSServiceError)?.code == .accessDenied
            return .failure(isDenied ? .unsupported(reason) : .broken(reason))
        }
        guard KMSKeyARN(answer)?.resource == .key else {
            let shown = ManifestText.quoted(answer)
            return .failure(.broken("the key of \(ManifestText.quoted(alias.text)) is said to be \(shown), no key ARN"))
        }
        return .success(answer)
    }
}

extension KeyTable {
    /// The region of the first AWS KMS key that is named by an ARN and is of use; nil when there is none.
    package var firstKMSRegion: String? {
        for entry in entries where entry.encrypt != false || entry.decrypt != false {
            guard case .awsKMS = entry.material, let region = try? KMSKeyIdentifier(entry.keyID).region else {
                continue
            }
            return region
        }
        return nil
    }
}
