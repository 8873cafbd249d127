package import ESDKCrypto
import ESDKSystem

extension KeyStore {
    /// Puts a branch key of known bytes into the key store, as test vectors need it: on real keys, KMS alone knows the bytes.
    ///
    /// Nothing is written over: records that are there must hold the same keys.
    ///
    /// - Parameters:
    ///   - materials: the branch key, which becomes the active version.
    ///   - beaconKey: the beacon key, 32 bytes; nil to write none.
    ///   - createTime: the creation time of the records.
    /// - Throws: `branchKeyConflict` when the key store has another active version or other bytes; `invalidConfiguration` in
    ///   discovery; `awsAccessDenied`, `awsUnavailable`, `awsRefusal`, `unexpectedKMSResponse`; `CancellationError`.
    package func importKey(
        _ materials: BranchKeyMaterials,
        beaconKey: SecretBytes?,
        createTime: String
    ) async throws {
        let keyID = try kmsKey.keyForWriting()
        guard let kmsARN = KMSKeyARN(keyID) else {
            throw EncryptionSDKError(.invalidConfiguration, "the AWS KMS key of the key store is not a key ARN")
        }
        var records: [(BranchKeyRecord.Kind, String?, SecretBytes)] = [
            (.version(materials.version), nil, materials.branchKey),
            (.active, materials.version, materials.branchKey),
        ]
        if let beaconKey { records.append((.beacon, nil, beaconKey)) }
        for (kind, activeVersion, key) in records {
            var record = BranchKeyRecord(
                branchKeyID: materials.branchKeyID,
                kind: kind,
                activeVersion: activeVersion,
                kmsARN: kmsARN,
                createTime: createTime,
                customContext: EncryptionContext()
            )
            let response = try await EncryptionSDKError.translating {
                try await kms.encrypt(
                    KMS.EncryptRequest(
                        keyID: keyID,
                        plaintext: key,
                        encryptionContext: record.encryptionContext(logicalKeyStoreName: logicalKeyStoreName),
                        grantTokens: grantTokens
                    )
                )
            }
            try KMS.check(response.keyID, is: keyID)
            record.ciphertext = response.ciphertextBlob
            try await putUnlessSame(record, holding: key, of: materials)
        }
    }

    private func putUnlessSame(
        _ record: BranchKeyRecord,
        holding key: SecretBytes,
        of materials: BranchKeyMaterials
    ) async throws {
        let id = materials.branchKeyID
        do {
            try await dynamoDB.putItem(put(record, if: Self.isNew))
        } catch let error as AWSServiceError where error.code == .conditionalCheckFailed {
            let isSame: Bool
            switch record.kind {
            case .active:
                let active = try await activeBranchKey(id: id)
                isSame = active.branchKey == key && active.version == materials.version
            case .version(let version): isSame = try await branchKey(id: id, version: version).branchKey == key
            case .beacon: isSame = try await beaconKey(id: id).beaconKey == key
            }
            guard isSame else {
                throw EncryptionSDKError(
                    .branchKeyConflict,
                    "the key store \(logicalKeyStoreName) holds another \(record.kind.text) of the branch key \(TerminalText.quoted(id))"
                )
            }
        } catch {
            try await EncryptionSDKError.translating { throw error }
        }
    }
}
