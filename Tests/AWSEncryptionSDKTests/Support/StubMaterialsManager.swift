import AWSMaterialProviders
import ESDKCrypto
import ESDKSystem

/// A materials manager whose answers are a closure's.
final class StubMaterialsManager: CryptographicMaterialsManager {
    private let answer: @Sendable (DecryptMaterialsRequest) throws -> DecryptionMaterials
    private let callCount = Guarded(0)

    init(_ answer: @escaping @Sendable (DecryptMaterialsRequest) throws -> DecryptionMaterials) { self.answer = answer }

    /// How often it was asked.
    var calls: Int { callCount.withLock { $0 } }

    func encryptionMaterials(for request: EncryptionMaterialsRequest) async throws -> EncryptionMaterials {
        throw EncryptionSDKError(.invalidConfiguration, "this materials manager only decrypts")
    }

    func decryptMaterials(for request: DecryptMaterialsRequest) async throws -> DecryptionMaterials {
        callCount.withLock { $0 += 1 }
        return try answer(request)
    }
}

extension DecryptionMaterials {
    /// Materials as the default manager makes them, of any suite.
    init(
        _ suite: AlgorithmSuite,
        for request: DecryptMaterialsRequest,
        dataKey: [UInt8]?,
        verificationKey: ECPublicKey? = nil
    ) throws {
        let materials = try DecryptionMaterials(
            algorithmSuite: suite,
            encryptionContext: request.encryptionContext,
            verificationKey: verificationKey
        )
        self =
            try dataKey.map { try materials.settingDataKey(SecretBytes($0), fromEncryptedDataKey: 0, by: "stub") }
            ?? materials
    }
}
