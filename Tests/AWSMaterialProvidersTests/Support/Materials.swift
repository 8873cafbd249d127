import AWSMaterialProviders
import ESDKCrypto
import Testing

/// An unsigned suite with a data key of 32 bytes.
let unsigned = AlgorithmSuite.aes256GCMHKDFSHA512CommitKey
/// A signed suite.
let signed = AlgorithmSuite.aes256GCMHKDFSHA512CommitKeyECDSAP384
let context: EncryptionContext = ["purpose": "test", "tenant": "42"]

func encryptionMaterials(_ suite: AlgorithmSuite = unsigned) throws -> EncryptionMaterials {
    guard let signature = suite.signature else {
        return try EncryptionMaterials(algorithmSuite: suite, encryptionContext: context)
    }
    let key = try ECPrivateKey.generate(signature.curve)
    let value = String(decoding: EncryptionContext.publicKeyValue(of: key.publicKey), as: UTF8.self)
    return try EncryptionMaterials(
        algorithmSuite: suite,
        encryptionContext: ["purpose": "test", "tenant": "42", EncryptionContext.publicKeyName: value],
        signingKey: key
    )
}

func decryptionMaterials(
    _ context: EncryptionContext = context,
    suite: AlgorithmSuite = unsigned,
    verificationKey: ECPublicKey? = nil
) throws -> DecryptionMaterials {
    try DecryptionMaterials(algorithmSuite: suite, encryptionContext: context, verificationKey: verificationKey)
}

/// Expects that `body` throws an error of this package with `code`, and returns it.
@discardableResult
func expectError(
    _ code: EncryptionSDKError.Code,
    sourceLocation: SourceLocation = #_sourceLocation,
    _ body: () async throws -> Void
) async -> EncryptionSDKError? {
    do {
        try await body()
    } catch let error as EncryptionSDKError {
        #expect(error.code == code, "\(error)", sourceLocation: sourceLocation)
        return error
    } catch {
        Issue.record("another error: \(error)", sourceLocation: sourceLocation)
        return nil
    }
    Issue.record("no error, \(code) was expected", sourceLocation: sourceLocation)
    return nil
}

/// Expects that the keyring opens nothing, each encrypted data key for the given reason.
func expectRefusals(
    _ codes: [EncryptionSDKError.Code],
    of keyring: any Keyring,
    _ encryptedDataKeys: [EncryptedDataKey],
    context: EncryptionContext = context,
    sourceLocation: SourceLocation = #_sourceLocation
) async -> EncryptionSDKError? {
    // Where a key service could not be asked, that is what the error says.
    let outage = codes.first { $0.category == .service }
    let error = await expectError(outage ?? .noDataKey, sourceLocation: sourceLocation) {
        _ = try await keyring.onDecrypt(try decryptionMaterials(context), encryptedDataKeys: encryptedDataKeys)
    }
    #expect(error?.refusals.map(\.error.code) == codes, sourceLocation: sourceLocation)
    return error
}
