import ESDKCrypto

/// What all keyrings over symmetric KMS keys share: making, wrapping and opening data keys by calls to KMS
/// (framework/aws-kms/aws-kms-keyring.md).
struct KMSDataKeys: Sendable {
    static let keyProviderID = Array("aws-kms".utf8)

    let client: any KMSClient
    private let grantTokens: GrantTokens

    init(client: any KMSClient, grantTokens: [String]) {
        self.client = client
        self.grantTokens = GrantTokens(grantTokens)
    }

    // MARK: - Encrypt

    /// Makes a data key under `keyID` when `materials` has none, and wraps the one that is there otherwise.
    ///
    /// - Throws: `awsAccessDenied`, `awsUnavailable`, `awsRefusal`, `unexpectedKMSResponse`; `CancellationError`.
    func encrypt(
        _ materials: consuming EncryptionMaterials,
        under keyID: KMSKeyIdentifier
    ) async throws -> EncryptionMaterials {
        guard let dataKey = materials.plaintextDataKey else { return try await generate(for: materials, under: keyID) }
        let request = KMS.EncryptRequest(
            keyID: keyID.text,
            plaintext: dataKey,
            encryptionContext: materials.encryptionContext,
            grantTokens: grantTokens.values
        )
        let response = try await EncryptionSDKError.translating { try await client.encrypt(request) }
        return materials.adding(
            try Self.encryptedDataKey(answered: response.keyID, for: keyID, ciphertext: response.ciphertextBlob)
        )
    }

    private func generate(
        for materials: EncryptionMaterials,
        under keyID: KMSKeyIdentifier
    ) async throws -> EncryptionMaterials {
        let length = materials.algorithmSuite.dataKeyLength
        let response = try await EncryptionSDKError.translating {
            try await client.generateDataKey(
                KMS.GenerateDataKeyRequest(
                    keyID: keyID.text,
                    numberOfBytes: length,
                    encryptionContext: materials.encryptionContext,
                    grantTokens: grantTokens.values
                )
            )
        }
        guard response.plaintext.count == length else {
            throw Self.wrongLength(response.plaintext.count, expected: length, keyID: keyID.text)
        }
        let encryptedDataKey = try Self.encryptedDataKey(
            answered: response.keyID,
            for: keyID,
            ciphertext: response.ciphertextBlob
        )
        return try materials.settingDataKey(response.plaintext).adding(encryptedDataKey)
    }

    /// Checks the key that KMS says it used: a key ARN, and the one that was asked for if that was a key ARN too.
    ///
    /// The specification asks for the first only. A data key under another key than the one that was named would be lost to the
    /// holder of the named one.
    private static func encryptedDataKey(
        answered answeredKeyID: String,
        for keyID: KMSKeyIdentifier,
        ciphertext: [UInt8]
    ) throws(EncryptionSDKError) -> EncryptedDataKey {
        guard let arn = KMSKeyARN(answeredKeyID), arn.resource == .key else {
            throw EncryptionSDKError(.unexpectedKMSResponse, "AWS KMS answered with a key id that is not a key ARN")
        }
        if keyID.arn?.resource == .key { try KMS.check(answeredKeyID, is: keyID.text) }
        return EncryptedDataKey(
            keyProviderID: keyProviderID,
            keyProviderInfo: Array(answeredKeyID.utf8),
            ciphertext: ciphertext
        )
    }

    /// Why a key that the message names is not likely to be found.
    private func regionHint(for keyID: String) -> String {
        guard let region = client.region, let arn = KMSKeyARN(keyID), arn.region != region else { return "" }
        return " (in another region than the client calls, \(region))"
    }

    private static func wrongLength(_ length: Int, expected: Int, keyID: String) -> EncryptionSDKError {
        EncryptionSDKError(
            .unexpectedKMSResponse,
            "AWS KMS answered with a data key of \(length) bytes for \(keyID), the algorithm suite needs \(expected)"
        )
    }

    // MARK: - Decrypt

    /// The key ARNs of the encrypted data keys of `provider`, nil for all others.
    ///
    /// - Throws: `malformedEncryptedDataKey` when one of the provider's names no key: the message does not follow the format, and
    ///   the keyring refuses it as a whole.
    static func keyARNs(
        of encryptedDataKeys: [EncryptedDataKey],
        provider: [UInt8] = keyProviderID
    ) throws(EncryptionSDKError) -> [KMSKeyARN?] {
        var arns: [KMSKeyARN?] = []
        arns.reserveCapacity(encryptedDataKeys.count)
        for (index, encryptedDataKey) in encryptedDataKeys.enumerated() {
            guard encryptedDataKey.keyProviderID == provider else {
                arns.append(nil)
                continue
            }
            guard let arn = KMSKeyARN(keyInfo: encryptedDataKey.keyProviderInfo) else {
                throw EncryptionSDKError(
                    .malformedEncryptedDataKey,
                    "the provider info is not the ARN of an AWS KMS key",
                    at: EncryptionSDKError.Place(encryptedDataKey: index)
                )
            }
            arns.append(arn)
        }
        return arns
    }

    /// Opens `ciphertext` under `keyID`.
    ///
    /// - Parameter isDiscovered: whether the message named the key, so that errors have to: the keyring's own name does not.
    /// - Throws: `awsAccessDenied`, `awsUnavailable`, `awsRefusal`, `unexpectedKMSResponse`; `CancellationError`.
    func decrypt(
        _ ciphertext: [UInt8],
        under keyID: String,
        isDiscovered: Bool = false,
        for materials: DecryptionMaterials
    ) async throws -> SecretBytes {
        let request = KMS.DecryptRequest(
            keyID: keyID,
            ciphertextBlob: ciphertext,
            encryptionContext: materials.encryptionContext,
            grantTokens: grantTokens.values
        )
        let subject = isDiscovered ? keyID + regionHint(for: keyID) : nil
        let response = try await EncryptionSDKError.translating(about: subject) { try await client.decrypt(request) }
        try KMS.check(response.keyID, is: keyID)
        let length = materials.algorithmSuite.dataKeyLength
        guard response.plaintext.count == length else {
            throw Self.wrongLength(response.plaintext.count, expected: length, keyID: keyID)
        }
        return response.plaintext
    }
}

extension Keyring {
    /// The loop of every keyring that calls KMS: all encrypted data keys of the provider must name a key, and those that `unwrap`
    /// accepts are tried in their order.
    ///
    /// - Throws: `malformedEncryptedDataKey`, `noDataKey`, `dataKeyAlreadyPresent`; `CancellationError`.
    func openFirstOfKMS(
        _ encryptedDataKeys: [EncryptedDataKey],
        provider: [UInt8] = KMSDataKeys.keyProviderID,
        for materials: DecryptionMaterials,
        unwrap: (_ encryptedDataKey: EncryptedDataKey, _ arn: KMSKeyARN) async throws -> SecretBytes
    ) async throws -> DecryptionMaterials {
        try materials.requireNoDataKey()
        let arns = try KMSDataKeys.keyARNs(of: encryptedDataKeys, provider: provider)
        var position = 0
        return try await openFirst(of: encryptedDataKeys, for: materials) { encryptedDataKey in
            let arn = arns[position]
            position += 1
            guard let arn else { throw EncryptionSDKError.otherKeyProvider }
            return try await unwrap(encryptedDataKey, arn)
        }
    }
}

extension KMSKeyIdentifier {
    /// The refusal of an encrypted data key of another key; says so when this identifier can never match one.
    func mismatch(with arn: KMSKeyARN) -> EncryptionSDKError {
        guard self.arn?.resource == .key else {
            let kind = isAlias ? "an alias" : "a key id"
            return EncryptionSDKError(
                .notForThisKeyring,
                "the keyring is configured with \(kind), \(text), which never matches: messages name the key by its ARN, \(arn)"
            )
        }
        if self.arn?.isReplica(of: arn) == true {
            return EncryptionSDKError(
                .notForThisKeyring,
                "wrapped under \(arn), the same multi-Region key in another region: an AWSKMSMRKKeyring opens it, this keyring does not"
            )
        }
        return EncryptionSDKError(.notForThisKeyring, "wrapped under another AWS KMS key, \(arn)")
    }
}
