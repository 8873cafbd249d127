import AWSMaterialProviders
import MessageForge
import StrictJSON

/// What a set tests: suites, keyrings, framings and shapes of the context, and their combinations.
package struct SetCoverage: Sendable {
    /// How the body of a message is divided.
    package enum Framing: String, Sendable, CaseIterable, Comparable {
        case none = "not framed"
        case small = "frames below 4096"
        case usual = "frames of 4096"
        case large = "frames above 4096"

        init(frameLength: Int) {
            self = frameLength == 0 ? .none : frameLength < 4096 ? .small : frameLength == 4096 ? .usual : .large
        }

        package static func < (left: Framing, right: Framing) -> Bool { left.rank < right.rank }

        private var rank: Int { Self.allCases.firstIndex(of: self) ?? 0 }
    }

    /// What can be odd about a context; one context may have several shapes.
    package enum ContextShape: String, Sendable, CaseIterable {
        case empty
        case few = "1 to 10 pairs"
        case many = "more than 10 pairs"
        case emptyValue = "an empty value"
        case longValue = "a value above 1,000 bytes"
        case largest = "above 65,000 bytes"
        case multibyte
        case beyondBMP = "beyond the BMP"
        case equivalent = "canonically equal keys"
        case nul = "NUL"
        case control = "control characters"
        case prototype = "__proto__"
        case encodingOrder = "order depends on the encoding"

        /// The shapes of a context.
        static func all(of pairs: [ContextPairs.Pair]) -> Set<ContextShape> {
            guard !pairs.isEmpty else { return [.empty] }
            var shapes: Set<ContextShape> = [pairs.count > 10 ? .many : .few]
            var length = 2
            var keys: [String] = []
            for pair in pairs {
                length += 4 + pair.key.count + pair.value.count
                if pair.value.isEmpty { shapes.insert(.emptyValue) }
                if pair.value.count > 1000 { shapes.insert(.longValue) }
                if pair.key.elementsEqual("__proto__".utf8) { shapes.insert(.prototype) }
                for text in [pair.key, pair.value] {
                    if text.contains(where: { $0 >= 0x80 }) { shapes.insert(.multibyte) }
                    if text.contains(where: { $0 >= 0xF0 }) { shapes.insert(.beyondBMP) }
                    if text.contains(0) { shapes.insert(.nul) }
                    if text.contains(where: { 0x01..<0x20 ~= $0 }) { shapes.insert(.control) }
                }
                keys.append(String(decoding: pair.key, as: UTF8.self))
            }
            if length > 65_000 { shapes.insert(.largest) }
            // Strings are equal when they are canonically so, and the keys of a context differ in their bytes.
            if Set(keys).count < keys.count { shapes.insert(.equivalent) }
            let byBytes = keys.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
            let byUnits = keys.sorted { $0.utf16.lexicographicallyPrecedes($1.utf16) }
            if !byBytes.elementsEqual(byUnits, by: { $0.hasSameBytes(as: $1) }) { shapes.insert(.encodingOrder) }
            return shapes
        }
    }

    /// A combination of values.
    package struct Cell: Hashable, Sendable {
        package var suite: String?
        package var keyring: String?
        package var framing: Framing?
        package var shape: ContextShape?
    }

    /// How many tests there are.
    package private(set) var tests = 0
    /// How many of them could not be read: a message is missing, or is not one.
    package private(set) var unread = 0
    /// How many tests have each combination: of suite, keyring and framing, and of each of these with each shape.
    package private(set) var cells: [Cell: Int] = [:]

    /// Nothing.
    package init() {}

    private mutating func add(suite: String, keyring: String, frameLength: Int, context: [ContextPairs.Pair]) {
        let framing = Framing(frameLength: frameLength)
        tests += 1
        cells[Cell(suite: suite, keyring: keyring, framing: framing), default: 0] += 1
        for shape in ContextShape.all(of: context) {
            cells[Cell(suite: suite, shape: shape), default: 0] += 1
            cells[Cell(keyring: keyring, shape: shape), default: 0] += 1
            cells[Cell(framing: framing, shape: shape), default: 0] += 1
        }
    }

    // MARK: Sets

    /// Adds the tests of a manifest, or of the sets in a folder: messages, or a plan of what to encrypt.
    ///
    /// - Throws: `VectorError` where nothing of the kind is there.
    package mutating func add(_ path: String) throws(VectorError) {
        var isPlan = false
        if RegularFile.exists(path), !RegularFile.isFolder(path) {
            isPlan = try [.encrypt, .decryptGenerate].contains(ManifestFile(path: path).knownHeader().kind)
        }
        if !isPlan {
            do throws(VectorError) {
                for set in try RequestedSets([path]).sets { add(set) }
                return
            } catch  where error.code == .nothingToDecrypt {}
        }
        let kind = isPlan ? try ManifestFile(path: path).knownHeader().kind : .encrypt
        add(try EncryptSetLoader.load(path, kind: kind))
    }

    /// Adds tests to decrypt, by what their messages say.
    mutating func add(_ set: VectorSet) {
        for test in set.decryptTests {
            guard case .success(let instructions) = test.content,
                let bytes = try? set.folder.read(instructions.ciphertext),
                let (message, _) = try? MessageDissector.survey(MessageSource(bytes), detailedFrames: 0),
                let suite = message.knownSuite
            else {
                tests += 1
                unread += 1
                continue
            }
            var pairs = message.encryptionContext
                .filter { !$0.key.hasSameBytes(as: EncryptionContext.publicKeyName) }
                .map { ContextPairs.Pair(key: Array($0.key.utf8), value: Array($0.value.utf8)) }
            let required = instructions.requiredContextKeys
            pairs += instructions.encryptionContext.pairs.filter { required.contains($0.key) }
            add(
                suite: suite.idText,
                keyring: instructions.keys.summary(keys: set.keys),
                frameLength: Int(message.frameLength),
                context: pairs
            )
        }
    }

    /// Adds tests to encrypt.
    mutating func add(_ set: EncryptSet) {
        for test in set.tests {
            guard case .success(let instructions) = test.content else {
                tests += 1
                unread += 1
                continue
            }
            add(
                suite: instructions.suite.idText,
                keyring: instructions.decryptKeys.description.summary(keys: set.keys),
                frameLength: instructions.frameLength,
                context: instructions.encryptionContext.pairs
            )
        }
    }

    /// What the tests of a matrix cover.
    ///
    /// - Throws: `VectorError` for a matrix with too many tests.
    package init(of matrix: TestMatrix) throws(VectorError) {
        self.init()
        for test in try MatrixEnumeration(matrix).combinations {
            let pairs = test.pairs.map { ContextPairs.Pair(key: Array($0.key.utf8), value: Array($0.value.utf8)) }
            add(
                suite: test.suite.idText,
                keyring: test.keyring.description.summary(keys: matrix.keys),
                frameLength: test.frameLength,
                context: pairs
            )
        }
    }

    // MARK: Reading

    /// The combinations that another coverage has and this one lacks, in order.
    package func holes(against wanted: SetCoverage) -> [Cell] {
        wanted.cells.keys.filter { cells[$0] == nil }.sorted { "\($0)" < "\($1)" }
    }

    /// The suites, in order.
    package var suites: [String] { Set(cells.keys.compactMap(\.suite)).sorted() }
    /// The keyrings, in order.
    package var keyrings: [String] { Set(cells.keys.compactMap(\.keyring)).sorted() }

    /// How many tests have these values; nil stands for any.
    package func count(suite: String? = nil, keyring: String? = nil, framing: Framing? = nil) -> Int {
        cells.reduce(0) { sum, cell in
            guard cell.key.shape == nil, suite == nil || cell.key.suite == suite,
                keyring == nil || cell.key.keyring == keyring, framing == nil || cell.key.framing == framing
            else { return sum }
            return sum + cell.value
        }
    }
}

extension SetCoverage.Cell: CustomStringConvertible {
    package var description: String {
        let shape = shape.map { "context: \($0.rawValue)" }
        return [keyring, suite, framing?.rawValue, shape].compactMap(\.self).joined(separator: " · ")
    }
}
