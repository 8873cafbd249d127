import AWSEncryptionSDK
import AWSMaterialProviders
import ESDKCrypto
import TestSupport
import Testing

/// The rules about the footer and its signature.
@Suite("Signature rules: footer")
struct SignatureRuleTests {
    @Test(
        "S01: a signed message without a footer is refused",
        arguments: AlgorithmSuite.all.filter { $0.signature != nil }
    )
    func s01(suite: AlgorithmSuite) async throws {
        for var forge in [try Forge(suite), try Forge.nonFramed(suite)] {
            try await forge.expectOpening()
            forge.footer = { _, _ in [] }
            try await forge.expectRefusal(
                .truncatedMessage,
                offset: { UInt64($0.bodyEnd) },
                field: "Signature Length"
            )
        }
    }

    @Test(
        "S02: an unsigned message with a footer is refused",
        arguments: AlgorithmSuite.all.filter { $0.signature == nil }
    )
    func s02(suite: AlgorithmSuite) async throws {
        let key = try Forge.p384Key.get()
        for var forge in [try Forge(suite), try Forge.nonFramed(suite)] {
            try await forge.expectOpening()
            forge.footer = { header, body in
                let digest = try Digest.hash(.sha384, of: (header + body).span)
                return Forge.footer(try key.sign(digest: digest.span, hash: .sha384))
            }
            try await forge.expectRefusal(.trailingBytes, offset: { UInt64($0.bodyEnd) })
        }
    }

    @Test("S03: a signature length of 0, or more than the curve's, is refused", arguments: Forge.signedSuites)
    func s03(suite: AlgorithmSuite) async throws {
        let maximum = suite.signature?.curve == .p256 ? 72 : 104
        var forge = try Forge(suite)
        for length in [0, maximum + 1, 0xFFFF] {
            forge.footer = { _, _ in UInt16(length).bytes + [UInt8](repeating: 0x30, count: length) }
            try await forge.expectRefusal(
                .invalidSignatureLength,
                offset: { UInt64($0.bodyEnd) },
                field: "Signature Length"
            )
        }
    }

    @Test("S03: a footer that ends early is refused, at every length", arguments: Forge.signedSuites)
    func s03PastTheInput(suite: AlgorithmSuite) async throws {
        let forge = try Forge(suite)
        let message = try forge.sealed()
        for length in message.bodyEnd..<message.bytes.count {
            await expectRefusal(
                of: Array(message.bytes[..<length]),
                by: try forge.reader(),
                .truncatedMessage,
                offset: UInt64(message.bodyEnd),
                field: length < message.bodyEnd + 2 ? "Signature Length" : "Signature"
            )
        }
        var longer = forge
        longer.footer = { header, body in
            let signature = try forge.signature(over: header + body)
            return UInt16(signature.count + 1).bytes + signature
        }
        // A longer one than the curve allows is refused for that.
        let curve = suite.signature?.curve == .p256 ? 72 : 104
        let bytes = try longer.sealed().bytes
        let announced = bytes.count - message.bodyEnd - 1
        let code: EncryptionSDKError.Code = announced > curve ? .invalidSignatureLength : .truncatedMessage
        await expectRefusal(of: bytes, by: try forge.reader(), code, offset: UInt64(message.bodyEnd))
    }

    @Test("S04: a signature over the header or the body alone is refused", arguments: Forge.signedSuites)
    func s04Parts(suite: AlgorithmSuite) async throws {
        let original = try Forge(suite)
        var forge = original
        forge.footer = { header, _ in Forge.footer(try original.signature(over: header)) }
        try await forge.expectRefusal(.signatureMismatch, offset: { UInt64($0.bodyEnd + 2) }, field: "Signature")
        forge.footer = { _, body in Forge.footer(try original.signature(over: body)) }
        try await forge.expectRefusal(.signatureMismatch, offset: { UInt64($0.bodyEnd + 2) }, field: "Signature")
        forge.footer = { header, body in Forge.footer(try original.signature(over: body + header)) }
        try await forge.expectRefusal(.signatureMismatch, offset: { UInt64($0.bodyEnd + 2) }, field: "Signature")
        forge.footer = { header, body in Forge.footer(try original.signature(over: header + body)) }
        try await forge.expectOpening()
    }

    @Test("S04: a signature by another key is refused", arguments: Forge.signedSuites)
    func s04OtherKey(suite: AlgorithmSuite) async throws {
        var forge = try Forge(suite)
        forge.signingKey = try ECPrivateKey.generate(try #require(suite.signature).curve)
        try await forge.expectRefusal(.signatureMismatch, offset: { UInt64($0.bodyEnd + 2) }, field: "Signature")
    }

    @Test("S05: a signature that is not strict DER is refused", arguments: Forge.signedSuites)
    func s05(suite: AlgorithmSuite) async throws {
        let curve = try #require(suite.signature).curve
        let limit = curve == .p256 ? 72 : 104
        let forge = try Forge(suite)
        let alterations: [(String, (DERSignature) -> [UInt8]?)] = [
            ("raw numbers", { $0.raw(curve == .p256 ? 32 : 48) }),
            ("a byte behind the sequence", { DERSignature.sequence($0.integers) + [0] }),
            ("a byte inside the sequence", { DERSignature.sequence($0.integers + [0]) }),
            ("an element inside the sequence", { DERSignature.sequence($0.integers + [5, 0]) }),
            ("one integer", { DERSignature.sequence(DERSignature.integer($0.r)) }),
            ("indefinite length", { [0x30, 0x80] + $0.integers + [0, 0] }),
            ("length in two bytes", { [0x30, 0x81, UInt8($0.integers.count)] + $0.integers }),
            (
                "length of an integer in two bytes",
                { DERSignature.sequence([2, 0x81, UInt8($0.r.count)] + $0.r + DERSignature.integer($0.s)) }
            ),
            (
                "padded integer",
                { DERSignature.sequence(DERSignature.integer([0] + $0.r) + DERSignature.integer($0.s)) }
            ),
            (
                "negative integer",
                {
                    // Without its leading zero the number has its highest bit set.
                    guard $0.r[0] == 0 else { return nil }
                    let r = DERSignature.integer(Array($0.r.dropFirst()))
                    return DERSignature.sequence(r + DERSignature.integer($0.s))
                }
            ),
            ("zero", { DERSignature.sequence(DERSignature.integer([0]) + DERSignature.integer($0.s)) }),
            ("a set, not a sequence", { [0x31, UInt8($0.integers.count)] + $0.integers }),
            ("bit strings, not integers", { DERSignature.sequence([3] + $0.integers.dropFirst()) }),
        ]
        for (name, alter) in alterations {
            var altered = forge
            altered.footer = { header, body in
                // Signatures differ in length and form: sign again until the alteration is possible and fits.
                while true {
                    let signature = DERSignature(try forge.signature(over: header + body))
                    if let bytes = alter(signature), bytes.count <= limit { return Forge.footer(bytes) }
                }
            }
            try await altered.expectRefusal(
                .malformedSignature,
                offset: { UInt64($0.bodyEnd + 2) },
                field: "Signature",
                "\(name)"
            )
        }
        var unaltered = forge
        unaltered.footer = { header, body in
            let signature = DERSignature(try forge.signature(over: header + body))
            return Forge.footer(DERSignature.sequence(signature.integers))
        }
        try await unaltered.expectOpening()
    }

    @Test("S06: a signature over another hash is refused", arguments: AlgorithmSuite.all.filter { $0.signature != nil })
    func s06(suite: AlgorithmSuite) async throws {
        let right = try #require(suite.signature?.hash)
        var forge = try Forge(suite)
        let key = try #require(forge.signingKey)
        for hash in [HashAlgorithm.sha256, .sha384, .sha512] {
            forge.footer = { header, body in
                let digest = try Digest.hash(hash, of: (header + body).span)
                return Forge.footer(try key.sign(digest: digest.span, hash: hash))
            }
            if hash == right {
                try await forge.expectOpening()
            } else {
                try await forge.expectRefusal(.signatureMismatch, field: "Signature")
            }
        }
    }

    @Test(
        "S10: a stream for unsigned messages refuses a signed one right after its header",
        arguments: Forge.signedSuites
    )
    func s10(suite: AlgorithmSuite) async throws {
        let forge = try Forge(suite)
        let message = try forge.sealed()
        let keyring = StubKeyring(dataKey: forge.dataKey)
        var reader = try Reader(keyring)
        reader.policy = .refuse
        let header = Array(message.bytes[..<message.frames[0]])
        for input in [message.bytes, header] {
            for chunkLength in [1, 7, .max] {
                var released: [UInt8] = []
                await #expect(throws: EncryptionSDKError(.signedMessageRefused, "")) {
                    try await reader.stream(input.chunks(of: chunkLength), appendingTo: &released)
                }
                #expect(released.isEmpty)
            }
        }
        #expect(keyring.calls == 0)
    }

    @Test("S10: a stream for unsigned messages reads unsigned ones", arguments: Forge.unsignedSuites)
    func s10Unsigned(suite: AlgorithmSuite) async throws {
        let forge = try Forge(suite)
        var reader = try forge.reader()
        reader.policy = .refuse
        await expectOpening(of: try forge.sealed().bytes, by: reader, forge.plaintext)
    }

    @Test("S11: the last frame of a signed message waits for the signature", arguments: Forge.signedSuites)
    func s11(suite: AlgorithmSuite) async throws {
        for (forge, withoutFinal) in [(try Forge(suite), 24), (try Forge.nonFramed(suite), 0)] {
            let message = try forge.sealed()
            var reader = try forge.reader()
            reader.policy = .releaseFramesBeforeSignatureIsVerified
            let decryptor = reader.client.decryptor(
                using: reader.materialsManager,
                signedMessages: reader.policy
            )
            var released = try await decryptor.update(Array(message.bytes[..<(message.bytes.count - 1)]))
            #expect(released == Array(forge.plaintext.prefix(withoutFinal)))
            released += try await decryptor.update(Array(message.bytes.suffix(1)))
            #expect(released == forge.plaintext)
            try await decryptor.finish { Issue.record("\($0.count) bytes were held") }

            var altered = message.bytes
            altered[altered.count - 1] ^= 1
            released = []
            await #expect(throws: EncryptionSDKError(.signatureMismatch, "")) {
                try await reader.stream(altered.chunks(of: 5), appendingTo: &released)
            }
            #expect(released == Array(forge.plaintext.prefix(withoutFinal)))
        }
    }

    @Test("S12: a frame altered and sealed again is caught by the signature", arguments: Forge.signedSuites)
    func s12(suite: AlgorithmSuite) async throws {
        for original in [try Forge(suite), try Forge.nonFramed(suite)] {
            let signed = try original.sealed()
            let signature = Array(signed.bytes[signed.bodyEnd...])
            for index in original.frames.indices {
                var forge = original
                forge.frames[index].plaintext[0] ^= 0x20
                forge.footer = { _, _ in signature }
                try await forge.expectRefusal(
                    .signatureMismatch,
                    offset: { UInt64($0.bodyEnd + 2) },
                    field: "Signature"
                )
                // An IV is not part of the plaintext, but part of what is signed.
                forge = original
                forge.frames[index].iv[0] ^= 1
                forge.footer = { _, _ in signature }
                try await forge.expectRefusal(.signatureMismatch, field: "Signature")
            }
            var header = original
            header.context.append(.init(key: "zone", value: "added"))
            header.footer = { _, _ in signature }
            try await header.expectRefusal(.signatureMismatch, field: "Signature")
        }
    }
}

/// Takes a DER signature apart and puts it together again in ways that are not DER.
struct DERSignature {
    /// The integers as they are encoded, leading zeros included.
    let r: [UInt8]
    let s: [UInt8]

    init(_ der: [UInt8]) {
        // Signatures on P-256 and P-384 take at most 104 bytes, so that every length is one byte.
        let length = Int(der[3])
        r = Array(der[4..<4 + length])
        s = Array(der[(6 + length)...])
    }

    static func integer(_ content: [UInt8]) -> [UInt8] { [0x02, UInt8(content.count)] + content }
    static func sequence(_ content: [UInt8]) -> [UInt8] { [0x30, UInt8(content.count)] + content }

    var integers: [UInt8] { Self.integer(r) + Self.integer(s) }

    /// The numbers alone, each of `length` bytes.
    func raw(_ length: Int) -> [UInt8] {
        [r, s].flatMap { number in
            let digits = Array(number.drop { $0 == 0 })
            return [UInt8](repeating: 0, count: length - digits.count) + digits
        }
    }
}
