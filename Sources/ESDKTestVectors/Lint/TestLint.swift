import AWSEncryptionSDK
import AWSMaterialProviders
import ESDKCrypto
import MessageForge
import StrictJSON

/// Looks at the tests of a manifest, and at the messages of those that are to be decrypted.
struct TestLint {
    let keys: KeyTable
    let cache: KeyCache
    let report: KeyLint.Report

    private var keyLint: KeyLint { KeyLint(cache: cache) }
    private var seen: [[UInt8]: Seen] = [:]

    /// A test with a message that others may have, too.
    private struct Seen {
        let id: String
        let test: DecryptInstructions
    }

    init(keys: KeyTable, cache: KeyCache, report: @escaping KeyLint.Report) {
        self.keys = keys
        self.cache = cache
        self.report = report
    }

    // MARK: What both kinds of tests have

    private func checkMembers(_ node: LintNode, _ known: Set<String>) {
        for (name, member) in node.members where !known.contains(name) {
            report(.unknownMember, member, "member \(ManifestText.quoted(name)) is not known, and is ignored")
        }
    }

    /// - Returns: whether the suite is one that there is.
    private func checkSuite(_ node: LintNode) -> Bool {
        guard let member = node.member("algorithmSuiteId", "algorithm") else { return true }
        let id: UInt16
        do throws(VectorError) {
            guard let value = try ManifestFields(JSONValue.object(["suite": member.value]), "the test").suite("suite")
            else {
                return true
            }
            id = value
        } catch {
            let text = member.value.string.map(ManifestText.quoted) ?? member.value.kind
            report(.unknownSuite, member, "\(text) is not the id of an algorithm suite")
            return false
        }
        do throws(EncryptionSDKError) {
            _ = try AlgorithmSuite(id: id)
        } catch {
            let isOfOthers = error.code == .algorithmSuiteNotForMessages
            report(isOfOthers ? .unsupported : .unknownSuite, member, error.reason)
            return isOfOthers
        }
        return true
    }

    private func checkDescriptions(_ node: LintNode, _ names: String...) -> Bool {
        names.compactMap { node[$0] }.map { keyLint.check(description: $0, keys: keys, report: report) }
            .allSatisfy(\.self)
    }

    /// - Returns: whether the reader could make sense of the test.
    private func checkReading<Content>(
        _ content: Result<Content, VectorError>,
        _ node: LintNode,
        isSound: Bool
    ) -> Content? {
        switch content {
        case .success(let content): return content
        case .failure(let error) where error.code == .unsupported: report(.unsupported, node, error.reason)
        // What has been said at its place is not said again.
        case .failure(let error): if isSound { report(.brokenTest, node, error.reason) }
        }
        return nil
    }

    // MARK: Decryption

    /// Looks at a test of a decrypt manifest, whatever its dialect.
    mutating func check(_ test: DecryptTest, _ node: LintNode, in folder: VectorFolder, isManifest: Bool) {
        let scenario = node["decryption-scenario"]
        let fields = scenario ?? node
        var isSound = true
        if isManifest {
            if scenario != nil { checkMembers(node, ["decryption-scenario"]) }
            checkMembers(fields, DecryptTestReader.knownMembers)
            isSound = checkSuite(fields)
            isSound = checkDescriptions(fields, "master-keys", "decryptKeyDescription") && isSound
        }
        guard let instructions = checkReading(test.content, node, isSound: isSound) else { return }
        var expected: [UInt8]?
        if case .plaintext(let plaintext) = instructions.expected {
            expected = read(plaintext, fields.first("result") ?? fields["plaintext"] ?? node, in: folder)
        }
        checkKeyring(instructions, fields)
        guard let message = read(instructions.ciphertext, fields["ciphertext"] ?? node, in: folder) else { return }
        checkRepetition(message, test.id, instructions, node)
        if case .plaintext = instructions.expected {
            check(message, of: test, instructions, plaintext: expected, fields)
        }
    }

    /// - Returns: the bytes of a file; nil where they cannot be read.
    private func read(_ resource: VectorResource, _ node: LintNode, in folder: VectorFolder) -> [UInt8]? {
        do throws(VectorError) {
            return try folder.read(resource, limit: Self.longestFile)
        } catch {
            report(error.code == .tooLarge ? .unsupported : .missingFile, node, "\(resource): \(error.reason)")
            return nil
        }
    }

    private static let longestFile = 1 << 30

    /// Whether the keys could open anything, going by the description alone.
    private func checkKeyring(_ test: DecryptInstructions, _ node: LintNode) {
        let place = node.member("decryptKeyDescription", "master-keys") ?? node
        let supplied = Set(test.encryptionContext.pairs.map(\.key))
        if let missing = test.requiredContextKeys.first(where: { !supplied.contains($0) }), isPositive(test) {
            let key = ManifestText.quoted(String(decoding: missing, as: UTF8.self))
            report(.requiredContext, place, "the required context key \(key) is not in the context that is supplied")
        }
        guard isPositive(test) else { return }
        switch KeyringBuilder(keys: keys, cache: cache).keyring(for: test.keyring) {
        case .usable, .unavailable: break
        case .opensNothing(_, let reason): report(.unusableKey, place, reason)
        case .invalid(let error): report(.unusableKey, place, "no keyring can be made: \(error)")
        case .broken(let reason): report(.unusableKey, place, reason)
        }
    }

    private func isPositive(_ test: DecryptInstructions) -> Bool {
        if case .plaintext = test.expected { true } else { false }
    }

    /// Whether another test has the same message.
    private mutating func checkRepetition(
        _ message: [UInt8],
        _ id: String,
        _ test: DecryptInstructions,
        _ node: LintNode
    ) {
        guard let digest = try? Digest.hash(.sha256, of: message.span) else { return }
        guard let other = seen[digest] else {
            seen[digest] = Seen(id: id, test: test)
            return
        }
        let name = ManifestText.quoted(other.id)
        let isSameTask =
            other.test.keys == test.keys && other.test.method == test.method && other.test.cmm == test.cmm
            && other.test.encryptionContext == test.encryptionContext
        guard isSameTask else {
            if other.test.ciphertext != test.ciphertext {
                report(.sameCiphertext, node, "the message is also that of test \(name)")
            }
            return
        }
        if isPositive(other.test) != isPositive(test) {
            report(.contradiction, node, "test \(name) expects the opposite of the same message and keys")
        } else {
            report(.duplicateTest, node, "test \(name) is the same: message, keys, context and method")
        }
    }

    /// What a message that is to be decrypted says without a key.
    private func check(
        _ message: [UInt8],
        of test: DecryptTest,
        _ instructions: DecryptInstructions,
        plaintext: [UInt8]?,
        _ node: LintNode
    ) {
        let place = node["ciphertext"] ?? node
        guard let (dissected, damage) = try? MessageDissector.survey(MessageSource(message), detailedFrames: 0) else {
            return
        }
        guard let suite = dissected.knownSuite else {
            report(.notAMessage, place, damage.map { "not a message: \($0.reason)" } ?? "not a message")
            return
        }
        if let damage {
            report(.damagedMessage, place, "the message is damaged at offset \(damage.offset): \(damage.reason)")
            return
        }
        if let plaintext, let length = dissected.body?.contentLength, plaintext.count != length {
            report(
                .plaintextSize,
                node.first("result") ?? node["plaintext"] ?? node,
                "the plaintext has \(plaintext.count) bytes, and the message holds \(length)"
            )
        }
        if let declared = test.declaredSuite, declared != suite.id {
            report(
                .suiteDiffers,
                node.member("algorithmSuiteId", "algorithm") ?? node,
                "suite \(AlgorithmSuite.text(ofID: declared)) is stated, and the message has \(suite.idText)"
            )
        }
        if let declared = test.declaredFrameLength, declared != Int(dissected.frameLength) {
            report(
                .frameLengthDiffers,
                node["frame-size"] ?? node,
                "frame length \(declared) is stated, and the message has \(dissected.frameLength)"
            )
        }
        if instructions.method == .streamingUnsignedOnly, suite.signature != nil {
            report(
                .refusingMethod,
                node["decryption-method"] ?? node,
                "a signed message is refused by streaming-unsigned-only, and the test expects a plaintext"
            )
        }
        checkContext(dissected, instructions, node)
        checkDataKeys(dissected, instructions, node)
    }

    private func checkContext(_ message: DissectedMessage, _ test: DecryptInstructions, _ node: LintNode) {
        let stored = Dictionary(
            message.encryptionContext.map { (Array($0.key.utf8), Array($0.value.utf8)) },
            uniquingKeysWith: { first, _ in first }
        )
        for pair in test.encryptionContext.pairs {
            guard let value = stored[pair.key], value != pair.value else { continue }
            let key = ManifestText.quoted(String(decoding: pair.key, as: UTF8.self))
            report(
                .contextDiffers,
                node.member("reproduced-encryption-context", "encryption-context") ?? node,
                "the message has another value for the context key \(key)"
            )
        }
    }

    /// Whether an encrypted data key names one of the keys, where all of them are at hand.
    private func checkDataKeys(_ message: DissectedMessage, _ test: DecryptInstructions, _ node: LintNode) {
        let builder = KeyringBuilder(keys: keys, cache: cache)
        var known = WrappingKeys()
        for leaf in test.keyring.leaves {
            guard let found = try? leaf.kind.wrappingKeys(builder), !found.isEmpty else { return }
            for key in found { known.add(key) }
        }
        guard message.encryptedDataKeys.allSatisfy({ known.keys(namedBy: $0, limit: 1).isEmpty }) else { return }
        let names = InspectedDataKey.all(of: message).map { "\($0.keyring.rawValue) \($0.keyText)" }
        report(
            .noMatchingKey,
            node.member("decryptKeyDescription", "master-keys") ?? node,
            "the message names none of these keys: its data keys are for \(names.joined(separator: ", "))"
        )
    }

    // MARK: Encryption

    /// Looks at a test of an encrypt or decrypt-generate manifest.
    func check(
        _ test: EncryptTest,
        _ node: LintNode,
        plaintexts: [JSONName: Result<Int, VectorError>],
        isGenerate: Bool
    ) {
        let scenario = node["encryption-scenario"]
        let fields = scenario ?? node
        let known = EncryptTestReader.knownMembers
        if scenario != nil { checkMembers(node, isGenerate ? known.generate : ["encryption-scenario"]) }
        checkMembers(fields, scenario == nil && isGenerate ? known.scenario.union(known.generate) : known.scenario)
        var isSound = checkSuite(fields)
        isSound = checkDescriptions(fields, "master-keys", "encryptKeyDescription", "decryptKeyDescription") && isSound
        isSound = checkDescriptions(node, "decryption-master-keys") && isSound
        guard let instructions = checkReading(test.content, node, isSound: isSound) else { return }
        if plaintexts[JSONName(instructions.plaintextName)] == nil {
            let name = ManifestText.quoted(instructions.plaintextName)
            report(.unknownPlaintext, fields["plaintext"] ?? node, "the manifest has no plaintext \(name)")
        }
        let place = fields["encryption-context"] ?? node
        let pairs = instructions.encryptionContext.pairs
        if let reserved = pairs.first(where: { $0.key.starts(with: "aws-crypto-".utf8) }) {
            let key = ManifestText.quoted(String(decoding: reserved.key, as: UTF8.self))
            report(.reservedContext, place, "the context key \(key) has the reserved prefix aws-crypto-")
        }
        let length = pairs.reduce(2) { $0 + 4 + $1.key.count + $1.value.count }
        if length > Int(UInt16.max), !pairs.isEmpty {
            report(.contextSize, place, "the context has \(length) bytes, more than 65535")
        }
        if let missing = instructions.requiredContextKeys.first(where: { key in !pairs.contains { $0.key == key } }) {
            let key = ManifestText.quoted(String(decoding: missing, as: UTF8.self))
            report(.requiredContext, place, "the required context key \(key) is not in the context")
        }
        if isSound {
            let builder = EncryptKeyringBuilder(keys: keys, cache: cache, isSeeded: false)
            do throws(VectorError) {
                _ = try builder.keyring(for: instructions.encryptKeys.description.withoutManagers)
            } catch  where error.code == .broken {
                report(.unusableKey, fields.member("encryptKeyDescription", "master-keys") ?? node, error.reason)
            } catch {}
        }
    }

    // MARK: Materials

    /// Looks at a test of the material providers.
    func check(_ test: MaterialsTest, _ node: LintNode) {
        checkMembers(node, MaterialsTestReader.members)
        var isSound = checkSuite(node)
        isSound = checkDescriptions(node, "encryptKeyDescription", "decryptKeyDescription", "keyDescription") && isSound
        _ = checkReading(test.content, node, isSound: isSound)
    }
}
