package import AWSMaterialProviders
import ESDKCrypto
import ESDKSystem

/// A keyring that tries encrypted data keys that do not open bound to the pairs of the encryption context in other orders.
///
/// Only the additional data of the wrapped key changes: a data key that opens is authentic under the wrapping key all the same, and
/// header, frames and signature are verified as always. Only raw AES and hierarchical keyrings write so, and only their encrypted data
/// keys are tried again: a key service is not called more often.
package struct RescueKeyring: Keyring {
    /// The most attempts for a message, which anyone may have made up: less than a second for raw AES keys.
    static let mostAttempts = 100_000

    private let keyring: any Keyring
    private let found = Guarded<UndoneDeviation?>(nil)

    /// A keyring over another one.
    package init(_ keyring: any Keyring) { self.keyring = keyring }

    /// The description of the keyring below.
    package var description: String { keyring.description }

    /// What the last message needed; nil when its data key opened as it is.
    package var undone: UndoneDeviation? { found.withLock { $0 } }

    /// Encrypts as the keyring below does.
    package func onEncrypt(_ materials: consuming EncryptionMaterials) async throws -> EncryptionMaterials {
        try await keyring.onEncrypt(materials)
    }

    /// Opens a data key as the keyring below does, or with the pairs in another order.
    ///
    /// - Throws: what the keyring below throws for the pairs as they are; `CancellationError`.
    package func onDecrypt(
        _ materials: DecryptionMaterials,
        encryptedDataKeys: [EncryptedDataKey]
    ) async throws -> DecryptionMaterials {
        found.withLock { $0 = nil }
        do {
            return try await keyring.onDecrypt(materials, encryptedDataKeys: encryptedDataKeys)
        } catch let error as EncryptionSDKError where error.code == .noDataKey {
            return try await inOtherOrders(materials, encryptedDataKeys) ?? { throw error }()
        }
    }

    private func inOtherOrders(
        _ materials: DecryptionMaterials,
        _ encryptedDataKeys: [EncryptedDataKey]
    ) async throws -> DecryptionMaterials? {
        let places = encryptedDataKeys.indices.filter { encryptedDataKeys[$0].isBoundLocally }
        let pairs = materials.encryptionContext.entries
        guard pairs.count > 1, !places.isEmpty else { return nil }
        let keys = places.map { encryptedDataKeys[$0] }
        for (attempt, order) in ContextOrderCandidates(pairs).prefix(Self.mostAttempts / keys.count).enumerated() {
            try Task.checkCancellation()
            let reordered = try DecryptionMaterials(
                algorithmSuite: materials.algorithmSuite,
                encryptionContext: EncryptionContext(boundInOrder: order),
                requiredEncryptionContext: materials.requiredEncryptionContext,
                verificationKey: materials.verificationKey
            )
            guard let opened = try? await keyring.onDecrypt(reordered, encryptedDataKeys: keys),
                let key = opened.plaintextDataKey, let origin = opened.dataKeyOrigin
            else { continue }
            let names = order.map { TerminalText.quoted($0.key) }.joined(separator: ", ")
            let remedy = "the data key opened in order \(attempt + 1) that was tried: \(names)"
            found.withLock { $0 = UndoneDeviation(.javaScriptLocaleOrder, remedy: remedy) }
            return try materials.settingDataKey(
                key,
                fromEncryptedDataKey: places[origin.encryptedDataKey],
                by: origin.keyring
            )
        }
        return nil
    }
}

extension EncryptedDataKey {
    /// The key name in what a raw AES keyring wrote, which ends in tag length, IV length and IV; nil for other forms.
    var rawAESKeyName: [UInt8]? {
        let ivLength = AESGCM.ivLength
        let lengths: [UInt8] = [0, 0, 0, UInt8(AESGCM.tagLength * 8), 0, 0, 0, UInt8(ivLength)]
        let fixedLength = lengths.count + ivLength
        guard keyProviderInfo.count >= fixedLength, keyProviderInfo.suffix(fixedLength).starts(with: lengths) else {
            return nil
        }
        return Array(keyProviderInfo.dropLast(fixedLength))
    }

    /// Whether its form is that of a keyring which binds the data key to the pairs by itself: raw AES or hierarchical.
    var isBoundLocally: Bool {
        if keyProviderID.elementsEqual("aws-kms-hierarchy".utf8) { return true }
        return !keyProviderID.starts(with: "aws-kms".utf8) && rawAESKeyName != nil
    }
}
