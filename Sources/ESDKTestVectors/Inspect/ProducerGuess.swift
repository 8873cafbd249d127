import AWSMaterialProviders
import ESDKCrypto
import MessageForge

/// Who probably wrote a message, judged by the conventions in which implementations differ.
///
/// A guess, not a finding: any implementation can be told to write otherwise, and a message does not name its writer.
package struct ProducerGuess: Sendable {
    /// An implementation.
    package enum Producer: String, Sendable, CaseIterable {
        case java = "Java"
        case python = "Python"
        case javaScript = "JavaScript"
        case c = "C"
        case net = ".NET 4"
        case rust = "Rust"
        case go = "Go"
        case swift = "Swift (this library)"
        case earlyJava = "Java of 2016"
        case earlyJavaScript = "early JavaScript"
        case testVectors = "hand-made test vectors"

        /// Those that a message without any oddity may come from.
        static let usual: Set<Producer> = [.java, .python, .javaScript, .c, .net, .rust, .go, .swift]
    }

    /// How sure the guess is.
    package enum Certainty: String, Sendable {
        /// Only one of them is known to write so.
        case likely
        /// Some of them are ruled out.
        case narrowed
        /// Every implementation writes so.
        case open
    }

    /// Those that may have written it, in the order of `Producer`; empty when the conventions contradict each other.
    package let candidates: [Producer]
    /// How sure that is.
    package let certainty: Certainty
    /// What the guess rests on.
    package let evidence: [String]

    init(_ message: DissectedMessage) {
        var found = Evidence()
        found.addContext(message)
        found.addBody(message)
        found.addDataKeys(message)
        candidates = Producer.allCases.filter(found.candidates.contains)
        evidence = found.texts
        certainty =
            candidates.count == 1
            ? .likely : found.candidates == Producer.usual ? .open : .narrowed
    }

    /// The guess in words.
    package var description: String {
        let names = candidates.map(\.rawValue)
        guard let last = names.last else { return "no implementation that is known here" }
        if certainty == .open { return "any implementation, as far as its form tells" }
        let list = names.count == 1 ? last : "\(names.dropLast().joined(separator: ", ")) or \(last)"
        return certainty == .likely ? "probably \(list)" : list
    }
}

/// What speaks for and against implementations.
private struct Evidence {
    typealias Producer = ProducerGuess.Producer

    var candidates = Producer.usual
    var texts: [String] = []

    /// Notes something that only some of the usual implementations do.
    private mutating func only(_ producers: Set<Producer>, _ text: String) {
        // Old and made-up messages are recognized by something else, and nothing more is known of them.
        let rest = candidates.intersection(producers.union(Set(Producer.allCases).subtracting(Producer.usual)))
        guard rest != candidates else { return }
        candidates = rest
        texts.append(text)
    }

    private mutating func never(_ producers: Set<Producer>, _ text: String) {
        only(Producer.usual.subtracting(producers), text)
    }

    /// Notes something that only one writer of old or made-up messages does.
    private mutating func told(_ producer: Producer, _ text: String) {
        candidates = candidates.isSubset(of: Producer.usual) ? [producer] : candidates.union([producer])
        texts.append(text)
    }

    mutating func addContext(_ message: DissectedMessage) {
        if message.emptyContextForm == .zeroCount, message.encryptionContext.isEmpty {
            told(.earlyJavaScript, "an empty encryption context with a count")
        }
        switch ContextOrder(message.encryptionContext) {
        case .ascending: break
        case .publicKeyLast: told(.testVectors, "the public key after all other pairs")
        case .utf16: told(.earlyJavaScript, "an encryption context in the order of UTF-16")
        case .locale: told(.earlyJavaScript, "an encryption context in the order of a locale")
        case .other: told(.testVectors, "an encryption context in no known order")
        }
    }

    mutating func addBody(_ message: DissectedMessage) {
        if message.headerIV != MessageBlueprint.zeroIV { told(.earlyJava, "a header IV that is not zero") }
        guard let body = message.body else { return }
        if let last = body.last, !last.hasUsualIV, body.otherIVCount == 1,
            last.iv.starts(with: [0xFF, 0xFF, 0xFF, 0xFF])
        {
            told(.testVectors, "a final IV as in the vectors of key commitment")
        } else if body.otherIVCount > 0 {
            told(.earlyJava, "random IVs of frames")
        }
        if message.contentType == 1 { only([.java, .python, .c], "a non-framed body") }
        guard let last = body.last, last.kind == .final else { return }
        let frameLength = Int(message.frameLength)
        if last.contentLength == 0, body.regularFrameCount > 0 {
            only([.java, .python, .javaScript, .c], "an empty final frame after full ones")
        } else if last.contentLength == frameLength, frameLength > 0 {
            only([.net, .rust, .go, .swift], "a full final frame")
        }
        if frameLength % 128 != 0 { never([.python], "a frame length that is not a multiple of 128") }
        if frameLength == 262_144 { only([.c], "C's default frame length of 262,144") }
        addSignature(message)
    }

    private mutating func addSignature(_ message: DissectedMessage) {
        guard let signature = message.signature, let curve = message.algorithmSuite.signature?.curve else { return }
        let length = curve.maximumSignatureLength - 1
        if signature.count != length {
            only([.javaScript], "a signature of \(signature.count) bytes, not \(length)")
        }
    }

    mutating func addDataKeys(_ message: DissectedMessage) {
        let providers = Set(message.encryptedDataKeys.map { String(decoding: $0.keyProviderID, as: UTF8.self) })
        if providers.contains("aws-kms-hierarchy") { never([.c], "a data key under a branch key") }
        if !providers.isDisjoint(with: ["raw-ecdh", "aws-kms-ecdh", "aws-kms-rsa"]) {
            never([.c, .javaScript], "a data key of a keyring that only newer implementations have")
        }
    }
}
