package import AWSMaterialProviders
package import ESDKCrypto
import ESDKSystem

/// A keyring that takes any encrypted data key for the one data key it was given, and counts how often it is asked.
///
/// On encrypt it passes the materials on as they are.
package final class StubKeyring: Keyring {
    private let dataKey: SecretBytes
    private let callCount = Guarded(0)

    package init(dataKey: [UInt8]) { self.dataKey = SecretBytes(dataKey) }

    /// How often the keyring was asked for a data key.
    package var calls: Int { callCount.withLock { $0 } }

    package var description: String { "stub keyring" }

    package func onEncrypt(_ materials: EncryptionMaterials) async throws -> EncryptionMaterials { materials }

    package func onDecrypt(
        _ materials: DecryptionMaterials,
        encryptedDataKeys: [EncryptedDataKey]
    ) async throws -> DecryptionMaterials {
        callCount.withLock { $0 += 1 }
        return try materials.settingDataKey(dataKey, fromEncryptedDataKey: 0, by: description)
    }
}

/// A materials manager that only decrypts, whose answers are a closure's.
package final class StubMaterialsManager: CryptographicMaterialsManager {
    private let answer: @Sendable (DecryptMaterialsRequest) throws -> DecryptionMaterials
    private let callCount = Guarded(0)

    package init(_ answer: @escaping @Sendable (DecryptMaterialsRequest) throws -> DecryptionMaterials) {
        self.answer = answer
    }

    /// How often it was asked.
    package var calls: Int { callCount.withLock { $0 } }

    package func encryptionMaterials(for request: EncryptionMaterialsRequest) async throws -> EncryptionMaterials {
        throw EncryptionSDKError(.invalidConfiguration, "this materials manager only decrypts")
    }

    package func decryptMaterials(for request: DecryptMaterialsRequest) async throws -> DecryptionMaterials {
        callCount.withLock { $0 += 1 }
        return try answer(request)
    }
}

extension DecryptionMaterials {
    /// Materials as the default manager makes them, of any suite.
    package init(
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
