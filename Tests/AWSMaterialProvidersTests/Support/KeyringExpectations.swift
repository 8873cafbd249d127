import AWSMaterialProviders
import ESDKCrypto
import Testing

/// A data key of 32 bytes, an encryption context, and materials that wait for the one and have the other.
enum Sample {
    static let dataKey = [UInt8](1...32)
    static let context: EncryptionContext = ["purpose": "test", "\u{10000}": "é"]
    static let suite = AlgorithmSuite.aes256GCMHKDFSHA512CommitKey

    static func materials(
        _ suite: AlgorithmSuite = suite,
        context: EncryptionContext = context
    ) throws -> DecryptionMaterials {
        try DecryptionMaterials(algorithmSuite: suite, encryptionContext: context)
    }

    /// A data key that no keyring of these tests claims.
    static let foreign = EncryptedDataKey(
        keyProviderID: Array("aws-kms".utf8),
        keyProviderInfo: Array("arn:aws:kms:us-west-2:658956600833:key/b3537ef1-d8dc-4780-9f5a-55776cbb2f7f".utf8),
        ciphertext: [1, 2, 3]
    )
}

/// Expects the keyring to open the encrypted data key, alone and behind one that is not its own.
func expectOpening(
    of encryptedDataKey: EncryptedDataKey,
    by keyring: any Keyring,
    _ dataKey: [UInt8] = Sample.dataKey,
    materials: DecryptionMaterials? = nil,
    _ comment: Comment? = nil,
    sourceLocation: SourceLocation = #_sourceLocation
) async {
    do {
        let materials = try materials ?? Sample.materials()
        for before in [[], [Sample.foreign]] {
            let result = try await keyring.onDecrypt(materials, encryptedDataKeys: before + [encryptedDataKey])
            let isRight = result.plaintextDataKey == SecretBytes(dataKey)
            #expect(isRight, comment, sourceLocation: sourceLocation)
            let origin = result.dataKeyOrigin
            #expect(origin?.encryptedDataKey == before.count, comment, sourceLocation: sourceLocation)
            #expect(origin?.keyring == keyring.description, comment, sourceLocation: sourceLocation)
            #expect(result.encryptionContext == materials.encryptionContext, sourceLocation: sourceLocation)
            #expect(result.algorithmSuite == materials.algorithmSuite, sourceLocation: sourceLocation)
        }
    } catch {
        Issue.record("not opened: \(error), \(comment ?? "")", sourceLocation: sourceLocation)
    }
}

/// Expects the keyring to refuse the encrypted data key for this reason, and to open `good` behind it all the same.
@discardableResult
func expectRefusal(
    of encryptedDataKey: EncryptedDataKey,
    by keyring: any Keyring,
    _ code: EncryptionSDKError.Code,
    goodOne good: EncryptedDataKey? = nil,
    materials: DecryptionMaterials? = nil,
    _ comment: Comment? = nil,
    sourceLocation: SourceLocation = #_sourceLocation
) async -> DataKeyRefusal? {
    var refusal: DataKeyRefusal?
    do {
        let materials = try materials ?? Sample.materials()
        do {
            _ = try await keyring.onDecrypt(materials, encryptedDataKeys: [Sample.foreign, encryptedDataKey])
            Issue.record("opened, \(comment ?? "")", sourceLocation: sourceLocation)
        } catch let error as EncryptionSDKError {
            // Where a key service could not be asked, that is what the error says.
            #expect(error.code == (code.category == .service ? code : .noDataKey), sourceLocation: sourceLocation)
            // A key that was tried comes before one that was not.
            let order = code == .notForThisKeyring ? [0, 1] : [1, 0]
            #expect(error.refusals.map(\.encryptedDataKey) == order, comment, sourceLocation: sourceLocation)
            let refusals = error.refusals.sorted { ($0.encryptedDataKey ?? 0) < ($1.encryptedDataKey ?? 0) }
            #expect(refusals.first?.error.code == .notForThisKeyring, sourceLocation: sourceLocation)
            #expect(refusals.last?.error.code == code, comment, sourceLocation: sourceLocation)
            #expect(refusals.last?.keyring == keyring.description, sourceLocation: sourceLocation)
            // What refused is told in the text, too.
            let text = refusals.last?.error.reason ?? "no refusal"
            #expect(error.description.contains(text), comment, sourceLocation: sourceLocation)
            refusal = refusals.last
        }
        if let good {
            let result = try await keyring.onDecrypt(materials, encryptedDataKeys: [encryptedDataKey, good])
            #expect(result.dataKeyOrigin?.encryptedDataKey == 1, comment, sourceLocation: sourceLocation)
        }
    } catch {
        Issue.record("\(error), \(comment ?? "")", sourceLocation: sourceLocation)
    }
    return refusal
}

/// Expects that a value cannot be made from these arguments.
func expectInvalidConfiguration<Value>(
    sourceLocation: SourceLocation = #_sourceLocation,
    _ make: () throws -> Value
) {
    #expect(throws: EncryptionSDKError(.invalidConfiguration, ""), sourceLocation: sourceLocation) { _ = try make() }
}
