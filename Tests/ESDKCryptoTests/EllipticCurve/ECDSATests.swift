import ESDKCrypto
import TestSupport
import Testing

@Suite struct ECDSATests {
    struct Group: Decodable {
        struct Case: Decodable {
            let id: Int
            let comment: String
            let result: Verdict
            let msg: String
            let sig: String
        }

        let publicKeyDer: String
        let tests: [Case]
    }

    private func verify(_ signature: [UInt8], _ message: [UInt8], _ hash: HashAlgorithm, _ key: ECPublicKey) throws
        -> Bool
    {
        let digest = try Digest.hash(hash, of: message.span)
        return try key.verify(signature.span, digest: digest.span, hash: hash)
    }

    @Test(arguments: [
        ("ecdsa-p256-sha256", HashAlgorithm.sha256), ("ecdsa-p384-sha384", .sha384), ("ecdsa-p521-sha512", .sha512),
    ])
    func wycheproof(file: String, hash: HashAlgorithm) throws {
        for group in try WycheproofFile<Group>.load(file) {
            let key = try ECPublicKey(parsingDER: bytes(group.publicKeyDer))
            let remembering = key.rememberingLastVerified()
            for vector in group.tests {
                let signature = try bytes(vector.sig)
                let message = try bytes(vector.msg)
                var isValid = false
                do {
                    isValid = try verify(signature, message, hash, key)
                } catch let error as CryptoError {
                    #expect(error.code == .invalidSignature, "test \(vector.id)")
                }
                #expect(isValid == (vector.result == .valid), "test \(vector.id): \(vector.comment)")
                // Asked for the first time, again, and after another digest.
                for (asked, expected) in [(message, isValid), (message, isValid), (message + [0], false)] {
                    let answer = (try? verify(signature, asked, hash, remembering)) ?? false
                    #expect(answer == expected, "test \(vector.id), remembered")
                }
            }
        }
    }

    struct Example: Sendable {
        let curve: EllipticCurve
        let hash: HashAlgorithm
        let point: String
        let r: String
        let s: String
    }

    // RFC 6979, appendix A.2.5 and A.2.6: the message "sample". The y coordinates are even, so the points begin with 02
    // or 03 as written here.
    static let examples = [
        Example(
            curve: .p256,
            hash: .sha256,
            point: "0360fed4ba255a9d31c961eb74c6356d68c049b8923b61fa6ce669622e60f29fb6",
            r: "efd48b2aacb6a8fd1140dd9cd45e81d69d2c877b56aaf991c34d0ea84eaf3716",
            s: "f7cb1c942d657c41d436c7a1b6e29f65f3e900dbb9aff4064dc4ab2f843acda8"
        ),
        Example(
            curve: .p384,
            hash: .sha384,
            point: "02ec3a4e415b4e19a4568618029f427fa5da9a8bc4ae92e02e06aae5286b300c64def8f0ea9055866064a254515480bc13",
            r: "94edbb92a5ecb8aad4736e56c691916b3f88140666ce9fa73d64c4ea95ad133c"
                + "81a648152e44acf96e36dd1e80fabe46",
            s: "99ef4aeb15f178cea1fe40db2603138f130e740a19624526203b6351d0a3a94f"
                + "a329c145786e679e7b82c71a38628ac8"
        ),
    ]

    private func der(_ r: [UInt8], _ s: [UInt8]) -> [UInt8] {
        let integers = [r, s].flatMap { number -> [UInt8] in
            let content = number[0] >= 0x80 ? [0] + number : number
            return [0x02, UInt8(content.count)] + content
        }
        return [0x30, UInt8(integers.count)] + integers
    }

    @Test(arguments: examples)
    func theExamplesOfTheRFCHold(example: Example) throws {
        let point = try bytes(example.point)
        let key = try ECPublicKey(compressedPoint: point.span, curve: example.curve)
        let signature = try der(bytes(example.r), bytes(example.s))
        let message = Array("sample".utf8)
        #expect(try verify(signature, message, example.hash, key))
        #expect(try !verify(signature, Array("test".utf8), example.hash, key))
        // The other square root is another key.
        let otherPoint = [point[0] ^ 1] + point.dropFirst()
        let otherKey = try ECPublicKey(compressedPoint: otherPoint.span, curve: example.curve)
        #expect(try !verify(signature, message, example.hash, otherKey))
        #expect(key != otherKey)
    }

    @Test func everyChangedBitOfASignatureIsNoticed() throws {
        let example = ECDSATests.examples[0]
        let point = try bytes(example.point)
        let key = try ECPublicKey(compressedPoint: point.span, curve: example.curve)
        let signature = try der(bytes(example.r), bytes(example.s))
        for bit in 0..<(signature.count * 8) {
            var changed = signature
            changed[bit / 8] ^= 1 << (bit % 8)
            let isValid = (try? verify(changed, Array("sample".utf8), example.hash, key)) ?? false
            #expect(!isValid, "bit \(bit)")
        }
    }

    @Test(arguments: [
        ("", "nothing"),
        ("30", "no length"),
        ("3000", "no integers"),
        ("3003020101", "one integer"),
        ("3009020101020101020101", "three integers"),
        ("300602010102010100", "a byte behind"),
        ("30070201010201010500", "a null inside, with a wrong length"),
        ("30080201010201010500", "a null inside"),
        ("3081060201010201 01", "a length that is not in its shortest form"),
        ("308200060201010201 01", "a length that is not in its shortest form"),
        ("3080020101020101 0000", "the indefinite length"),
        ("3007020101028101 01", "an integer's length that is not in its shortest form"),
        ("3006020101020100", "s is zero"),
        ("3006020100020101", "r is zero"),
        ("3005020002 0101", "r is empty"),
        ("3006020181020101", "r is negative"),
        ("3006020101020180", "s is negative"),
        ("300702020001020101", "r is padded"),
        ("300702010102020001", "s is padded"),
        ("300702020000020101", "r is a padded zero"),
        ("3106020101020101", "a set"),
        ("3006030101020101", "a bit string"),
        ("3006020101020102 02", "a byte too many"),
        ("3006020101 0202 01", "cut short"),
        ("1006020101020101", "not constructed"),
        ("7006020101020101", "another class"),
        ("3f06020101020101", "a tag of several octets"),
        ("3085000000000602 0101020101", "a length of five octets"),
        ("30ff", "a reserved length"),
    ])
    func onlyTheStrictFormIsASignature(hex: String, reason: String) throws {
        let signature = try bytes(hex.replacing(" ", with: ""))
        for curve in EllipticCurve.allCases {
            #expect(throws: CryptoError(.invalidSignature, ""), "\(reason)") {
                try ECDSASignature.validateDER(signature.span, curve: curve)
            }
        }
    }

    @Test(arguments: EllipticCurve.allCases)
    func integersAsLongAsTheOrderAreTakenAndLongerOnesAreNot(curve: EllipticCurve) throws {
        for first: UInt8 in [0x01, 0x7F, 0x80, 0xFF] {
            let number = [first] + [UInt8](repeating: 0xAB, count: curve.fieldLength - 1)
            let length = der([1], number).count - 2
            // Two numbers of 66 bytes need the long form of the length.
            guard length < 0x80 else { continue }
            let fitting = der([1], number)
            try ECDSASignature.validateDER(fitting.span, curve: curve)
            let long = der([1], number + [0])
            #expect(throws: CryptoError(.invalidSignature, "")) {
                try ECDSASignature.validateDER(long.span, curve: curve)
            }
        }
    }

    @Test func aDigestOfAnotherLengthIsRefused() throws {
        let example = ECDSATests.examples[0]
        let point = try bytes(example.point)
        let key = try ECPublicKey(compressedPoint: point.span, curve: example.curve)
        let signature = try der(bytes(example.r), bytes(example.s))
        let digest = [UInt8](repeating: 1, count: 20)
        #expect(throws: CryptoError(.invalidLength, "")) {
            try key.verify(signature.span, digest: digest.span, hash: .sha256)
        }
    }
}

@Suite("Generating and signing with elliptic-curve keys")
struct ECPrivateKeySigningTests {
    @Test("A signature verifies under the public key, and under no other digest", arguments: EllipticCurve.allCases)
    func signatureVerifies(curve: EllipticCurve) throws {
        let key = try ECPrivateKey.generate(curve)
        #expect(key.curve == curve)
        let digest = [UInt8](repeating: 7, count: 48)
        let signature = try key.sign(digest: digest.span, hash: .sha384)
        #expect(signature.count <= curve.maximumSignatureLength)
        #expect(try key.publicKey.verify(signature.span, digest: digest.span, hash: .sha384))
        var other = digest
        other[0] ^= 1
        #expect(try !key.publicKey.verify(signature.span, digest: other.span, hash: .sha384))
    }

    @Test("Two generated keys differ", arguments: EllipticCurve.allCases)
    func generatedKeysDiffer(curve: EllipticCurve) throws {
        #expect(try ECPrivateKey.generate(curve).publicKey != ECPrivateKey.generate(curve).publicKey)
    }

    @Test("A digest of another length is refused")
    func digestLength() throws {
        let key = try ECPrivateKey.generate(.p256)
        let digest = [UInt8](repeating: 7, count: 31)
        #expect(throws: CryptoError(.invalidLength, "")) { try key.sign(digest: digest.span, hash: .sha256) }
    }
}
