import AWSMaterialProviders
import ESDKCrypto
import ESDKTestVectors
import Foundation
import MessageForge
import StrictJSON
import TestSupport
import Testing

/// Messages that other implementations published, rebuilt from what was recovered.
///
/// The intermediate values are those that came with the data set, recovered by an independent program, or were published.
@Suite("Reproduction of published messages")
struct PublishedMessageTests {
    static func json(_ name: String) throws -> JSONValue {
        try StrictJSON.parse(VectorFile.bytes(name), source: name)
    }

    /// `Tests/Vectors/reproduction`: an excerpt of the vectors of aws-encryption-sdk-dafny 4.1.0, one message of each kind of
    /// wrapping.
    @Test("Every kind of wrapping is reproduced, with the known intermediate values")
    func wrappings() async throws {
        let known = try Self.json("reproduction/dafny-4.1.0/known.json")
        let set = try #require(try VectorSetLoader.load(VectorFile.path("reproduction/dafny-4.1.0")).first)
        let runner = MadeUpSet.runner(set)
        #expect(set.decryptTests.count == 11)
        var purposes: Set<RecoveredRandomness.Purpose> = []
        for test in set.decryptTests {
            let expected = try #require(known[test.id])
            let reproduction = try await runner.reproduce(test)
            #expect(reproduction.differences == [])
            #expect(reproduction.isIdentical)
            guard case .dataKey(let dataKey, .specification) = reproduction.blueprint.keys else {
                Issue.record("\(test.id): no data key by the specification's rules")
                continue
            }
            #expect(Hex.encode(dataKey.span) == expected["plaintext-data-key"]?.string)
            #expect(Hex.encode(reproduction.rebuilt.keys.contentKey.span) == expected["data-encryption-key"]?.string)
            #expect(Hex.encode(reproduction.rebuilt.keys.commitment) == expected["commitment"]?.string ?? "")
            let dataKeys = try #require(expected["edks"]?.array)
            #expect(reproduction.dataKeys.count == dataKeys.count)
            for (found, expected) in zip(reproduction.dataKeys, dataKeys) {
                guard case .identical(_, let randomness) = found.outcome else {
                    Issue.record("\(test.id): \(found.outcome)")
                    continue
                }
                for part in randomness {
                    #expect(Hex.encode(part.bytes) == expected[part.purpose.rawValue]?.string)
                    purposes.insert(part.purpose)
                }
            }
        }
        #expect(purposes == Set(RecoveredRandomness.Purpose.allCases))
    }

    @Test("The key commitment vectors are reproduced, with the published keys and commitments")
    func commitmentVectors() async throws {
        let cases = try #require(try Self.json("messages/commitment.json")["cases"]?.array)
        var conventions: Set<MessageConvention> = []
        for value in cases where value["opens"] == true {
            func bytes(_ name: String) throws -> [UInt8] { try #require(Base64.decode(value[name]?.string ?? "?")) }
            let set = MadeUpSet.make(
                [MadeUpSet.test("kat", message: try bytes("message"), keys: .dataKey(key: "key"))],
                keys: [MadeUpSet.entry("key", .dataKey(try bytes("dataKey")))]
            )
            let reproduction = try await MadeUpSet.runner(set).reproduce(set.decryptTests[0])
            #expect(reproduction.isIdentical, "\(value["comment"]?.string ?? "")")
            #expect([UInt8](bytesOf: reproduction.rebuilt.keys.contentKey.span) == (try bytes("contentKey")))
            #expect(reproduction.rebuilt.keys.commitment == (try bytes("commitment")))
            conventions.formUnion(MessageConvention.found(in: reproduction.blueprint))
        }
        #expect(conventions.isSuperset(of: [.finalFrameIV, .publicKeyLast, .nonFramed]))
    }

    @Test("Messages of ESDK-NET 4.0.0 are reproduced by its rules, with its retry policy only")
    func net400() async throws {
        let file = try Self.json("messages/net-4.0.0.json")
        let key = try #require(file["key"])
        let description = KeyDescription.raw(
            key: "key",
            providerID: try #require(key["namespace"]?.string),
            .aes
        )
        let entry = MadeUpSet.entry(
            "key",
            keyID: try #require(key["keyID"]?.string),
            .symmetric(try #require(Base64.decode(key["key"]?.string ?? "?")))
        )
        for value in try #require(file["messages"]?.array) {
            let pairs = value["context"]?.object?.members.map { ($0.name, $0.value.string ?? "") } ?? []
            let test = MadeUpSet.test(
                "net",
                message: try #require(Base64.decode(value["message"]?.string ?? "?")),
                keys: description,
                context: pairs,
                requiresContext: value["requiredKeys"]?.array?.isEmpty == false
            )
            let set = MadeUpSet.make([test], keys: [entry])
            let isValid = value["divergence"] == "none"
            let strict = try #require(await MadeUpSet.runner(set).run(test))
            #expect(strict.status == (isValid ? .passed : .skipped))
            let lenient = try #require(await MadeUpSet.runner(set, retry: true).run(test))
            #expect(lenient.status == .passed)
            #expect(lenient.cases.map(\.status) == [.passed, .passed])
            #expect(lenient.reason == (isValid ? nil : "rules of ESDK-NET 4.0.0"))
            let reproduction = try await MadeUpSet.runner(set, retry: true).reproduce(test)
            guard case .dataKey(let dataKey, _) = reproduction.blueprint.keys else { continue }
            #expect(Hex.encode(dataKey.span) == value["dataKey"]?.string)
        }
    }
}
