internal import StrictJSON

extension EncryptSet {
    /// This set with key ARNs where it has aliases, which is what its messages are decrypted with.
    func resolving(_ aliases: KMSAliases) -> EncryptSet {
        guard !aliases.arns.isEmpty else { return self }
        let entries = keys.entries.map { entry in
            KeyEntry(
                name: entry.name,
                keyID: aliases.arns[JSONName(entry.name)] ?? entry.keyID,
                encrypt: entry.encrypt,
                decrypt: entry.decrypt,
                bits: entry.bits,
                material: entry.material
            )
        }
        let source = keySource.members.map { member in
            guard var entry = member.value.object, let arn = aliases.arns[JSONName(member.name)] else { return member }
            entry["key-id"] = .string(arn)
            return JSONObject.Member(name: member.name, value: .object(entry))
        }
        return EncryptSet(
            manifestPath: manifestPath,
            header: header,
            folder: folder,
            keys: KeyTable(declaredVersion: keys.declaredVersion, entries: entries),
            keySource: JSONObject(source),
            plaintextNames: plaintextNames,
            plaintextSizes: plaintextSizes,
            tests: tests,
            diagnostics: diagnostics
        )
    }
}
