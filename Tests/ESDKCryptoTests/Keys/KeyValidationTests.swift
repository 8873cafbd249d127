import ESDKCrypto
import TestSupport
import Testing

/// Keys that look right and are not (Tests/Vectors/keys/validation.py), judged by pyca/cryptography.
@Suite struct KeyValidationTests {
    struct File: Decodable {
        struct Key: Decodable, CustomTestStringConvertible {
            let name: String
            let kind: String
            let pyca: Bool
            let der: String

            var testDescription: String { "\(kind), \(name)" }
        }

        let keys: [Key]
    }

    /// What pyca takes and this package does not.
    private static let stricter: Set<String> = [
        // Not usable for what keys are for here, or not safe.
        "rsa-public, even modulus", "rsa-public, for PSS", "rsa-private, for PSS, PKCS #8", "ec-public, hybrid",
        "rsa-public, modulus of 256 bits", "rsa-private, modulus of 256 bits", "rsa-public, modulus of 511 bits",
        "rsa-private, modulus of 511 bits",
        // libcrypto would refuse to encrypt with it.
        "rsa-public, 4,096 bits, exponent of 65 bits",
    ]

    private static func keys() throws -> [File.Key] {
        try VectorFile.load("keys/validation.json", as: File.self).keys
    }

    private static func read(_ key: File.Key) throws(CryptoError) {
        let der = Base64.decode(key.der) ?? []
        switch key.kind {
        case "rsa-public": _ = try RSAPublicKey(parsingDER: der)
        case "rsa-private": _ = try RSAPrivateKey(parsingDER: der)
        case "ec-public": _ = try ECPublicKey(parsingDER: der)
        default: _ = try ECPrivateKey(parsingDER: der)
        }
    }

    @Test func whatPycaRefusesIsRefusedAndWhatItTakesIsTaken() throws {
        let keys = try Self.keys()
        #expect(keys.count > 100)
        for key in keys {
            let isExpected = key.pyca && !Self.stricter.contains(key.testDescription)
            do {
                try Self.read(key)
                #expect(isExpected, "\(key.testDescription) was taken")
            } catch {
                #expect(!isExpected, "\(key.testDescription): \(error)")
                #expect(error.code == .invalidKey, "\(key.testDescription): \(error)")
            }
        }
        #expect(Self.stricter.isSubset(of: keys.filter(\.pyca).map(\.testDescription)))
    }

    /// DER has one form of a length: 30 82 01 22, and neither 30 83 00 01 22 nor 30 84 00 00 01 22.
    @Test func aLengthInMoreOctetsThanItNeedsIsRefused() throws {
        let lines = try VectorFile.text("keys/rsa-spki.pem").split(separator: "\n").filter { !$0.hasPrefix("-") }
        let der = try #require(Base64.decode(lines.joined()))
        try #require(Array(der.prefix(2)) == [0x30, 0x82])
        _ = try RSAPublicKey(parsingDER: der)
        for padding in [1, 2] {
            let padded =
                [0x30, 0x82 + UInt8(padding)] + [UInt8](repeating: 0, count: padding) + Array(der.dropFirst(2))
            #expect(throws: CryptoError(.invalidKey, "")) { _ = try RSAPublicKey(parsingDER: padded) }
        }
    }

    @Test(arguments: [
        ("rsa-public, exponent 1", "exponent is 1"), ("rsa-public, exponent 2", "exponent is even"),
        ("rsa-public, exponent n", "less than the modulus"), ("rsa-public, even modulus", "modulus is even"),
        ("rsa-public, modulus of 511 bits", "not 511"), ("rsa-public, for PSS", "RSA-PSS"),
        ("rsa-private, for PSS, PKCS #8", "RSA-PSS"), ("rsa-private, without primes", "no primes"),
        ("rsa-private, without primes, PKCS #8", "no primes"),
        ("rsa-private, without primes, numbers left out", "no primes"),
        ("rsa-private, wrong d", "do not belong together"),
        ("rsa-private, composite p", "p not prime"), ("ec-private, scalar in 31 bytes", "31 bytes"),
        ("ec-public, off the curve", "not a point"),
        ("ec-public, bytes after the curve's name", "does not name its curve"),
        ("ec-private, bytes after the curve's name", "does not name its curve"),
    ])
    func theReasonSaysWhatIsWrong(name: String, words: String) throws {
        let key = try #require(try Self.keys().first { $0.testDescription == name })
        let error = try #require(throws: CryptoError.self) { try Self.read(key) }
        #expect(error.reason.contains(words), "\(error)")
    }
}
