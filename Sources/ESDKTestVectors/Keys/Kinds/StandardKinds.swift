import StrictJSON

extension KeyringKinds {
    /// The kinds that are known here.
    ///
    /// Of those with one `type`, the first that takes a description has it.
    static let standard = KeyringKinds([
        RawAES.self,
        RawRSA.self,
        RawECDH.self,
        AWSKMS.self,
        AWSKMSMRK.self,
        AWSKMSMRKDiscovery.self,
        AWSKMSRSA.self,
        AWSKMSECDH.self,
        Hierarchical.self,
        GivenDataKey.self,
        StaticMaterialKeyring.self,
        Multi.self,
        RequiredEncryptionContext.self,
        Caching.self,
    ])
}

extension KeyDescription {
    /// A key of 2018 that was thrown away when the message was written: never decryptable.
    package static func ephemeral(name: String) -> KeyDescription { KeyDescription(Ephemeral(name: JSONName(name))) }
}

/// A key of 2018 that was thrown away when the message was written.
private struct Ephemeral: KeyringKind {
    let name: JSONName

    func summary(keys: KeyTable) -> String { "ephemeral" }

    func decrypting(_ builder: KeyringBuilder) -> KeyringUse {
        let name = ManifestText.quoted(name.text)
        return .unavailable(reason: "the key \(name) was thrown away when the message was written")
    }
}
