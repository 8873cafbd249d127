package import AWSMaterialProviders
package import ESDKCrypto

/// The content key and the key commitment of a message (framework/algorithm-suites.md, Algorithm Suites Encryption Key Derivation
/// Settings).
///
/// Written independently of the library's derivation, so that a rebuilt message checks it.
package struct DerivedKeys: Sendable {
    /// The key of header tag and frames.
    package let contentKey: SecretBytes
    /// 32 bytes for a committing suite, none otherwise.
    package let commitment: [UInt8]

    /// The keys of a blueprint.
    ///
    /// - Throws: `CryptoError`.
    package init(_ keys: MessageBlueprint.Keys, suite: AlgorithmSuite, messageID: [UInt8]) throws(CryptoError) {
        switch keys {
        case .given(let contentKey, let commitment):
            self.init(contentKey: contentKey, commitment: commitment)
        case .dataKey(let dataKey, let rules):
            try self.init(suite, dataKey: dataKey, messageID: messageID, rules: rules)
        }
    }

    private init(contentKey: SecretBytes, commitment: [UInt8]) {
        self.contentKey = contentKey
        self.commitment = commitment
    }

    private init(
        _ suite: AlgorithmSuite,
        dataKey: SecretBytes,
        messageID: [UInt8],
        rules: KeyDerivationRules
    ) throws(CryptoError) {
        let suiteID = suite.id.bigEndianBytes
        switch suite.keyDerivation {
        case .identity:
            contentKey = dataKey
            commitment = []
        case .hkdf(let hash):
            let info = rules == .netV4_0_0 ? suiteID : suiteID + messageID
            contentKey = try HKDF.derive(
                hash,
                salt: nil,
                keyMaterial: dataKey.span,
                info: info.span,
                outputLength: suite.dataKeyLength
            )
            commitment = []
        case .hkdfWithCommitment(let hash):
            let extracted = try HKDF.extract(hash, salt: messageID.span, keyMaterial: dataKey.span)
            let keyInfo = suiteID + Array("DERIVEKEY".utf8)
            contentKey = try HKDF.expand(
                hash,
                pseudorandomKey: extracted,
                info: keyInfo.span,
                outputLength: suite.dataKeyLength
            )
            let commitmentInfo = Array("COMMITKEY".utf8)
            let derived = try HKDF.expand(
                hash,
                pseudorandomKey: extracted,
                info: commitmentInfo.span,
                outputLength: suite.commitmentLength
            )
            commitment = [UInt8](bytesOf: derived.span)
        }
    }
}

/// How content key and key commitment are derived from a data key.
package enum KeyDerivationRules: String, Sendable, Hashable, CaseIterable {
    /// As the specification says.
    case specification
    /// As ESDK-NET 4.0.0 did: suites with a key derivation and without commitment leave the message id out.
    case netV4_0_0 = "net-4.0.0"
}
