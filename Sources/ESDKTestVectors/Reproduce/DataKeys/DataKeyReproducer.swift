import AWSMaterialProviders
import ESDKCrypto
import MessageForge

/// Wraps the data key of a message again like each of its encrypted data keys.
struct DataKeyReproducer {
    let dataKey: SecretBytes
    let context: WrappingContext
    /// The keys that it may be wrapped under.
    let keys: [any WrappingKey]

    /// Wraps the data key again like `encryptedDataKey`, number `index` of the header, which starts `offset` bytes into the message.
    func reproduce(_ encryptedDataKey: EncryptedDataKey, at index: Int, offset: Int) -> DataKeyReproduction {
        let candidates = keys.filter { $0.isNamed(by: encryptedDataKey) }
        guard !candidates.isEmpty else {
            if let zeros = RawAESWrappingKey.zeros(namedBy: encryptedDataKey),
                let again = try? zeros.rewrap(dataKey, like: encryptedDataKey, context: context.serialized),
                again.encryptedDataKey == encryptedDataKey
            {
                return DataKeyReproduction(
                    index: index,
                    outcome: .identical(key: "raw AES-256 key of zeros", randomness: again.randomness)
                )
            }
            let provider = String(decoding: encryptedDataKey.keyProviderID, as: UTF8.self)
            let reason =
                provider.hasPrefix("aws-kms")
                ? "carried over: wrapped by a service (\(provider))" : "carried over: its key (\(provider)) is not here"
            return DataKeyReproduction(index: index, outcome: .carriedOver(reason: reason))
        }
        var failures: [(key: any WrappingKey, reason: String)] = []
        for key in candidates {
            do {
                let again = try key.rewrap(dataKey, like: encryptedDataKey, context: context.serialized)
                if again.encryptedDataKey == encryptedDataKey {
                    let outcome = DataKeyReproduction.Outcome.identical(key: key.name, randomness: again.randomness)
                    return DataKeyReproduction(index: index, outcome: outcome)
                }
                let difference = difference(encryptedDataKey, again.encryptedDataKey, at: index, offset: offset)
                failures.append((key, explain(difference, of: encryptedDataKey, under: key)))
            } catch {
                failures.append((key, "\(error)"))
            }
        }
        let (key, reason) = failures[0]
        return DataKeyReproduction(index: index, outcome: .different(key: key.name, reason: reason))
    }

    /// The first difference, and the convention that makes it go away.
    private func explain(
        _ difference: MessageDifference,
        of original: EncryptedDataKey,
        under key: any WrappingKey
    ) -> String {
        guard key.bindsContext else { return "\(difference)" }
        for deviation in context.deviations {
            let attempt = try? key.rewrap(dataKey, like: original, context: deviation.bytes)
            if attempt?.encryptedDataKey == original {
                return "\(difference); it would be identical with \(deviation.name)"
            }
        }
        return "\(difference)"
    }

    private func difference(
        _ original: EncryptedDataKey,
        _ again: EncryptedDataKey,
        at index: Int,
        offset: Int
    ) -> MessageDifference {
        let parts: [(MessageField.DataKeyPart, found: [UInt8], expected: [UInt8])] = [
            (.keyProviderID, original.keyProviderID, again.keyProviderID),
            (.keyProviderInfo, original.keyProviderInfo, again.keyProviderInfo),
            (.ciphertext, original.ciphertext, again.ciphertext),
        ]
        // The caller has found that one of them differs.
        let place = parts.firstIndex { $0.found != $0.expected } ?? parts.count - 1
        let (part, found, expected) = parts[place]
        let pair = zip(found, expected).enumerated().first { $0.element.0 != $0.element.1 }
        let start = pair?.offset ?? min(found.count, expected.count)
        let partOffset = parts[..<place].reduce(offset + 2) { $0 + $1.found.count + 2 }
        return MessageDifference(
            field: .encryptedDataKey(index, part),
            offset: partOffset + start,
            expected: Array(expected.dropFirst(start)),
            found: Array(found.dropFirst(start))
        )
    }
}
