import ESDKCrypto
import Foundation
import Glibc
import StrictJSON
import TestSupport
import Testing

@testable import ESDKTestVectors

/// Messages for several raw RSA keyrings over keys of one name: under other namespaces, with other paddings and other keys.
@Suite("Reproducing messages for many RSA keyrings of one name")
struct ManyRSAKeyringsTests {
    private static let paddings: [(String, String?)] = [
        ("pkcs1", nil), ("oaep-mgf1", "sha1"), ("oaep-mgf1", "sha256"), ("oaep-mgf1", "sha384"),
        ("oaep-mgf1", "sha512"),
    ]

    /// Three pairs of keys, all with one `key-id`; of the last one the public half has an entry, too.
    private static func keys() throws -> JSONObject {
        func entry(_ type: String, _ file: String, bits: Int64) throws -> JSONValue {
            [
                "type": .string(type), "encrypt": true, "decrypt": true, "key-id": "rsa", "algorithm": "rsa",
                "bits": .integer(bits), "encoding": "pem", "material": .string(try KeySamples.pem(file)),
            ]
        }
        return [
            "small": try entry("private", "rsa-pkcs8", bits: 2048),
            "large": try entry("private", "rsa-3072-pkcs8", bits: 3072),
            "other": .object(try other("private")), "other-public": .object(try other("public")),
        ]
    }

    /// A key as long as `small`, so that its ciphertexts could be those of the other one.
    private static let otherKey = Result { () throws -> (privateKey: String, publicKey: String) in
        let folder = try TemporaryFolder()
        for words in [
            ["genpkey", "-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048", "-out", folder.file("private")],
            ["pkey", "-in", folder.file("private"), "-pubout", "-out", folder.file("public")],
        ] {
            let output = try TestProcess.run(["/usr/bin/openssl"] + words)
            guard output.status == 0 else { throw TestProcess.Failure(output.standardError) }
        }
        return (try folder.text("private"), try folder.text("public"))
    }

    private static func other(_ type: String) throws -> JSONObject {
        let pair = try otherKey.get()
        return [
            "type": .string(type), "encrypt": true, "decrypt": true, "key-id": "rsa", "algorithm": "rsa", "bits": 2048,
            "encoding": "pem", "material": .string(type == "private" ? pair.privateKey : pair.publicKey),
        ]
    }

    private static func keyring(_ number: Int) -> JSONValue {
        let (padding, hash) = paddings[number % 5]
        let key = ["small", "large", "other", "other-public"][number / 5 % 4]
        var object: JSONObject = [
            "type": "raw", "key": .string(key), "provider-id": .string(["ns", "ns2", "n\u{e9}"][number / 20 % 3]),
            "encryption-algorithm": "rsa", "padding-algorithm": .string(padding),
        ]
        object["padding-hash"] = hash.map { .string($0) }
        return .object(object)
    }

    @Test(
        "Every message comes out byte for byte, and none of its encrypted data keys is called different",
        .enabled(if: access("/usr/bin/openssl", X_OK) == 0)
    )
    func everyMessage() async throws {
        var tests: JSONObject = [:]
        for number in 0..<60 {
            // Three more after the first, of which the fourth shares namespace and name with it.
            let all = [number, number + 7, number + 26, number + 61].map { Self.keyring($0 % 60) }
            // One of them decrypts: a private key, whichever place it has.
            let opener = [number, number + 7, number + 26, number + 61].map { $0 % 60 }.first { $0 / 5 % 4 != 3 } ?? 0
            tests["t\(number)"] = Workshop.scenario(
                Workshop.multi(all[0], all[1], all[2], all[3]),
                decrypt: Self.keyring(opener),
                suite: number.isMultiple(of: 2) ? "0478" : "0578"
            )
        }
        for isSeeded in [false, true] {
            let workshop = try Workshop(version: 5, tests: tests, keys: Self.keys())
            let written = try await workshop.run { options in
                options.format = .v5
                if isSeeded { options.seed = "7" }
            }
            #expect(written.tests.counts.passed == 60, "\(written.summary)")
            let sets = try VectorSetLoader.load("\(workshop.path)/out")
            let options = RunOptions(jobs: 2, task: .reproduce)
            let selection = TestSelection(sets, options: options)
            let report = await VectorRun(sets, selection: selection, options: options).run { _, _ in }
            #expect(report.counts.passed == 60)
            for result in report.sets.flatMap(\.results) where result.status != .passed {
                Issue.record("\(result.id): \(result.reason ?? "")")
            }
            let cases = report.sets.flatMap(\.results).flatMap(\.cases).filter { $0.name != "message" }
            #expect(cases.count == 240)
            // All keys are here, so none is carried over either.
            for dataKey in cases where dataKey.status != .passed {
                Issue.record("\(dataKey.name): \(dataKey.reason ?? "")")
            }
        }
    }
}
