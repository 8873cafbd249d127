extension KeyDescription {
    /// Checks that the keys which this description names are there and of a fitting type.
    ///
    /// An entry of a type that is not known fits everywhere: its keyring is merely not usable.
    ///
    /// - Parameter keys: the keys of the set.
    /// - Throws: a failure for a name that is not there, an entry that cannot be read and one of another type.
    func check(keys: KeyTable) throws(TestProblem) {
        for leaf in leaves {
            guard let name = leaf.keyName else { continue }
            let quoted = ManifestText.quoted(name)
            guard let entry = keys[name] else { throw .broken("the keys manifest has no key \(quoted)") }
            switch entry.material {
            case .malformed(let reason): throw .broken("key \(quoted): \(reason)")
            case .unsupported: continue
            default: break
            }
            guard leaf.accepts(entry.material) else {
                throw .broken(
                    "key \(quoted) is of type \(entry.material.kind), which \(leaf.summary(keys: keys)) cannot use"
                )
            }
        }
    }

    private func accepts(_ material: KeyMaterial) -> Bool {
        switch (self, material) {
        case (.raw(_, _, .aes), .symmetric), (.raw(_, _, .rsa), .rsaPrivate), (.raw(_, _, .rsa), .rsaPublic),
            (.awsKMS, .awsKMS), (.awsKMSMRK, .awsKMS), (.awsKMSRSA, .awsKMSRSA),
            (.awsKMSHierarchy, .staticBranchKey), (.rawECDH, .eccPrivate), (.awsKMSECDH, .awsKMSECDH),
            (.staticMaterial, .staticMaterial), (.dataKey, .dataKey):
            true
        default:
            false
        }
    }
}
