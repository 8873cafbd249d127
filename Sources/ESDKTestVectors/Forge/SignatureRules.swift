import AWSMaterialProviders
import ESDKCrypto
import MessageForge

extension ForgeRules {
    /// The rules about the footer and the public key (data-format/message-footer.md, framework/default-cmm.md).
    static let signatureRules = footerRules + encodingRules + publicKeyRules

    private typealias Parts = Forgery.SignedParts

    // MARK: - The footer

    private static let footerRules: [ForgeRule] = [
        ForgeRule(
            "S01",
            "a signed message without a footer",
            in: "message-footer/overview.1",
            "message/structure.1",
            "decrypt/behavior.1",
            "decrypt/verify-the-signature.2",
            cases: [
                .refused("", "There is no footer.", on: .all.signed, .signature, .truncatedMessage) {
                    $0.footer = { _ in [] }
                }
            ]
        ),
        ForgeRule(
            "S02",
            "an unsigned message with a footer",
            in: "decrypt/behavior.2",
            "algorithm-suites/asymmetric-signature-algorithm.5",
            cases: [
                .refused("", "A footer with a signature on P-384 follows.", on: .all.unsigned, .end, .trailingBytes) {
                    let source = try $0.keys.source("footer \($0.label)")
                    let signer = try DeterministicSigner.generate(.p384, from: source)
                    $0.footer = { parts in
                        let digest = try Digest.hash(.sha384, of: (parts.header + parts.body).span)
                        return Parts.footer(try signer.sign(digest: digest.span, hash: .sha384))
                    }
                }
            ]
        ),
        ForgeRule(
            "S03",
            "a signature length that is zero, too great or beyond the input",
            in: "decrypt/verify-the-signature.2",
            "decrypt/verify-the-signature.3",
            cases: [
                length("zero", "The signature has the length 0.") { _ in 0 },
                length("too-long", "The signature is one byte longer than any on its curve.") { $0 + 1 },
                length("65535", "The signature has 65,535 bytes by its length, and is not that long.") { _ in 0xFFFF },
                .refused("cut-off", "The message ends one byte early.", on: .all.signed, .signature, .truncatedMessage)
                {
                    $0.alterations.append { bytes, _ in bytes.removeLast() }
                },
                .refused(
                    "length-cut-off",
                    "The message ends inside the length of the signature.",
                    on: .few.signed,
                    .signature,
                    .truncatedMessage
                ) { $0.footer = { _ in [0] } },
            ]
        ),
        ForgeRule(
            "S04",
            "a signature by another key or over other bytes",
            in: "message-footer/signature.1",
            "decrypt/verify-the-signature.1",
            "decrypt/verify-the-signature.4",
            "decrypt/verify-the-signature.6",
            "algorithm-suites/asymmetric-signature-algorithm.3",
            cases: [
                mismatch("bit", "A bit of the signature is flipped.") {
                    $0.alterations.append { bytes, _ in bytes[bytes.count - 1] ^= 1 }
                },
                mismatch("header-only", "The signature is over the header alone.") {
                    $0.footer = { Parts.footer(try $0.signature(over: $0.header)) }
                },
                mismatch("body-only", "The signature is over the body alone.") {
                    $0.footer = { Parts.footer(try $0.signature(over: $0.body)) }
                },
                mismatch("other-key", "The signature is by another key.") {
                    guard let curve = $0.signer?.key.curve else { return }
                    let source = try $0.keys.source("other key \($0.label)")
                    $0.signer = try DeterministicSigner.generate(curve, from: source)
                },
                mismatch("negated", "The signature is over the digest's bytes in reverse.", on: .few.signed) {
                    $0.footer = { parts in
                        guard let signer = parts.signer, let hash = parts.suite.signature?.hash else { return [] }
                        let digest = try Digest.hash(hash, of: (parts.header + parts.body).span)
                        let reversed = [UInt8](digest.reversed())
                        return Parts.footer(try signer.sign(digest: reversed.span, hash: hash))
                    }
                },
            ]
        ),
        ForgeRule(
            "S06",
            "a signature over another hash",
            in: "algorithm-suites/asymmetric-signature-algorithm.3",
            "decrypt/verify-the-signature.4",
            cases: [HashAlgorithm.sha256, .sha384, .sha512].map { (hash: HashAlgorithm) -> ForgeCase in
                let name = "\(hash)"
                return mismatch(
                    name,
                    "The signature is over another digest, \(name.uppercased()).",
                    on: .all.signed.filter { $0.suite.signature?.hash != hash }
                ) { $0.footer = { Parts.footer(try $0.signature(over: $0.header + $0.body, hash: hash)) } }
            }
        ),
        ForgeRule(
            "S10",
            "a signed message in a stream for unsigned ones, right after the header",
            in: "decrypt/behavior.8",
            cases: [
                .refused(
                    "",
                    "Nothing: only the reader's choice is against it.",
                    on: .all.signed,
                    .materials,
                    .signedMessageRefused
                ) {
                    $0.reader.isUnsignedOnly = true
                },
                .opens("unsigned", "Nothing: the reader takes unsigned messages only.", on: .all.unsigned) {
                    $0.reader.isUnsignedOnly = true
                },
            ]
        ),
        ForgeRule(
            "S12",
            "a frame that a holder of the data key altered and sealed again",
            in: "decrypt/verify-the-signature.6",
            cases: [
                mismatch(
                    "first-frame",
                    "The first byte of the plaintext is another; the signature is the one of before."
                ) {
                    $0.signedInstead = [$0]
                    $0.message.plaintext[0] ^= 0x20
                },
                mismatch("last-frame", "The last byte of the plaintext is another; the signature is the one of before.")
                {
                    $0.signedInstead = [$0]
                    $0.message.plaintext[$0.message.plaintext.count - 1] ^= 0x01
                },
                mismatch("context", "A pair was added to the context; the signature is the one of before.") {
                    $0.signedInstead = [$0]
                    $0.message.encryptionContext.append(.init(key: "zone", value: "added"))
                },
                mismatch(
                    "data-key",
                    "The data key is wrapped anew; the signature is the one of before.",
                    on: .few.signed
                ) {
                    $0.signedInstead = [$0]
                    $0.dataKeys.insert(ForgedDataKey(), at: 0)
                },
            ]
        ),
    ]

    private static func length(
        _ name: String,
        _ done: String,
        _ length: @escaping @Sendable (_ longest: Int) -> Int
    ) -> ForgeCase {
        .refused(name, done, on: .all.signed, .signature, .invalidSignatureLength) {
            $0.footer = { parts in
                let length = length(parts.suite.signature?.curve.maximumSignatureLength ?? 0)
                let filler = [UInt8](repeating: 0x30, count: min(length, 200))
                return UInt16(truncatingIfNeeded: length).bigEndianBytes + filler
            }
        }
    }

    private static func mismatch(
        _ name: String,
        _ done: String,
        on variants: [ForgeVariant] = .all.signed,
        _ edit: @escaping ForgeCase.Edit
    ) -> ForgeCase {
        .refused(name, done, on: variants, .signature, .signatureMismatch, edit)
    }

    // MARK: - DER

    private static let encodingRules: [ForgeRule] = [
        ForgeRule(
            "S05",
            "a signature that is not strict DER",
            in: "transitive-requirements/ecdsa.1",
            cases: [
                encoded("raw", "The signature is the two numbers alone.") { $0.raw },
                encoded("trailing-outside", "A zero byte follows the sequence.") { $0.sequence($0.integers) + [0] },
                encoded("trailing-inside", "A zero byte follows the numbers inside the sequence.") {
                    $0.sequence($0.integers + [0])
                },
                encoded("element-inside", "A third element follows the numbers.") {
                    $0.sequence($0.integers + [5, 0])
                },
                encoded("sequence-length", "The length of the sequence is one more than it has.") {
                    [0x30, UInt8($0.integers.count + 1)] + $0.integers
                },
                encoded(
                    "r-length",
                    "The length of the first number is one more, and takes the tag of the second one in."
                ) {
                    $0.sequence([2, UInt8($0.r.count + 1)] + $0.r + $0.integer($0.s))
                },
                encoded("s-length", "The length of the second number is one more than it has.") {
                    $0.sequence($0.integer($0.r) + [2, UInt8($0.s.count + 1)] + $0.s)
                },
                encoded("huge-length", "The length of the sequence is 2^32 - 1.", on: .few.signed) {
                    [0x30, 0x84, 0xFF, 0xFF, 0xFF, 0xFF] + $0.integer($0.r)
                },
                encoded("indefinite", "The sequence has an indefinite length.") {
                    [0x30, 0x80] + $0.integers + [0, 0]
                },
                encoded("long-sequence-length", "The length of the sequence takes two bytes.", level: .should) {
                    [0x30, 0x81, UInt8($0.integers.count)] + $0.integers
                },
                encoded("long-integer-length", "The length of the first number takes two bytes.", level: .should) {
                    $0.sequence([2, 0x81, UInt8($0.r.count)] + $0.r + $0.integer($0.s))
                },
                encoded("padded", "The first number has a needless leading zero.", level: .should) {
                    $0.sequence($0.integer([0] + $0.r) + $0.integer($0.s))
                },
                encoded("negative", "The first number lacks the zero that makes it positive.", where: { $0.r[0] == 0 })
                {
                    $0.sequence($0.integer(Array($0.r.dropFirst())) + $0.integer($0.s))
                },
                encoded("zero", "The first number is zero.") { $0.sequence($0.integer([0]) + $0.integer($0.s)) },
                encoded("one-number", "There is only one number.", on: .few.signed) { $0.sequence($0.integer($0.r)) },
                encoded("set", "The numbers are in a set.", on: .few.signed) {
                    [0x31, UInt8($0.integers.count)] + $0.integers
                },
                encoded("bit-strings", "The first number is a bit string.", on: .few.signed) {
                    $0.sequence([3] + $0.integers.dropFirst())
                },
            ]
        )
    ]

    private static func encoded(
        _ name: String,
        _ done: String,
        on variants: [ForgeVariant] = .all.signed,
        level: RuleBook.Level = .must,
        where isPossible: @escaping @Sendable (SignatureParts) -> Bool = { _ in true },
        _ encode: @escaping @Sendable (SignatureParts) -> [UInt8]
    ) -> ForgeCase {
        .refused(name, done, on: variants, .signature, .malformedSignature, level: level) {
            $0.footer = { parts in
                // The first signature of which the fault can be made without being too long for its curve, which is another rule.
                let limit = parts.suite.signature?.curve.maximumSignatureLength ?? 0
                let signature = try parts.signature { signature in
                    let numbers = SignatureParts(signature)
                    return isPossible(numbers) && encode(numbers).count <= limit
                }
                return Parts.footer(encode(SignatureParts(signature)))
            }
        }
    }

    // MARK: - The public key

    private static let publicKeyRules: [ForgeRule] = [
        ForgeRule(
            "S07",
            "a signed suite without a public key in the context",
            in: "default-cmm/decrypt-materials.1",
            "default-cmm/decrypt-materials.2",
            "cmm-interface/decrypt-materials.3",
            "cmm-interface/decrypt-materials.14",
            cases: [
                .refused("", "The context has no public key.", on: .all.signed, .materials, .missingPublicKey) {
                    $0.publicKeyText = nil
                }
            ]
        ),
        ForgeRule(
            "S08",
            "an unsigned suite with a public key in the context",
            in: "default-cmm/decrypt-materials.3",
            "cmm-interface/decrypt-materials.2",
            "structures/fields/encryption-context.3",
            cases: [
                .refused("", "The context has a public key.", on: .all.unsigned, .materials, .unexpectedPublicKey) {
                    let source = try $0.keys.source("half-signed \($0.label)")
                    let key = try DeterministicSigner.generate(.p384, from: source).key.publicKey
                    $0.publicKeyText = Array(Base64.encode(key.compressedPoint).utf8)
                },
                .refused(
                    "empty",
                    "The context has a public key, which is empty.",
                    on: .few.unsigned,
                    .materials,
                    .unexpectedPublicKey
                ) { $0.publicKeyText = [] },
            ]
        ),
        ForgeRule(
            "S09",
            "a public key that is not a compressed point of the curve in Base64",
            in: "structures/verification-key.1",
            "transitive-requirements/ecdsa.1",
            cases: [
                publicKeyText("not-base64", "The public key is not Base64.") {
                    [UInt8](repeating: UInt8(ascii: "!"), count: $0.count)
                },
                publicKeyText("empty", "The public key is empty.", on: .few.signed) { _ in [] },
                publicKeyText("line-feed", "A line feed follows the Base64 text of the public key.", level: .should) {
                    $0 + [UInt8(ascii: "\n")]
                },
                publicKey("infinity", "The public key is the point at infinity.") { _, _ in [0] },
                publicKey("off-curve", "The public key is no point of its curve.") { point, curve in
                    // About every second x belongs to no point.
                    (0...255 as ClosedRange<UInt8>).lazy.map { point.dropLast() + [$0] }
                        .first { (try? ECPublicKey(compressedPoint: $0.span, curve: curve)) == nil } ?? []
                },
                publicKey("x-beyond-the-field", "The x of the public key is all ones.", on: .few.signed) { point, _ in
                    [2] + [UInt8](repeating: 0xFF, count: point.count - 1)
                },
                publicKey("too-long", "A zero byte follows the point.") { point, _ in point + [0] },
                publicKey("uncompressed", "The public key is uncompressed.", level: .should) { point, curve in
                    try uncompressed(point, curve)
                },
                publicKey("hybrid", "The public key has the hybrid form.", level: .should) { point, curve in
                    let uncompressed = try uncompressed(point, curve)
                    return [6 | (uncompressed.last ?? 0) & 1] + uncompressed.dropFirst()
                },
                .refused(
                    "other-curve",
                    "Public key and signature are on the curve of another suite.",
                    on: .all.signed,
                    .materials,
                    .invalidPublicKey
                ) { forgery in
                    let source = try forgery.keys.source("other curve \(forgery.label)")
                    let curve: EllipticCurve = forgery.signer?.key.curve == .p256 ? .p384 : .p256
                    let signer = try DeterministicSigner.generate(curve, from: source)
                    forgery.signer = signer
                    forgery.publicKeyText = Array(Base64.encode(signer.key.publicKey.compressedPoint).utf8)
                },
            ]
        ),
    ]

    private static func publicKeyText(
        _ name: String,
        _ done: String,
        on variants: [ForgeVariant] = .all.signed,
        level: RuleBook.Level = .must,
        _ text: @escaping @Sendable ([UInt8]) throws -> [UInt8]
    ) -> ForgeCase {
        .refused(name, done, on: variants, .materials, .invalidPublicKey, level: level) {
            $0.publicKeyText = try text($0.publicKeyText ?? [])
        }
    }

    private static func publicKey(
        _ name: String,
        _ done: String,
        on variants: [ForgeVariant] = .all.signed,
        level: RuleBook.Level = .must,
        _ point: @escaping @Sendable (_ point: [UInt8], _ curve: EllipticCurve) throws -> [UInt8]
    ) -> ForgeCase {
        .refused(name, done, on: variants, .materials, .invalidPublicKey, level: level) {
            guard let key = $0.signer?.key.publicKey else { return }
            $0.publicKeyText = Array(Base64.encode(try point(key.compressedPoint, key.curve)).utf8)
        }
    }

    /// The uncompressed form of a point, which ends its SubjectPublicKeyInfo.
    private static func uncompressed(_ point: [UInt8], _ curve: EllipticCurve) throws -> [UInt8] {
        let key = try ECPublicKey(compressedPoint: point.span, curve: curve)
        return try key.subjectPublicKeyInfo().suffix(1 + 2 * curve.fieldLength)
    }
}

/// A DER signature taken apart, to be put together again in ways that are not DER.
struct SignatureParts: Sendable {
    /// The integers as they are encoded, leading zeros included.
    let r: [UInt8]
    let s: [UInt8]
    private let numberLength: Int

    /// - Parameter der: a signature on P-256 or P-384: at most 104 bytes, so that every length is one byte.
    init(_ der: [UInt8]) {
        let length = Int(der[3])
        r = Array(der[4..<4 + length])
        s = Array(der[(6 + length)...])
        numberLength = der.count > 80 ? 48 : 32
    }

    func integer(_ content: [UInt8]) -> [UInt8] { [0x02, UInt8(content.count)] + content }
    func sequence(_ content: [UInt8]) -> [UInt8] { [0x30, UInt8(content.count)] + content }

    var integers: [UInt8] { integer(r) + integer(s) }

    /// The numbers alone.
    var raw: [UInt8] {
        [r, s].flatMap { number in
            let digits = Array(number.drop { $0 == 0 })
            return [UInt8](repeating: 0, count: Swift.max(numberLength - digits.count, 0)) + digits
        }
    }
}
