import ESDKCrypto
import Testing

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
