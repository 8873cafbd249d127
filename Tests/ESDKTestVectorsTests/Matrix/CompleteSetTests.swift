import AWSMaterialProviders
import StrictJSON
import TestSupport
import Testing

@testable import ESDKTestVectors

/// `manifests/matrix.json` against what the specification asks of a complete set of vectors (framework/test-vectors).
@Suite("A complete set")
struct CompleteSetTests {
    /// The plan of the matrix, made once.
    private static let plan = Result { try Plan() }

    private struct Plan: Sendable {
        let matrix: TestMatrix
        let tests: [Test]
        let materials: MaterialsSet

        init() throws {
            matrix = try TestMatrix.read(RepositoryFiles.path("manifests/matrix.json"))
            let enumeration = try MatrixEnumeration(matrix)
            let folder = try TemporaryFolder()
            try enumeration.write(to: folder.file("plan"), replaces: false)
            let set = try EncryptSetLoader.load(folder.file("plan"), kind: .encrypt)
            let names = enumeration.combinations.map(\.keyring.name)
            tests = try zip(set.tests, names).map { test, name in
                Test(instructions: try test.content.get(), keyring: name)
            }
            materials = try MaterialsSet.load(folder.file("plan"))
        }
    }

    private struct Test: Sendable {
        let instructions: EncryptInstructions
        let keyring: String

        var suite: AlgorithmSuite { instructions.suite }
        var frameLength: Int { instructions.frameLength }
        var size: Int { Int(instructions.plaintextName.dropFirst()) ?? -1 }
        var pairs: [ContextPairs.Pair] { instructions.encryptionContext.pairs }

        /// Which of the standard contexts the test has.
        var contexts: Set<String> {
            var names: Set<String> = [pairs.isEmpty ? "empty" : pairs.count <= 10 ? "small" : "large"]
            if pairs.contains(where: { Self.holds($0.key, 0x80) && Self.holds($0.value, 0x80) }) {
                names.insert("multibyte")
            }
            if pairs.contains(where: { Self.holds($0.key, 0xF0) && Self.holds($0.value, 0xF0) }) {
                names.insert("non-BMP")
            }
            return names
        }

        private static func holds(_ text: [UInt8], _ lead: UInt8) -> Bool { text.contains { $0 >= lead } }

        static let standardContexts: Set<String> = ["empty", "small", "large", "multibyte", "non-BMP"]
    }

    private func tests(_ isOfKeyring: (String) -> Bool = { _ in true }) throws -> [Test] {
        try Self.plan.get().tests.filter { isOfKeyring($0.keyring) }
    }

    /// Whether each of these keyrings has every suite and every standard context.
    private func isComplete(_ keyrings: [String], suites: [AlgorithmSuite] = AlgorithmSuite.all) throws -> Bool {
        try keyrings.allSatisfy { name in
            let tests = try tests { $0 == name }
            return Set(tests.map(\.suite)) == Set(suites)
                && Test.standardContexts.isSubset(of: tests.reduce(into: Set()) { $0.formUnion($1.contexts) })
        }
    }

    @Test(
        "one plan holds the tests of every component",
        .spec(
            "README/summary",
            "test-vector-enumeration/input-configuration",
            "test-vector-enumeration/input-dimensions"
        )
    )
    func aggregate() throws {
        let plan = try Self.plan.get()
        #expect(Set(plan.tests.map(\.keyring)) == Set(plan.matrix.keyrings.map(\.name)))
        #expect(plan.tests.count { !$0.instructions.requiredContextKeys.isEmpty } < plan.tests.count / 10)
    }

    @Test(
        "contexts are empty, small, large, multibyte and beyond the BMP",
        .spec("encryption-context/standard-encryption-contexts-constraints")
    )
    func contexts() throws {
        let all = try tests()
        #expect(Test.standardContexts.isSubset(of: all.reduce(into: Set()) { $0.formUnion($1.contexts) }))
    }

    @Test("frames are absent, small, usual and large", .spec("esdk-test-vector-enumeration/representative-frame-sizes"))
    func frames() throws {
        let lengths = Set(try tests().map(\.frameLength))
        #expect(lengths.contains(0))
        #expect(lengths.contains { (1..<4096).contains($0) })
        #expect(lengths.contains(4096))
        #expect(lengths.contains { $0 > 4096 })
    }

    @Test(
        "plaintexts with frames: empty to many frames, where the frame is long enough",
        .spec(
            "esdk-test-vector-enumeration/framed-data.1",
            "esdk-test-vector-enumeration/framed-data.2",
            "esdk-test-vector-enumeration/framed-data.3",
            "esdk-test-vector-enumeration/framed-data.4",
            "esdk-test-vector-enumeration/framed-data.5",
            "esdk-test-vector-enumeration/framed-data.6",
            "esdk-test-vector-enumeration/framed-data.7",
            "esdk-test-vector-enumeration/framed-data.8",
            "esdk-test-vector-enumeration/framed-data.9"
        )
    )
    func framedLengths() throws {
        for frame in Set(try tests().map(\.frameLength)) where frame > 0 {
            let sizes = Set(try tests().filter { $0.frameLength == frame }.map(\.size))
            #expect(sizes.contains(0))
            #expect(frame < 10 || sizes.contains { (1..<10).contains($0) })
            #expect(frame < 1000 || sizes.contains { (10..<1000).contains($0) })
            #expect(frame <= 1000 || sizes.contains { 1000 <= $0 && $0 < frame })
            #expect(sizes.contains(frame))
            #expect(frame == 1 || sizes.contains { frame < $0 && $0 < 2 * frame })
            #expect(sizes.contains(2 * frame))
            #expect(sizes.contains { $0 > 2 * frame })
        }
    }

    @Test(
        "plaintexts without frames: empty, small, medium and large",
        .spec("esdk-test-vector-enumeration/non-framed-data")
    )
    func unframedLengths() throws {
        let sizes = Set(try tests().filter { $0.frameLength == 0 }.map(\.size))
        #expect(sizes.contains(0))
        #expect(sizes.contains { (1..<10).contains($0) })
        #expect(sizes.contains { (10..<1000).contains($0) })
        #expect(sizes.contains { $0 >= 1000 })
    }

    @Test(
        "raw keyrings: every wrapping algorithm and padding under another namespace, with every suite and context",
        .spec("raw-aes/basic-tests", "raw-rsa/basic-tests")
    )
    func raw() throws {
        let aes = ["raw-aes-128", "raw-aes-192", "raw-aes-256"]
        let rsa = ["raw-rsa-pkcs1"] + ["sha1", "sha256", "sha384", "sha512"].map { "raw-rsa-oaep-\($0)" }
        #expect(try isComplete(aes + rsa))
        let keyrings = try Self.plan.get().matrix.keyrings
        for names in [aes, rsa] {
            let described = names.compactMap { name in keyrings.first { $0.name == name }?.encrypt }
            #expect(Set(described.compactMap { $0["provider-id"]?.string }).count == names.count)
            #expect(names == rsa || Set(described.compactMap { $0["key"]?.string }).count == names.count)
        }
    }

    @Test(
        "keyrings of AWS KMS: single and multi-Region keys, both directions, discovery with and without a filter",
        .spec("kms/basic-tests", "kms-mrk-aware/basic-tests", "kms-mrk-aware-discovery/basic-tests")
    )
    func kms() throws {
        #expect(
            try isComplete([
                "aws-kms", "aws-kms-multi-region", "aws-kms-mrk", "aws-kms-mrk-west-to-east",
                "aws-kms-mrk-east-to-west",
                "aws-kms-mrk-two-regions", "aws-kms-mrk-discovery", "aws-kms-mrk-discovery-filter",
            ])
        )
        let keyrings = try Self.plan.get().matrix.keyrings
        func keyring(_ name: String) throws -> TestMatrix.Keyring { try #require(keyrings.first { $0.name == name }) }
        #expect(try keyring("aws-kms-mrk-discovery").encrypt["key"] == "us-west-2-decryptable")
        #expect(try keyring("aws-kms-mrk-discovery").decrypt["aws-kms-discovery-filter"] == nil)
        #expect(try keyring("aws-kms-mrk-discovery-filter").encrypt["key"] == "us-east-1-mrk")
        #expect(try keyring("aws-kms-mrk-discovery-filter").decrypt["aws-kms-discovery-filter"] != nil)
        #expect(try keyring("aws-kms-mrk-two-regions").encrypt["childKeyrings"] != nil)
    }

    @Test("the RSA keyring of AWS KMS: both algorithms, every unsigned suite and context", .spec("kms-rsa/basic-tests"))
    func kmsRSA() throws {
        let unsigned = AlgorithmSuite.all.filter { $0.signature == nil }
        #expect(try isComplete(["aws-kms-rsa-oaep-sha1", "aws-kms-rsa-oaep-sha256"], suites: unsigned))
    }

    @Test(
        "branch keys: every context with every suite",
        .spec("hierarchy/basic-tests", "hierarchy/evaluation-rules.6", "hierarchy/representative-branch-keys.1")
    )
    func hierarchical() throws {
        for suite in AlgorithmSuite.all {
            let tests = try tests { $0 == "hierarchical" }.filter { $0.suite == suite }
            #expect(Test.standardContexts.isSubset(of: tests.reduce(into: Set()) { $0.formUnion($1.contexts) }))
        }
    }

    // MARK: Materials

    private func outcomes(_ isWanted: (MaterialsTest, MaterialsInstructions) -> Bool) async throws -> [TestResult] {
        let set = try Self.plan.get().materials
        let runner = MaterialsRunner(keys: set.keys, cache: KeyCache())
        var results: [TestResult] = []
        for test in set.tests {
            guard case .success(let instructions) = test.content, isWanted(test, instructions) else { continue }
            results.append(await runner.run(test))
        }
        return results
    }

    @Test(
        "a branch key opens nothing that another key wrapped, and no other key what it wrapped",
        .spec(
            "hierarchy/evaluation-rules.1",
            "hierarchy/evaluation-rules.2",
            "hierarchy/evaluation-rules.4",
            "hierarchy/representative-branch-keys.2"
        )
    )
    func foreignBranchKeys() async throws {
        let results = try await outcomes { test, _ in test.description?.contains("branch key") == true }
        #expect(results.count == 3 * 5)
        #expect(results.allSatisfy { $0.status == .passed })
    }

    @Test(
        "every subset of a context is required, every subset reproduced, right and wrong, and a wrong data key is refused",
        .spec(
            "default-cmm/basic-tests",
            "default-cmm/required-and-reproduced-encryption-context-success-cases",
            "default-cmm/required-encryption-context-keys-failures-on-encrypt",
            "default-cmm/reproduced-encryption-context-failures-on-decrypt"
        )
    )
    func defaultManager() async throws {
        try await expectMaterials { $0.kind.management == nil }
    }

    @Test(
        "a requiring manager refuses what it is not given, wrong values, and to require nothing",
        .spec(
            "required-encryption-context-cmm/basic-tests",
            "required-encryption-context-cmm/required-encryption-context-cmm-failures-on-encrypt",
            "required-encryption-context-cmm/required-encryption-context-cmm-failures-on-decrypt",
            "required-encryption-context-cmm/required-encryption-context-cmm-success-cases",
            "required-encryption-context-cmm/encrypt",
            "required-encryption-context-cmm/decrypt",
            "required-encryption-context-cmm/representative-required-encryption-context-keys",
            "required-encryption-context-cmm/representative-reproduced-encryption-context",
            "required-encryption-context-cmm/test-vector-evaluation-rules.1",
            "required-encryption-context-cmm/test-vector-evaluation-rules.3",
            "required-encryption-context-cmm/test-vector-evaluation-rules.4"
        )
    )
    func requiringManager() async throws {
        try await expectMaterials { $0.kind.management != nil }
    }

    /// Whether the tests of a manager have every required and reproduced subset, of every outcome, and all pass.
    private func expectMaterials(_ isOfManager: (KeyDescription) -> Bool) async throws {
        var required: Set<Set<String>> = []
        var reproduced: Set<String> = []
        var outcomes: Set<String> = []
        let results = try await self.outcomes { test, instructions in
            guard let description = instructions.encrypt, isOfManager(description), instructions.suite.id == 0x0478
            else {
                return false
            }
            let keys = description.requiredContextKeys.map { String(decoding: $0, as: UTF8.self) }
            required.insert(Set(instructions.requiredContextKeys + keys))
            reproduced.insert(
                instructions.reproducedContext.map { "\($0.key):\($0.value)" }.sorted().joined(separator: " ")
            )
            let isGiven = description.leaves.contains { $0.kind is StaticMaterialKeyring }
            switch instructions.expectation {
            case .success: outcomes.insert(isGiven ? "given" : "right")
            case .refusedOnEncrypt: outcomes.insert(isGiven ? "given, wrong on encrypt" : "wrong on encrypt")
            case .refusedOnDecrypt: outcomes.insert(isGiven ? "given, wrong on decrypt" : "wrong on decrypt")
            }
            return true
        }
        #expect(results.allSatisfy { $0.status == .passed })
        #expect(
            required.isSuperset(of: [["a"], ["b"], ["a", "b"], ["c"], ["a", "c"], ["b", "c"], ["a", "b", "c"]])
        )
        #expect(
            reproduced.isSuperset(of: [
                "", "a:a", "b:b", "a:a b:b", "a:c", "b:c", "c:c", "a:c b:c", "a:c b:c c:c", "a:a c:c", "a:a b:b c:c",
                "a:a b:c",
            ])
        )
        #expect(
            outcomes == [
                "right", "wrong on encrypt", "wrong on decrypt", "given", "given, wrong on encrypt",
                "given, wrong on decrypt",
            ]
        )
    }
}
