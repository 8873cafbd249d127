import AWSMaterialProviders
import StrictJSON
import TestSupport
import Testing

@testable import ESDKTestVectors

@Suite("Writing sets whose keys are KMS aliases")
struct KMSAliasTests {
    private static let decryptable: JSONValue = ["type": "aws-kms", "key": "decryptable"]
    private static let encryptOnly: JSONValue = ["type": "aws-kms", "key": "encrypt-only"]

    private static let aliasPrefix = "arn:aws:kms:us-west-2:658956600833:alias/"
    private static let decryptableARN = "arn:aws:kms:us-west-2:658956600833:key/b3537ef1-d8dc-4780-9f5a-55776cbb2f7f"
    private static let encryptOnlyARN = "arn:aws:kms:us-west-2:658956600833:key/590fd781-ddde-4036-abec-3e1ab5a5d2ad"

    /// A KMS that knows two keys by their aliases, and lets only one of them decrypt.
    private static func kms(_ change: (inout StandInKMS.State) -> Void = { _ in }) -> StandInKMS {
        let kms = StandInKMS(region: "us-west-2", keys: [decryptableARN, encryptOnlyARN])
        kms.change { state in
            state.otherNames = [
                aliasPrefix + "EncryptDecrypt": decryptableARN, String(decryptableARN.suffix(36)): decryptableARN,
                aliasPrefix + "EncryptOnly": encryptOnlyARN,
            ]
            state.encryptOnly = [encryptOnlyARN]
            change(&state)
        }
        return kms
    }

    private static func clients(_ kms: StandInKMS) -> StandInClients {
        StandInClients(clients: ["us-west-2": kms, "default": kms])
    }

    private static func described(_ kms: StandInKMS) -> [String] {
        kms.calls.filter { $0.operation == "DescribeKey" }.map(\.keyID)
    }

    private static func entry(_ keyID: String, encrypt: Bool = true, decrypt: Bool = true) -> JSONValue {
        ["type": "aws-kms", "key-id": .string(keyID), "encrypt": .bool(encrypt), "decrypt": .bool(decrypt)]
    }

    private static func keys() throws -> JSONObject {
        var keys = try Workshop.keys()
        keys["decryptable"] = entry(Self.aliasPrefix + "EncryptDecrypt")
        keys["twin"] = keys["decryptable"]
        keys["encrypt-only"] = entry(Self.aliasPrefix + "EncryptOnly", decrypt: false)
        keys["arn"] = entry(Self.decryptableARN)
        keys["neither"] = entry(Self.aliasPrefix + "mrk-1", encrypt: false, decrypt: false)
        return keys
    }

    private func keyID(_ name: String, in workshop: Workshop) throws -> String? {
        try workshop.json("keys.json")["keys"]?[name]?["key-id"]?.string
    }

    @Test("Messages are encrypted under the alias, and verified and written with the ARN of its key")
    func resolves() async throws {
        let tests: JSONObject = [
            "one": Workshop.flat(Self.decryptable), "two": Workshop.flat(Self.decryptable, Self.encryptOnly),
            "twin": Workshop.flat(["type": "aws-kms", "key": "twin"], suite: "0578", frameLength: 0),
        ]
        let kms = Self.kms()
        let aws = try AWSServices(kmsClients: Self.clients(kms))
        let workshop = try Workshop(tests: tests, keys: Self.keys())
        let report = try await workshop.run {
            $0.run.aws = aws
            $0.format = .v2
        }
        #expect(report.positiveCount == 3, "\(report.tests.sets.flatMap(\.results).compactMap(\.reason))")
        #expect(try keyID("decryptable", in: workshop) == Self.decryptableARN)
        #expect(try keyID("twin", in: workshop) == Self.decryptableARN)
        #expect(try keyID("encrypt-only", in: workshop) == Self.encryptOnlyARN)
        // Each alias once, however many tests and entries name it.
        #expect(Self.described(kms).sorted() == ["EncryptDecrypt", "EncryptOnly"].map { Self.aliasPrefix + $0 })
        #expect(try await workshop.decrypt(aws: aws).counts.passed == 3)
    }

    @Test(
        "An altered message that KMS denies to who may open the original is refused; one whose original does not open is not"
    )
    func alteredMessages() async throws {
        let tampering: JSONObject = ["tampering": "truncate"]
        let arn: JSONValue = ["type": "aws-kms", "key": "arn"]
        let tests: JSONObject = [
            "opens": Workshop.generate(Workshop.flat(arn), more: ["tampering": "mutate"]),
            "does not": Workshop.generate(Workshop.flat(Self.encryptOnly), more: tampering),
        ]
        let aws = try AWSServices(kmsClients: Self.clients(Self.kms { $0.refusalOfStrangeCiphertexts = .accessDenied }))
        let workshop = try Workshop(.decryptGenerate, tests: tests, keys: Self.keys(), plaintexts: ["small": 1])
        let report = try await workshop.run { $0.run.aws = aws }
        #expect(report.tests.sets.flatMap(\.results).map(\.status) == [.passed, .skipped])
        #expect(report.negativeCount == 8 * (try workshop.bytes("ciphertexts/opens-bit-0-flipped").count))
    }

    @Test("A key id without region and account is resolved like an alias")
    func keyIDs() async throws {
        let id = String(Self.decryptableARN.suffix(36))
        var keys = try Self.keys()
        keys["id"] = Self.entry(id)
        let kms = Self.kms()
        let aws = try AWSServices(kmsClients: Self.clients(kms))
        let workshop = try Workshop(tests: ["one": Workshop.flat(["type": "aws-kms", "key": "id"])], keys: keys)
        let report = try await workshop.run { $0.run.aws = aws }
        #expect(report.positiveCount == 1, "\(report.tests.sets.flatMap(\.results).compactMap(\.reason))")
        #expect(try keyID("id", in: workshop) == Self.decryptableARN)
        #expect(Self.described(kms) == [id])
    }

    @Test("KMS is asked for no ARN, no entry without a use, and none that no selected test decrypts with")
    func asksForNothingElse() async throws {
        let neither: JSONValue = ["type": "aws-kms", "key": "neither"]
        let tests: JSONObject = [
            "arn": Workshop.generate(Workshop.flat(["type": "aws-kms", "key": "arn"])),
            "neither": Workshop.generate(
                Workshop.flat(Workshop.aes),
                more: [
                    "tampering": ["change-edk-provider-info": ["x"]], "decryption-master-keys": [neither],
                ]
            ),
            "left out": Workshop.generate(Workshop.flat(Self.decryptable)),
        ]
        let kms = Self.kms()
        let aws = try AWSServices(kmsClients: Self.clients(kms))
        let workshop = try Workshop(.decryptGenerate, tests: tests, keys: Self.keys())
        let report = try await workshop.run {
            $0.run.aws = aws
            $0.run.filters = ["arn", "neither"]
        }
        #expect(report.positiveCount == 1)
        #expect(report.negativeCount == 1)
        #expect(Self.described(kms).isEmpty)
        #expect(try keyID("neither", in: workshop) == Self.aliasPrefix + "mrk-1")
    }

    @Test(
        "An alias that cannot be looked up costs the tests that need it, tampered ones included, and no others",
        arguments: [(AWSServiceError.Code.accessDenied, TestStatus.skipped), (.notFound, .failed)]
    )
    func unresolvable(code: AWSServiceError.Code, status: TestStatus) async throws {
        let tests: JSONObject = [
            "good": Workshop.generate(Workshop.flat(Workshop.aes)),
            "alias": Workshop.generate(Workshop.flat(Self.decryptable)),
            "cut": Workshop.generate(Workshop.flat(Self.decryptable), more: ["tampering": "truncate"]),
        ]
        let aws = try AWSServices(kmsClients: Self.clients(Self.kms { $0.failures["DescribeKey"] = code }))
        let workshop = try Workshop(.decryptGenerate, tests: tests, keys: Self.keys())
        let report = try await workshop.run { $0.run.aws = aws }
        let results = report.tests.sets.flatMap(\.results)
        #expect(results.map(\.status) == [.passed, status, status])
        #expect(results.last?.reason?.contains("alias/EncryptDecrypt") == true)
        #expect(try workshop.names("out/ciphertexts") == ["good"])
    }
}
