import ESDKCrypto
import TestSupport
import Testing

@Suite struct DigestTests {
    // NIST's example values for FIPS 180 ("abc", and the empty message of CAVP's byte-oriented vectors).
    @Test(arguments: [
        (HashAlgorithm.sha1, "abc", "a9993e364706816aba3e25717850c26c9cd0d89d"),
        (.sha1, "", "da39a3ee5e6b4b0d3255bfef95601890afd80709"),
        (.sha256, "abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
        (.sha256, "", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
        (
            .sha384, "abc",
            "cb00753f45a35e8bb5a03d699ac65007272c32ab0eded1631a8b605a43ff5bed8086072ba1e7cc2358baeca134c825a7"
        ),
        (
            .sha512, "abc",
            "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a"
                + "2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f"
        ),
    ])
    func knownDigestsAreReproduced(algorithm: HashAlgorithm, message: String, digest: String) throws {
        let bytes = Array(message.utf8)
        let computed = try Digest.hash(algorithm, of: bytes.span)
        #expect(Hex.encode(computed) == digest)
        #expect(computed.count == algorithm.outputLength)
    }

    // NIST's example values for FIPS 180: the message of 896 bits.
    @Test(arguments: 1...112)
    func theDigestDoesNotDependOnHowTheMessageIsCut(pieceLength: Int) throws {
        let message = Array(
            ("abcdefghbcdefghicdefghijdefghijkefghijklfghijklmghijklmn"
                + "hijklmnoijklmnopjklmnopqklmnopqrlmnopqrsmnopqrstnopqrstu").utf8
        )
        var digest = try Digest(.sha384)
        for start in stride(from: 0, to: message.count, by: pieceLength) {
            try digest.update(message.span.extracting(start..<min(start + pieceLength, message.count)))
        }
        let computed = try digest.finalize()
        #expect(
            Hex.encode(computed)
                == "09330c33f71147e83d192fc782cd1b4753111b173b3b05d22fa08086e3b0f712fcc7c71a557e2db966c3e9fa91746039"
        )
    }
}

@Suite struct HMACTests {
    struct Group: Decodable {
        struct Case: Decodable {
            let id: Int
            let result: Verdict
            let key: String
            let msg: String
            let tag: String
        }

        let tests: [Case]
    }

    private func code(_ hash: HashAlgorithm, for message: [UInt8], key: [UInt8]) throws -> SecretBytes {
        try HMAC.authenticationCode(hash, for: message.span, key: key.span)
    }

    @Test(arguments: [
        (HashAlgorithm.sha256, "hmac-sha256"), (.sha384, "hmac-sha384"), (.sha512, "hmac-sha512"),
    ])
    func wycheproof(hash: HashAlgorithm, file: String) throws {
        for vector in try WycheproofFile<Group>.load(file).flatMap(\.tests) {
            let computed = try code(hash, for: bytes(vector.msg), key: bytes(vector.key))
            #expect((computed == SecretBytes(try bytes(vector.tag))) == (vector.result == .valid), "test \(vector.id)")
        }
    }

    // RFC 4231, test cases 1, 2 and 6 (a key longer than a block).
    @Test(arguments: [
        (
            [UInt8](repeating: 0x0B, count: 20), "Hi There",
            "afd03944d84895626b0825f4ab46907f15f9dadbe4101ec682aa034c7cebc59cfaea9ea9076ede7f4af152e8b2fa9cb6"
        ),
        (
            Array("Jefe".utf8), "what do ya want for nothing?",
            "af45d2e376484031617f78d2b58a6b1b9c7ef464f5a01b47e42ec3736322445e8e2240ca5e69e2c78b3239ecfab21649"
        ),
        (
            [UInt8](repeating: 0xAA, count: 131), "Test Using Larger Than Block-Size Key - Hash Key First",
            "4ece084485813e9088d2c63a041bc5b44f9ef1012a2b588f3cd11f05033ac4c60c2ef6ab4030fe8296248df163f44952"
        ),
    ])
    func theExamplesOfTheRFCHold(key: [UInt8], message: String, tag: String) throws {
        let computed = try code(.sha384, for: Array(message.utf8), key: key)
        #expect(computed == SecretBytes(try bytes(tag)))
    }

    // Made with openssl dgst -sha1 -hmac '' and -sha256 -hmac '' of no input.
    @Test(arguments: [
        (HashAlgorithm.sha1, "fbdb1d1b18aa6c08324b7d64b71fb76370690e1d"),
        (.sha256, "b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad"),
    ])
    func anEmptyKeyIsAKey(hash: HashAlgorithm, tag: String) throws {
        #expect(try code(hash, for: [], key: []) == SecretBytes(bytes(tag)))
    }

    @Test func anHMACKeepsItsKeyBesideOthers() throws {
        let (message, key, other) = (Array("message".utf8), Array("key".utf8), Array("other".utf8))
        var first = try HMAC(.sha256, key: key.span)
        var second = try HMAC(.sha256, key: other.span)
        try first.update(message.span)
        try second.update(message.span)
        let one = try first.finalize()
        let two = try second.finalize()
        // Made with openssl dgst -sha256 -hmac.
        #expect(one == SecretBytes(try bytes("6e9ef29b75fffc5b7abae527d58fdadb2fe42e7219011976917343065f58ed4a")))
        #expect(two == SecretBytes(try bytes("0f0ac69f7223d69f9bf77ab4a96b72776352baaf822994b6b8cefd966e9ace02")))
    }
}
