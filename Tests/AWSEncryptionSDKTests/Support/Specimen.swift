import AWSMaterialProviders
import TestSupport
import Testing

/// A legal message that property tests take apart.
struct Specimen: Sendable, CustomTestStringConvertible {
    let suite: AlgorithmSuite
    let isFramed: Bool
    let plaintext: [UInt8]
    let dataKey: [UInt8]
    let bytes: [UInt8]
    /// How much plaintext may be released after each frame but the last.
    let frameEnds: [Int]

    init(_ forge: Forge) throws {
        suite = forge.suite
        isFramed = forge.isFramed
        plaintext = forge.plaintext
        dataKey = forge.dataKey
        bytes = try forge.sealed().bytes
        frameEnds = forge.frames.dropLast().reduce(into: [0]) { $0.append(($0.last ?? 0) + $1.plaintext.count) }
    }

    var testDescription: String { "\(suite) \(isFramed ? "framed" : "non-framed"), \(plaintext.count) bytes" }

    /// A reader whose client uses so many threads.
    func reader(lanes: Int = 1) throws -> Reader {
        var reader = try Reader(StubKeyring(dataKey: dataKey))
        reader.client = reader.client.withLanes(lanes)
        return reader
    }

    /// Whether `released` may have been handed out before the end of the message was verified: whole frames from the
    /// beginning, without the last one of a signed message.
    func mayRelease(_ released: [UInt8]) -> Bool {
        guard plaintext.starts(with: released) else { return false }
        return frameEnds.contains(released.count) || suite.signature == nil && released.count == plaintext.count
    }

    /// Versions 1 and 2, framed and not, signed and not, of several frames, one frame, none and an empty one.
    static let all = Result {
        try Forge.suites.flatMap { suite in
            [
                try Forge(suite, frameLength: 8),
                try Forge(suite, frameLength: 27),
                try Forge(suite, plaintext: [], context: [:]),
                try Forge.nonFramed(suite),
            ]
        }.map { try Specimen($0) }
    }
}
