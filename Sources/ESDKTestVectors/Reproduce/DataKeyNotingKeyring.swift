import AWSMaterialProviders
import ESDKCrypto
import ESDKSystem

/// A keyring around another one that notes the data key which that one opened.
///
/// A data key leaves the library to nobody; here it is one of the inputs to be recovered.
final class DataKeyNotingKeyring: Keyring {
    private let underlying: any Keyring
    private let noted = Guarded<DecryptionMaterials?>(nil)

    /// The materials with the data key, once it has been opened.
    var materials: DecryptionMaterials? { noted.withLock(\.self) }

    var description: String { underlying.description }

    init(_ underlying: any Keyring) { self.underlying = underlying }

    func onEncrypt(_ materials: EncryptionMaterials) async throws -> EncryptionMaterials {
        throw EncryptionSDKError(.invalidConfiguration, "this keyring only decrypts")
    }

    func onDecrypt(
        _ materials: DecryptionMaterials,
        encryptedDataKeys: [EncryptedDataKey]
    ) async throws -> DecryptionMaterials {
        let opened = try await underlying.onDecrypt(materials, encryptedDataKeys: encryptedDataKeys)
        noted.withLock { $0 = opened }
        return opened
    }
}
