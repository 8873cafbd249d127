import AWSMaterialProviders
import ESDKCrypto
import StrictJSON

/// Looks at the entries of a keys manifest, and at the descriptions that name them.
struct KeyLint {
    let cache: KeyCache

    /// Takes a finding: its code, the part that it is about, and what is wrong.
    typealias Report = (LintFinding.Code, LintNode, String) -> Void

    // MARK: Entries

    /// Looks at the entries of a keys manifest.
    ///
    /// - Parameters:
    ///   - table: the entries as they were read.
    ///   - node: the member that holds them, in the same order.
    func check(_ table: KeyTable, _ node: LintNode, report: Report) {
        var named: [JSONName: KeyEntry] = [:]
        for (entry, member) in zip(table.entries, node.members) {
            check(entry, member.node, report: report)
            // Kinds of keys have name spaces of their own, and the halves of a pair share a name.
            guard let key = entry.material.key(as: SymmetricKey.self) else { continue }
            let name = JSONName(entry.keyID)
            if let other = named[name], other.material.key(as: SymmetricKey.self)?.bytes != key.bytes {
                report(
                    .reusedKeyID,
                    member.node["key-id"] ?? member.node,
                    "keys \(ManifestText.quoted(other.name)) and \(ManifestText.quoted(entry.name)) differ and have one "
                        + "key-id, so messages do not tell them apart"
                )
            }
            named[name] = entry
        }
    }

    private func check(_ entry: KeyEntry, _ node: LintNode, report: Report) {
        let quoted = ManifestText.quoted(entry.name)
        switch entry.material {
        case .unsupported(let type):
            report(.unsupported, node["type"] ?? node, "keys of type \(ManifestText.quoted(type)) are not known here")
        case .malformed(let reason):
            let isOfOtherSize = Self.statedBits(node).map { $0 != Self.materialBits(node) } ?? false
            report(
                isOfOtherSize && Self.materialBits(node) != nil ? .keySize : .brokenKey,
                node["material"] ?? node,
                "key \(quoted): \(reason)"
            )
        case .key(let key):
            checkMembers(node, of: type(of: key).members.union(Self.commonMembers), "key \(quoted)", report: report)
            do {
                try check(key, bits: entry.bits, node, quoted, report: report)
            } catch {
                report(.brokenKey, node["material"] ?? node, "key \(quoted): \(error)")
            }
        }
    }

    private static let commonMembers: Set<String> = ["type", "encrypt", "decrypt", "key-id", "bits"]

    private static func statedBits(_ node: LintNode) -> Int? {
        node["bits"]?.value.integer.map { Int(clamping: $0) }.flatMap { $0 == 0 ? nil : $0 }
    }

    /// The length of a key that is Base64 text.
    private static func materialBits(_ node: LintNode) -> Int? {
        guard let text = node["material"]?.value.string else { return nil }
        return Base64.decode(text).map { $0.count * 8 }
    }

    /// Parses what the reader leaves for the first use.
    private func check(_ key: any KeyType, bits: Int?, _ node: LintNode, _ name: String, report: Report) throws {
        func checkSize(_ actual: Int, _ member: String) {
            guard let bits, bits != actual else { return }
            report(.keySize, node["bits"] ?? node, "key \(name): \(member) has \(actual) bits, not \(bits) as stated")
        }
        func checkPair(_ privateKey: KeyText, _ publicKey: KeyText, _ side: String) throws {
            let privateKey = try cache.ecPrivateKey(privateKey)
            checkSize(privateKey.curve.bits, "\(side)-material")
            guard try cache.ecPublicKey(publicKey).compressedPoint == privateKey.publicKey.compressedPoint else {
                let member = "\(side)-material-public-key"
                report(
                    .keyPair,
                    node[member] ?? node,
                    "key \(name): \(member) is not the public half of \(side)-material"
                )
                return
            }
        }
        switch key {
        case let key as any RSAKeyText: checkSize(try key.publicKey(cache).modulusBits, "the key")
        case let key as AWSKMSRSAKey: checkSize(try cache.rsaPublicKey(key.publicKey).modulusBits, "the key")
        case let key as ECCPrivateKeys:
            try checkPair(key.sender, key.senderPublicKey, "sender")
            try checkPair(key.recipient, key.recipientPublicKey, "recipient")
        case let key as AWSKMSECDHKeys:
            let sender = try cache.ecPublicKey(key.senderPublicKey)
            let recipient = try cache.ecPublicKey(key.recipientPublicKey)
            if sender.curve != recipient.curve {
                report(
                    .keyPair,
                    node["recipient-material-public-key"] ?? node,
                    "key \(name): the keys of sender and recipient are on different curves"
                )
            }
        default: break
        }
    }

    private func checkMembers(_ node: LintNode, of known: Set<String>, _ what: String, report: Report) {
        for (name, member) in node.members where !known.contains(name) && !member.value.isNull {
            report(.unknownMember, member, "member \(ManifestText.quoted(name)) of \(what) is not known")
        }
    }

    // MARK: Descriptions

    /// Looks at a key description, and at those inside it.
    ///
    /// - Returns: whether nothing is wrong with it, so that the reader can be asked for more.
    func check(description node: LintNode, keys: KeyTable, report: Report) -> Bool {
        if node.value.array != nil {
            return node.elements.map { check(description: $0, keys: keys, report: report) }.allSatisfy(\.self)
        }
        var isSound = true
        let type = node["type"]?.value.string ?? ""
        let kinds = KeyringKinds.standard.all.filter { $0.type == type }
        guard !kinds.isEmpty else {
            if node["type"] != nil {
                report(
                    .unsupported,
                    node["type"] ?? node,
                    "key descriptions of type \(ManifestText.quoted(type)) are not known"
                )
            }
            return true
        }
        let known = kinds.reduce(into: Set(["type"])) { $0.formUnion($1.members) }
        checkMembers(node, of: known, "the key description", report: report)
        if type == "raw" { isSound = checkPadding(node, report: report) }
        let parts =
            [node["generator"], node["underlying"]].compactMap(\.self) + (node["childKeyrings"]?.elements ?? [])
        for part in parts where !check(description: part, keys: keys, report: report) { isSound = false }
        guard parts.isEmpty, let kind = (try? KeyringKinds.standard.read(node.value, ""))?.kind, let name = kind.keyName
        else { return isSound }
        let place = node.members.first {
            $0.node.value.string?.hasSameBytes(as: name) == true && $0.name != "provider-id"
        }
        guard let entry = keys[name] else {
            let quoted = ManifestText.quoted(name)
            report(.unknownKey, place?.node ?? node, "the keys manifest has no key \(quoted)")
            return false
        }
        // What is wrong with the key itself is said where it stands.
        guard case .key(let key) = entry.material else { return false }
        if !Swift.type(of: kind).keyTypes.contains(where: { $0 == Swift.type(of: key) }) {
            report(
                .unknownKey,
                place?.node ?? node,
                "key \(ManifestText.quoted(name)) is of type \(entry.material.kind), which the description cannot use"
            )
            return false
        }
        return isSound
    }

    private func checkPadding(_ node: LintNode, report: Report) -> Bool {
        let algorithm = node["encryption-algorithm"]?.value.string
        let padding = node["padding-algorithm"]
        let hash = node["padding-hash"]
        // Some writers leave the members of RSA empty on other keys.
        func text(_ node: LintNode?) -> String? { node?.value.string.flatMap { $0.isEmpty ? nil : $0 } }
        switch algorithm {
        case "aes":
            for (name, member) in [("padding-algorithm", padding), ("padding-hash", hash)] {
                guard let member, text(member) != nil else { continue }
                report(.needlessMember, member, "member \"\(name)\" means nothing for an AES key")
            }
        case "rsa":
            switch text(padding) {
            case "pkcs1":
                if let hash, let text = text(hash), text != "sha1" {
                    report(.needlessMember, hash, "padding pkcs1 has no hash \(ManifestText.quoted(text))")
                }
            case "oaep-mgf1":
                guard let text = text(hash), ["sha1", "sha256", "sha384", "sha512"].contains(text) else {
                    let what = text(hash).map { "hash \(ManifestText.quoted($0)) is not known" } ?? "no hash is given"
                    report(.unknownPadding, hash ?? padding ?? node, "padding oaep-mgf1: \(what)")
                    return false
                }
            case let name:
                let what = name.map { "padding \(ManifestText.quoted($0)) is not known" } ?? "no padding is given"
                report(.unknownPadding, padding ?? node, "an RSA key: \(what)")
                return false
            }
        case let name?:
            report(
                .unknownPadding,
                node["encryption-algorithm"] ?? node,
                "encryption algorithm \(ManifestText.quoted(name)) is not known"
            )
            return false
        case nil: break
        }
        return true
    }
}

extension EllipticCurve {
    fileprivate var bits: Int {
        switch self {
        case .p256: 256
        case .p384: 384
        case .p521: 521
        }
    }
}
