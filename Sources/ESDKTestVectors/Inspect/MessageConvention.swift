import AWSMaterialProviders
import ESDKCrypto
package import MessageForge

/// A choice in which a message departs from the form that this library writes, though every reader takes both.
package enum MessageConvention: Sendable, Hashable {
    /// One block instead of frames.
    case nonFramed
    /// An empty final frame after full ones.
    case emptyFinalFrame
    /// The IV of the header's tag is not zero.
    case headerIV
    /// IVs of frames are not their sequence numbers.
    case frameIVs
    /// Only the final frame's IV is not its sequence number, as in the key commitment vectors 6 to 21.
    case finalFrameIV
    /// The public key's pair stands after all others, which are sorted.
    case publicKeyLast
    /// The pairs are not sorted.
    case unsortedContext
    /// An empty encryption context is written with its count.
    case countedEmptyContext
    /// The signature has another length than the usual 71 or 103 bytes.
    case signatureLength(Int)
    /// The rules of ESDK-NET 4.0.0.
    case netV4_0_0

    /// The conventions of a message.
    ///
    /// - Parameter blueprint: recovered from the message.
    package static func found(in blueprint: MessageBlueprint) -> [MessageConvention] {
        var found: [MessageConvention] = []
        if blueprint.frames.first?.kind == .singleBlock { found.append(.nonFramed) }
        if blueprint.frames.last?.plaintextLength == 0, !blueprint.plaintext.isEmpty { found.append(.emptyFinalFrame) }
        let places = blueprint.frames.indices.filter { blueprint.frames[$0].iv != .sequenceNumber }
        let isOnlyFinal = places == [blueprint.frames.count - 1] && blueprint.frames.last?.kind == .final
        found += ofIVs(header: blueprint.headerIV, otherFrames: places.count, isOnlyFinal: isOnlyFinal)
        found += ofContext(blueprint.encryptionContext, blueprint.emptyContextForm)
        if case .signature(let bytes) = blueprint.footer {
            found += ofSignature(bytes, blueprint.algorithmSuite)
        }
        if case .dataKey(_, .netV4_0_0) = blueprint.keys { found.append(.netV4_0_0) }
        return found
    }

    /// The conventions of a message that was taken apart, as far as they show without a key.
    package static func found(in message: DissectedMessage) -> [MessageConvention] {
        var found: [MessageConvention] = []
        if let body = message.body, let last = body.last {
            if last.kind == .singleBlock { found.append(.nonFramed) }
            if last.contentLength == 0, body.contentLength > 0 { found.append(.emptyFinalFrame) }
            let isOnlyFinal = body.otherIVCount == 1 && !last.hasUsualIV && last.kind == .final
            found += ofIVs(header: message.headerIV, otherFrames: body.otherIVCount, isOnlyFinal: isOnlyFinal)
        }
        found += ofContext(message.encryptionContext, message.emptyContextForm)
        if let signature = message.signature { found += ofSignature(signature, message.algorithmSuite) }
        return found
    }

    private static func ofIVs(header: [UInt8], otherFrames: Int, isOnlyFinal: Bool) -> [MessageConvention] {
        (header == MessageBlueprint.zeroIV ? [] : [.headerIV])
            + (otherFrames == 0 ? [] : [isOnlyFinal ? .finalFrameIV : .frameIVs])
    }

    private static func ofContext(
        _ pairs: [EncryptionContext.Entry],
        _ emptyForm: MessageBlueprint.EmptyContextForm
    ) -> [MessageConvention] {
        if pairs.isEmpty { return emptyForm == .zeroCount ? [.countedEmptyContext] : [] }
        return orderConvention(pairs).map { [$0] } ?? []
    }

    private static func ofSignature(_ signature: [UInt8], _ suite: AlgorithmSuite) -> [MessageConvention] {
        guard let curve = suite.signature?.curve, signature.count != curve.maximumSignatureLength - 1 else { return [] }
        return [.signatureLength(signature.count)]
    }

    private static func orderConvention(_ pairs: [EncryptionContext.Entry]) -> MessageConvention? {
        func isSorted(_ pairs: some Sequence<EncryptionContext.Entry>) -> Bool {
            zip(pairs, pairs.dropFirst()).allSatisfy { $0.keyBytes.lexicographicallyPrecedes($1.keyBytes) }
        }
        if isSorted(pairs) { return nil }
        let isKeyLast = pairs.last?.key == EncryptionContext.publicKeyName
        return isKeyLast && isSorted(pairs.dropLast()) ? .publicKeyLast : .unsortedContext
    }
}

extension MessageConvention: CustomStringConvertible {
    /// The convention in words.
    package var description: String {
        switch self {
        case .nonFramed: "non-framed"
        case .emptyFinalFrame: "empty final frame"
        case .headerIV: "header IV not zero"
        case .frameIVs: "frame IVs other than sequence numbers"
        case .finalFrameIV: "final frame IV other than its sequence number"
        case .publicKeyLast: "public key last"
        case .unsortedContext: "unsorted encryption context"
        case .countedEmptyContext: "empty encryption context with a count"
        case .signatureLength(let length): "signature of \(length) bytes"
        case .netV4_0_0: "rules of ESDK-NET 4.0.0"
        }
    }
}
