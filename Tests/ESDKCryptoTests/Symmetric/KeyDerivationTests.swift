import ESDKCrypto
import TestSupport
import Testing

@Suite struct HKDFTests {
    struct Group: Decodable {
        struct Case: Decodable {
            let id: Int
            let result: Verdict
            let ikm: String
            let salt: String
            let info: String
            let size: Int
            let okm: String
        }

        let tests: [Case]
    }

    struct Example: Sendable {
        let keyMaterial: [UInt8]
        let salt: [UInt8]
        let info: [UInt8]
        let pseudorandomKey: String
        let output: String
    }

    // RFC 5869, appendix A, test cases 1 to 3.
    static let examples = [
        Example(
            keyMaterial: [UInt8](repeating: 0x0B, count: 22),
            salt: Array(0x00...0x0C),
            info: Array(0xF0...0xF9),
            pseudorandomKey: "077709362c2e32df0ddc3f0dc47bba6390b6c73bb50f9c3122ec844ad7c2b3e5",
            output: "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865"
        ),
        Example(
            keyMaterial: Array(0x00...0x4F),
            salt: Array(0x60...0xAF),
            info: Array(0xB0...0xFF),
            pseudorandomKey: "06a6b88c5853361a06104c9ceb35b45cef760014904671014a193f40c15fc244",
            output: "b11e398dc80327a1c8e7f78c596a49344f012eda2d4efad8a050cc4c19afa97c"
                + "59045a99cac7827271cb41c65e590e09da3275600c2f09b8367793a9aca3db71cc30c58179ec3e87c14c01d5c1f3434f1d87"
        ),
        Example(
            keyMaterial: [UInt8](repeating: 0x0B, count: 22),
            salt: [],
            info: [],
            pseudorandomKey: "19ef24a32c717b167f33a91d6f648bdf96596776afdb6377ac434c1c293ccb04",
            output: "8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d9d201395faa4b61a96c8"
        ),
    ]

    @Test(arguments: examples)
    func theExamplesOfTheRFCHold(example: Example) throws {
        let extracted = try HKDF.extract(
            .sha256,
            salt: example.salt.span,
            keyMaterial: example.keyMaterial.span
        )
        #expect(extracted == SecretBytes(try bytes(example.pseudorandomKey)))
        let output = try bytes(example.output)
        let expanded = try HKDF.expand(
            .sha256,
            pseudorandomKey: extracted,
            info: example.info.span,
            outputLength: output.count
        )
        #expect(expanded == SecretBytes(output))
    }

    @Test(arguments: [
        (HashAlgorithm.sha256, "hkdf-sha256"), (.sha384, "hkdf-sha384"), (.sha512, "hkdf-sha512"),
    ])
    func wycheproof(hash: HashAlgorithm, file: String) throws {
        for vector in try WycheproofFile<Group>.load(file).flatMap(\.tests) {
            let derive = { () throws -> SecretBytes in
                let salt = try bytes(vector.salt)
                let keyMaterial = try bytes(vector.ikm)
                let info = try bytes(vector.info)
                return try HKDF.derive(
                    hash,
                    salt: salt.span,
                    keyMaterial: keyMaterial.span,
                    info: info.span,
                    outputLength: vector.size
                )
            }
            if vector.result == .valid {
                #expect(try derive() == SecretBytes(try bytes(vector.okm)), "test \(vector.id)")
            } else {
                #expect(throws: CryptoError(.invalidLength, ""), "test \(vector.id)") { try derive() }
            }
        }
    }

    @Test func noSaltAndAnEmptySaltAndZerosAreTheSame() throws {
        let keyMaterial: [UInt8] = [1, 2, 3]
        let without = try HKDF.extract(.sha384, salt: nil, keyMaterial: keyMaterial.span)
        let empty = try HKDF.extract(.sha384, salt: [UInt8]().span, keyMaterial: keyMaterial.span)
        let zeros = try HKDF.extract(
            .sha384,
            salt: [UInt8](repeating: 0, count: 48).span,
            keyMaterial: keyMaterial.span
        )
        #expect(without == empty)
        #expect(without == zeros)
    }

    @Test(arguments: [-1, 0, 255 * 32 + 1, Int.max])
    func aLengthOutsideTheRangeIsRefused(length: Int) {
        #expect(throws: CryptoError(.invalidLength, "")) {
            try HKDF.expand(
                .sha256,
                pseudorandomKey: SecretBytes([UInt8](repeating: 1, count: 32)),
                info: [UInt8]().span,
                outputLength: length
            )
        }
    }
}

@Suite struct CounterModeKDFTests {
    struct File: Decodable {
        struct Case: Decodable {
            let hash: String
            let count: Int
            let key: String
            let fixedData: String
            let output: String
        }

        let tests: [Case]
    }

    @Test func theVectorsOfNISTHold() throws {
        let vectors = try VectorFile.load("nist/kbkdf-counter-hmac.json", as: File.self).tests
        #expect(vectors.count == 7)
        for vector in vectors {
            let key = try bytes(vector.key)
            let fixedData = try bytes(vector.fixedData)
            let output = try bytes(vector.output)
            let derived = try CounterModeKDF.derive(
                vector.hash == "sha256" ? .sha256 : .sha512,
                key: key.span,
                fixedData: fixedData.span,
                outputLength: output.count
            )
            #expect(derived == SecretBytes(output), "\(vector.hash), COUNT=\(vector.count)")
        }
    }

    // Computed with OpenSSL's own KBKDF, which writes the fixed data in the same form:
    // openssl kdf -kdfopt mode:counter -kdfopt mac:HMAC -kdfopt digest:… -kdfopt salt:label -kdfopt info:context KBKDF
    @Test(arguments: [
        (
            HashAlgorithm.sha256,
            "c5115a8e2c9cf655fabbfecbe725e440a9838838f5b46130c654f368f780edd650d532c0fdeb6a35"
        ),
        (
            .sha384,
            "aebf0bae972e410e67466c06440ffd9ec499f69af0d31cbf133dee4a6806b2d400f03a173387878d641ecfa4254f7ea7"
                + "4b0c644b089de2505fa267181d755dbfeac6395219ad923280cda229c4452669471bbd934a325a386a667fed9cfa5e85"
                + "49e6d1b7"
        ),
    ])
    func labelContextAndLengthAreBoundAsOpenSSLBindsThem(hash: HashAlgorithm, output: String) throws {
        let expected = try bytes(output)
        let key = [UInt8](0..<32)
        let label = Array("label".utf8)
        let context = Array("context".utf8)
        let derived = try CounterModeKDF.derive(
            hash,
            key: key.span,
            label: label.span,
            context: context.span,
            outputLength: expected.count
        )
        #expect(derived == SecretBytes(expected))
    }

    @Test(arguments: [-1, 0, Int(UInt32.max) / 8 + 1, Int.max])
    func aLengthThatDoesNotFitIsRefused(length: Int) {
        let bytes: [UInt8] = [1]
        #expect(throws: CryptoError(.invalidLength, "")) {
            try CounterModeKDF.derive(
                .sha256,
                key: bytes.span,
                label: bytes.span,
                context: bytes.span,
                outputLength: length
            )
        }
    }
}
