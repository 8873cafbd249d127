import AWSMaterialProviders
import ESDKCrypto
import StrictJSON

// spec: hierarchy/basic-tests, kms/basic-tests, kms-mrk-aware/basic-tests, kms-mrk-aware-discovery/basic-tests
// spec: kms-rsa/basic-tests, raw-aes/basic-tests, raw-rsa/basic-tests
/// The tests of a matrix: an encrypt manifest, its keys, and what was left out.
///
/// Each test is there because of its suite, keyring and frame length; which length, context and supplied part it has is chosen so that each of
/// these meets every value of every other axis. The choice is always the same one, and an id follows from what the test asks for.
package struct MatrixEnumeration: Sendable {
    /// A test.
    struct Test: Sendable, Hashable {
        let suite: Int
        let keyring: Int
        let frameLength: Int
        let length: Int
        let context: Int
        let reproduced: Int
    }

    /// What a test is made of.
    struct Combination: Sendable {
        let suite: AlgorithmSuite
        let keyring: TestMatrix.Keyring
        let frameLength: Int
        let pairs: [(key: String, value: String)]

        init(_ test: Test, _ matrix: TestMatrix) {
            suite = matrix.suites[test.suite]
            keyring = matrix.keyrings[test.keyring]
            frameLength = matrix.frameLengths[test.frameLength]
            pairs = matrix.contexts[test.context].pairs(suite: suite, with: keyring.requiredPairs)
        }
    }

    /// What is not tested.
    package struct LeftOut: Sendable {
        /// What it is, in words.
        package let what: String
        /// How many combinations that are; nil where they are not counted.
        package let count: Int?
        /// Why.
        package let reason: String
    }

    package let matrix: TestMatrix
    /// The tests as they stand in the manifest, by id.
    private var scenarios = JSONObject()
    /// The lengths of the plaintexts.
    private var sizes: Set<Int> = []
    /// The tests without messages, if there are any.
    private let materials: MaterialsEnumeration?
    /// What the tests are made of.
    private(set) var combinations: [Combination] = []
    package private(set) var leftOut: [LeftOut] = []

    /// How many tests there are.
    package var count: Int { scenarios.count }

    /// Chooses the tests.
    ///
    /// - Throws: `VectorError` where there are more than the matrix allows.
    package init(_ matrix: TestMatrix) throws(VectorError) {
        self.matrix = matrix
        let choice = Self.choose(matrix)
        for test in choice.tests {
            let (id, scenario, size) = try Self.scenario(test, matrix)
            // Values that differ in name, such as a length of 1 and one frame of 1 byte, may give one test.
            guard scenarios[id] == nil else { continue }
            scenarios[id] = ["encryption-scenario": scenario]
            sizes.insert(size)
            combinations.append(Combination(test, matrix))
        }
        materials = try MaterialsEnumeration(matrix)
        leftOut = Self.leftOut(matrix, choice)
        guard count > matrix.limit else { return }
        throw VectorError(
            .malformed,
            path: matrix.paths.first,
            reason: "the matrix has \(count) tests, more than its limit of \(matrix.limit); shorten an axis"
        )
    }

    private static func choose(_ matrix: TestMatrix) -> Choice {
        var choice = Choice(matrix)
        for frame in matrix.frameLengths.indices {
            for keyring in matrix.keyrings.indices {
                for suite in matrix.suites.indices { choice.add(suite: suite, keyring: keyring, frame: frame) }
            }
        }
        choice.completePairs()
        choice.completeContexts()
        return choice
    }

    private static func leftOut(_ matrix: TestMatrix, _ choice: Choice) -> [LeftOut] {
        var list: [LeftOut] = []
        for (exception, count) in zip(matrix.exceptions, choice.excluded) {
            if let what = exception.what {
                list.append(LeftOut(what: what, count: nil, reason: exception.reason))
            } else {
                let what = exception.summary
                list.append(LeftOut(what: what, count: count > 0 ? count : nil, reason: exception.reason))
            }
        }
        let all = choice.tests.isEmpty ? 0 : matrix.contexts.count * TestMatrix.Reproduced.allCases.count
        var combinations = 0
        for frame in matrix.frameLengths {
            combinations += matrix.suites.count * matrix.keyrings.count * matrix.lengths(frameLength: frame).count * all
        }
        list.append(
            LeftOut(
                what: "other combinations of plaintext length, context and supplied context",
                count: max(0, combinations - choice.tests.count),
                reason: "each value meets every value of every other axis, and not every combination of them"
            )
        )
        return list
    }

    // MARK: Files

    /// Writes the plan to a folder: `encrypt-manifest.json`, `keys.json` and `left-out.json`.
    ///
    /// - Throws: `VectorError` where it cannot be written.
    package func write(to path: String, replaces: Bool) throws(VectorError) {
        let output = try OutputFolder(path, replaces: replaces, inputs: matrix.paths, subfolders: [])
        do {
            try output.write(OutputFolder.planName, ASCIIJSON.text(of: manifest))
            try output.write("keys.json", ASCIIJSON.text(of: keys))
            try output.write(OutputFolder.leftOutName, ASCIIJSON.text(of: leftOutJSON))
            if let materials { try output.write(OutputFolder.materialsName, ASCIIJSON.text(of: materials.manifest)) }
        } catch {
            output.discard()
            throw error as? VectorError ?? output.error("cannot be written: \(error)")
        }
        try output.commit()
    }

    private var manifest: JSONValue {
        [
            "manifest": ["type": "awses-encrypt", "version": 5],
            "keys": "file://keys.json",
            "plaintexts": .object(
                JSONObject(sizes.sorted().map { .init(name: "p\($0)", value: .integer(Int64($0))) })
            ),
            "tests": .object(scenarios),
        ]
    }

    private static func scenario(
        _ test: Test,
        _ matrix: TestMatrix
    ) throws(VectorError) -> (id: String, JSONValue, size: Int) {
        let combination = Combination(test, matrix)
        let (suite, keyring, frameLength) = (combination.suite, combination.keyring, combination.frameLength)
        let length = matrix.lengths(frameLength: frameLength)[test.length]
        guard let size = length.bytes(frameLength: frameLength) else {
            throw .broken("length \(length.name) of a plaintext is negative for frames of \(frameLength) bytes")
        }
        let reproduced = TestMatrix.Reproduced.allCases[test.reproduced]
        let supplied = combination.pairs.enumerated().filter { index, pair in
            switch reproduced {
            case .all: true
            case .some where index % 2 == 0: true
            default: keyring.requiredPairs.contains { $0.key.hasSameBytes(as: pair.key) }
            }
        }
        func object(_ pairs: some Sequence<(key: String, value: String)>) -> JSONValue {
            .object(JSONObject(pairs.map { .init(name: $0.key, value: .string($0.value)) }))
        }
        var scenario: JSONObject = [
            "type": "positive-esdk",
            "plaintext": .string("p\(size)"),
            "algorithmSuiteId": .string(suite.idText),
            "frame-size": .integer(Int64(frameLength)),
            "encryption-context": object(combination.pairs),
            "reproduced-encryption-context": object(supplied.map(\.element)),
            "encryptKeyDescription": keyring.encrypt,
            "decryptKeyDescription": keyring.decrypt,
        ]
        let id = try id(of: scenario)
        let frames = frameLength == 0 ? "not framed" : "frames of \(frameLength)"
        scenario["description"] = .string(
            "\(suite.idText) \(keyring.name), \(frames), \(size) bytes (\(length.name)), "
                + "context \(matrix.contexts[test.context].name), supplied: \(reproduced.rawValue)"
        )
        return (id, .object(scenario), size)
    }

    /// An id that follows from what a test asks for: a UUID of version 8 made of a digest.
    static func id(of scenario: JSONObject) throws(VectorError) -> String {
        guard let text = try? StrictJSON.serialize(.object(scenario), pretty: false),
            let digest = try? Digest.hash(.sha256, of: text.span)
        else { throw .broken("the digest of a test cannot be made") }
        var bytes = Array(digest.prefix(16))
        bytes[6] = bytes[6] & 0x0F | 0x80
        bytes[8] = bytes[8] & 0x3F | 0x80
        return UUIDText.text(of: bytes)
    }

    private var keys: JSONValue {
        let used = Set(
            matrix.keyrings.flatMap { keyring in
                [keyring.encrypt, keyring.decrypt].flatMap { value in
                    (try? KeyringKinds.standard.read(value, ""))?.leaves.compactMap(\.keyName) ?? []
                }
            }.map { JSONName($0) }
        )
        let entries = matrix.keySource.members.filter { used.contains(JSONName($0.name)) }
        let given = materials == nil ? [] : MaterialsEnumeration.keys
        return ["manifest": ["type": "keys", "version": 3], "keys": .object(JSONObject(entries + given))]
    }

    private var leftOutJSON: JSONValue {
        [
            "schema": 1,
            "tests": .integer(Int64(count)),
            "left-out": .array(
                leftOut.map { entry in
                    var object: JSONObject = ["what": .string(entry.what)]
                    if let count = entry.count { object["combinations"] = .integer(Int64(count)) }
                    object["reason"] = .string(entry.reason)
                    return .object(object)
                }
            ),
        ]
    }

    /// What a run prints.
    package var summary: String {
        var text = """
            \(count) tests: \(matrix.suites.count) suites, \(matrix.keyrings.count) keyrings, \(matrix.frameLengths.count) \
            frame lengths, \(matrix.contexts.count) contexts
            \(materials?.tests.count ?? 0) tests without messages: required and reproduced contexts, wrong data keys

            left out:

            """
        for entry in leftOut {
            let count = entry.count.map { " (\($0))" } ?? ""
            text += "  \(entry.what)\(count): \(entry.reason)\n"
        }
        return text
    }
}

// MARK: - Choosing

/// Which of the values that are not combined in full each test has.
private struct Choice {
    private let matrix: TestMatrix
    private(set) var tests: [MatrixEnumeration.Test] = []
    /// How many combinations of suite, keyring and frame length each exception leaves out.
    private(set) var excluded: [Int]

    /// The axes, in the order of the numbers of a test.
    private enum Axis: Int, CaseIterable {
        case suite, keyring, frame, length, context, reproduced
    }

    /// Which pairs of values of two axes some test has: bits at `place`.
    private var covered: [Bool]
    private let sizes: [Int]
    private let offsets: [Int]
    private let total: Int
    /// How often each value is used.
    private var uses: [Int]

    init(_ matrix: TestMatrix) {
        self.matrix = matrix
        excluded = [Int](repeating: 0, count: matrix.exceptions.count)
        let lengths = max(matrix.framedLengths.count, matrix.unframedLengths.count)
        // Lengths with and without frames are other values.
        sizes = [
            matrix.suites.count, matrix.keyrings.count, matrix.frameLengths.count, 2 * lengths, matrix.contexts.count,
            TestMatrix.Reproduced.allCases.count,
        ]
        var offset = 0
        offsets = sizes.map { size in
            defer { offset += size }
            return offset
        }
        total = offset
        covered = [Bool](repeating: false, count: offset * offset)
        uses = [Int](repeating: 0, count: offset)
    }

    func exception(suite: Int, keyring: Int, frame: Int, context: Int?) -> Int? {
        matrix.exception(
            matrix.suites[suite],
            matrix.keyrings[keyring],
            matrix.frameLengths[frame],
            context.map { matrix.contexts[$0] }
        )
    }

    /// The places of a test's values among all values.
    private func values(_ test: MatrixEnumeration.Test) -> [Int] {
        let isFramed = matrix.frameLengths[test.frameLength] != 0
        let length = test.length + (isFramed ? sizes[Axis.length.rawValue] / 2 : 0)
        return zip([test.suite, test.keyring, test.frameLength, length, test.context, test.reproduced], offsets).map(+)
    }

    /// The lengths that a plaintext can have with a frame length.
    private func lengths(frame: Int) -> [Int] {
        let frameLength = matrix.frameLengths[frame]
        let lengths = matrix.lengths(frameLength: frameLength)
        return lengths.indices.filter { lengths[$0].bytes(frameLength: frameLength) != nil }
    }

    /// Adds a test with those values that meet most others for the first time, and of these the ones that are used least.
    ///
    /// - Parameter only: the context, where no other is wanted.
    mutating func add(suite: Int, keyring: Int, frame: Int, context only: Int? = nil) {
        if let exception = exception(suite: suite, keyring: keyring, frame: frame, context: nil) {
            excluded[exception] += 1
            return
        }
        var best: (test: MatrixEnumeration.Test, new: Int, uses: Int)?
        for context in matrix.contexts.indices
        where only ?? context == context
            && exception(suite: suite, keyring: keyring, frame: frame, context: context) == nil
        {
            for length in lengths(frame: frame) {
                for reproduced in 0..<sizes[Axis.reproduced.rawValue] {
                    let test = MatrixEnumeration.Test(
                        suite: suite,
                        keyring: keyring,
                        frameLength: frame,
                        length: length,
                        context: context,
                        reproduced: reproduced
                    )
                    let values = values(test)
                    let new = newPairs(values)
                    let uses =
                        values[3...].reduce(0) { $0 + self.uses[$1] } * (matrix.contexts[context].isCostly ? 100 : 1)
                    if let known = best, (known.new, -known.uses) >= (new, -uses) { continue }
                    best = (test, new, uses)
                }
            }
        }
        if let best { take(best.test) }
    }

    private func newPairs(_ values: [Int]) -> Int {
        var count = 0
        for right in 3..<values.count {
            for left in 0..<right where !covered[values[left] * total + values[right]] { count += 1 }
        }
        return count
    }

    private mutating func take(_ test: MatrixEnumeration.Test) {
        let values = values(test)
        for right in 3..<values.count {
            for left in 0..<right { covered[values[left] * total + values[right]] = true }
        }
        for value in values { uses[value] += 1 }
        tests.append(test)
    }

    /// Adds tests for the pairs of values that none has yet.
    mutating func completePairs() {
        for frame in matrix.frameLengths.indices {
            for length in lengths(frame: frame) {
                for context in matrix.contexts.indices {
                    for reproduced in 0..<sizes[Axis.reproduced.rawValue] {
                        complete(frame: frame, length: length, context: context, reproduced: reproduced)
                    }
                }
            }
        }
    }

    /// Adds tests where a keyring lacks a context with some suite.
    mutating func completeContexts() {
        for keyring in matrix.keyrings.indices where !matrix.keyrings[keyring].fullContexts.isEmpty {
            for context in matrix.contexts.indices
            where matrix.keyrings[keyring].fullContexts.contains(matrix.contexts[context].name) {
                for suite in matrix.suites.indices
                where !tests.contains(where: { ($0.suite, $0.keyring, $0.context) == (suite, keyring, context) }) {
                    add(
                        suite: suite,
                        keyring: keyring,
                        frame: tests.count % matrix.frameLengths.count,
                        context: context
                    )
                }
            }
        }
    }

    /// Adds tests until what these values could meet for the first time is met.
    private mutating func complete(frame: Int, length: Int, context: Int, reproduced: Int) {
        for keyring in matrix.keyrings.indices {
            for suite in matrix.suites.indices {
                let test = MatrixEnumeration.Test(
                    suite: suite,
                    keyring: keyring,
                    frameLength: frame,
                    length: length,
                    context: context,
                    reproduced: reproduced
                )
                guard newPairs(values(test)) > 0,
                    exception(suite: suite, keyring: keyring, frame: frame, context: nil) == nil,
                    exception(suite: suite, keyring: keyring, frame: frame, context: context) == nil
                else { continue }
                take(test)
            }
        }
    }
}
