import AWSEncryptionSDK
package import AWSMaterialProviders
import ESDKCrypto
import ESDKSystem
package import MessageForge

/// What can be said of a message without any key.
///
/// The structure is the dissector's; what is refused in the header is the library's word. Nothing has been authenticated.
package struct MessageInspection: Sendable {
    /// The length of the input in bytes.
    package let length: Int
    /// The parts of the message, as far as they could be read.
    package let message: DissectedMessage
    /// Where reading stopped, and why; nil for a message that is whole.
    package let damage: DissectionError?
    /// Why the library does not read the header; nil when it does.
    package let refusal: EncryptionSDKError?
    /// The encrypted data keys, as far as they could be read.
    package let dataKeys: [InspectedDataKey]
    /// What a reader may want to know, in the order of the message.
    package let findings: [InspectionFinding]
    /// Who probably wrote it; nil for what is not a message.
    package let producer: ProducerGuess?
    /// What a rescue would or may undo, as far as that shows without a key.
    package let deviations: [Deviation]

    /// The frames whose fields are kept.
    private static let detailedFrames = 16
    /// The longest header that the library is shown, in bytes: more than every implementation can write.
    private static let longestHeader = 64 << 20

    /// Inspects the message that a source holds, in memory that does not depend on its length.
    ///
    /// - Throws: what the source throws.
    package init(_ source: MessageSource) throws {
        length = source.count
        (message, damage) = try MessageDissector.survey(source, detailedFrames: Self.detailedFrames)
        let headerLength = min(message.body?.offset ?? source.count, source.count, Self.longestHeader)
        let header = try source.bytes(0..<headerLength)
        do throws(EncryptionSDKError) {
            _ = try MessageHeader(parsing: header)
            refusal = nil
        } catch {
            refusal = error
        }
        let otherKind = InputKind(startingWith: header.span)
        dataKeys = InspectedDataKey.all(of: message)
        producer = message.knownSuite == nil ? nil : ProducerGuess(message)
        deviations = try Self.deviations(of: message, damage, producer, otherKind == nil ? nil : source)
        let appearance = otherKind.map { [InspectionFinding(.fault, "it looks like \($0)")] } ?? []
        findings =
            (message.knownSuite == nil ? [] : appearance)
            + InspectionFinding.all(of: message, producer, refusal: refusal, damage: damage)
    }

    /// The longest text that is decoded to see whether it is a message, in bytes.
    private static let longestText = 4 << 20

    private static func deviations(
        of message: DissectedMessage,
        _ damage: DissectionError?,
        _ producer: ProducerGuess?,
        _ text: MessageSource?
    ) throws -> [Deviation] {
        guard message.knownSuite != nil else {
            guard let text, text.count <= longestText else { return [] }
            return TextMessage(try text.bytes(0..<text.count)) == nil ? [] : [.text]
        }
        var deviations: [Deviation] = []
        if let damage {
            if damage.field == .trailingBytes { deviations.append(.trailingBytes) }
            if message.body?.last == nil, message.isRescuableWhenTruncated { deviations.append(.truncated) }
        }
        if InspectionFinding.mayBeBoundByLocale(message, producer) { deviations.append(.javaScriptLocaleOrder) }
        if message.earlyJavaScriptForm != nil { deviations.append(.earlyJavaScript) }
        return deviations
    }

    /// Whether the input begins as a message does.
    package var isMessage: Bool { message.knownSuite != nil }

    /// Whether the message is whole and its header is one that the library reads.
    package var isSound: Bool { isMessage && damage == nil && refusal == nil }

    /// What is there instead of a message; nil for a message, damaged or not.
    package var whatElse: String? {
        guard !isMessage else { return nil }
        if length == 0 { return "the input is empty" }
        return refusal?.reason ?? damage?.reason ?? "the input is not a message"
    }

    /// Where a field lies; nil when it was not read.
    package func range(of field: MessageField) -> Range<Int>? { message.layout.range(of: field) }

    /// The length of the plaintext in bytes, as far as the frames were read.
    package var plaintextLength: Int { message.body?.contentLength ?? 0 }
}

/// An encrypted data key, and what its form says of the keyring that wrote it.
package struct InspectedDataKey: Sendable {
    /// A kind of keyring, by what it leaves in a message.
    package enum Keyring: String, Sendable, CaseIterable {
        case rawAES = "raw AES"
        case rawRSA = "raw RSA"
        case rawECDH = "raw ECDH"
        case awsKMS = "AWS KMS"
        case awsKMSMultiRegion = "AWS KMS, multi-Region key"
        case awsKMSRSA = "AWS KMS RSA"
        case awsKMSECDH = "AWS KMS ECDH"
        case hierarchical = "AWS KMS hierarchical"
        case unknown
    }

    /// Its place in the header, from 0.
    package let index: Int
    /// Where it lies in the message.
    package let range: Range<Int>
    /// As it is in the header.
    package let encryptedDataKey: EncryptedDataKey
    /// The keyring that probably wrote it.
    package let keyring: Keyring
    /// The key: its name, its ARN or its id; nil where none is named.
    package let keyName: [UInt8]?
    /// What else its parts say, each under a name.
    package let details: [(name: String, value: String)]

    /// The provider id as text; bytes that are not UTF-8 are escaped.
    package var provider: String { InspectedText.text(encryptedDataKey.keyProviderID) }

    /// The key as text, such as an ARN or `namespace / name`.
    package var keyText: String {
        let name = keyName.map(InspectedText.text)
        switch keyring {
        case .rawAES, .rawRSA, .unknown: return [provider, name].compactMap(\.self).joined(separator: " / ")
        default: return name ?? provider
        }
    }

    static func all(of message: DissectedMessage) -> [InspectedDataKey] {
        // By a search for each of them, thousands would take a time that grows with the square of their number.
        var starts: [Int: Int] = [:]
        for entry in message.layout.entries {
            if case .encryptedDataKey(let index, .keyProviderIDLength) = entry.field {
                starts[index] = entry.range.lowerBound
            }
        }
        return message.encryptedDataKeys.enumerated().map { index, key in
            InspectedDataKey(key, at: index, offset: starts[index] ?? 0, suite: message.algorithmSuite)
        }
    }

    private init(_ key: EncryptedDataKey, at index: Int, offset: Int, suite: AlgorithmSuite) {
        self.index = index
        range = offset..<offset + 6 + key.keyProviderID.count + key.keyProviderInfo.count + key.ciphertext.count
        encryptedDataKey = key
        (keyring, keyName, details) = Self.read(key, suite)
    }

    private typealias Reading = (Keyring, keyName: [UInt8]?, details: [(name: String, value: String)])

    private static func read(_ key: EncryptedDataKey, _ suite: AlgorithmSuite) -> Reading {
        let info = key.keyProviderInfo
        switch String(decoding: key.keyProviderID, as: UTF8.self) {
        case "aws-kms":
            let arn = KMSKeyARN(keyInfo: info)
            let details = arn == nil ? [("note", "the key is not named by the ARN of a key")] : []
            return (arn?.isMultiRegion == true ? .awsKMSMultiRegion : .awsKMS, info, details)
        case "aws-kms-rsa": return (.awsKMSRSA, info, [("under", "an RSA key of \(key.ciphertext.count * 8) bits")])
        case "aws-kms-hierarchy": return (.hierarchical, info, branchKey(key.ciphertext))
        case "raw-ecdh": return (.rawECDH, nil, publicKeys(info))
        case "aws-kms-ecdh": return (.awsKMSECDH, nil, publicKeys(info))
        default: return raw(key, suite)
        }
    }

    /// The keyrings over keys that the caller holds have no provider id of their own: their form tells them apart.
    private static func raw(_ key: EncryptedDataKey, _ suite: AlgorithmSuite) -> Reading {
        let info = key.keyProviderInfo
        if let name = key.rawAESKeyName {
            return (.rawAES, name, [("IV", Hex.encode(Array(info.suffix(AESGCM.ivLength))))])
        }
        if [128, 256, 384, 512].contains(key.ciphertext.count) {
            return (.rawRSA, info, [("under", "an RSA key of \(key.ciphertext.count * 8) bits")])
        }
        return (.unknown, info, [])
    }

    private static func branchKey(_ ciphertext: [UInt8]) -> [(name: String, value: String)] {
        let (saltLength, versionLength) = (16, 16)
        let start = saltLength + AESGCM.ivLength
        guard ciphertext.count >= start + versionLength else { return [] }
        return [("version", UUIDText.text(of: Array(ciphertext[start..<start + versionLength])))]
    }

    /// A version byte, then the recipient's and the sender's key, each after its four-byte length.
    private static func publicKeys(_ info: [UInt8]) -> [(name: String, value: String)] {
        var rest = info.dropFirst()
        var found: [(name: String, value: String)] = []
        for name in ["recipient", "sender"] {
            guard rest.count >= 4 else { return found }
            let length = rest.prefix(4).reduce(0) { $0 << 8 | Int($1) }
            rest = rest.dropFirst(4)
            guard length <= rest.count else { return found }
            if found.isEmpty, let curve = EllipticCurve.allCases.first(where: { $0.compressedPointLength == length }) {
                found.append(("curve", "\(curve)"))
            }
            found.append((name, Hex.encode(Array(rest.prefix(length)))))
            rest = rest.dropFirst(length)
        }
        return found
    }
}

/// Bytes of a message as text for people.
package enum InspectedText {
    /// A text of which nothing drives a terminal: control characters, and bytes that are not UTF-8, are escaped.
    package static func text(_ bytes: [UInt8]) -> String { SystemPath(bytes: bytes).description }
}
