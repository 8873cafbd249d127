import CryptoPrimitives
import MaterialProviders

/// Wraps the data key of a message again like each of its encrypted data keys.
struct DataKeyReproducer {
    let dataKey: SecretBytes
    let context: WrappingContext
    /// The keys that it may be wrapped under.
    let keys: [any WrappingKey]
    let layout: MessageLayout

    func reproduce(_ encryptedDataKey: EncryptedDataKey, at index: Int) -> DataKeyReproduction {
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
                failures.append((key, explain(encryptedDataKey, again.encryptedDataKey, at: index, under: key)))
            } catch {
                failures.append((key, "\(error)"))
            }
        }
        let (key, reason) = failures[0]
        return DataKeyReproduction(index: index, outcome: .different(key: key.name, reason: reason))
    }

    /// The first difference, and the convention that makes it go away.
    private func explain(
        _ original: EncryptedDataKey,
        _ again: EncryptedDataKey,
        at index: Int,
        under key: any WrappingKey
    ) -> String {
        let difference = "\(self.difference(original, again, at: index))"
        guard key.bindsContext else { return difference }
        for deviation in context.deviations {
            let attempt = try? key.rewrap(dataKey, like: original, context: deviation.bytes)
            if attempt?.encryptedDataKey == original {
                return "\(difference); it would be identical with \(deviation.name)"
            }
        }
        return difference
    }

    private func difference(_ original: EncryptedDataKey, _ again: EncryptedDataKey, at index: Int) -> MessageDifference
    {
        let parts: [(MessageField.DataKeyPart, [UInt8], [UInt8])] = [
            (.keyProviderID, original.keyProviderID, again.keyProviderID),
            (.keyProviderInfo, original.keyProviderInfo, again.keyProviderInfo),
            (.ciphertext, original.ciphertext, again.ciphertext),
        ]
        // The caller has found that one of them differs.
        let (part, found, expected) = parts.first { $0.1 != $0.2 } ?? parts[2]
        let place = zip(found, expected).enumerated().first { $0.element.0 != $0.element.1 }?.offset
        let start = place ?? min(found.count, expected.count)
        let field = MessageField.encryptedDataKey(index, part)
        return MessageDifference(
            field: field,
            offset: (layout.range(of: field)?.lowerBound ?? 0) + start,
            expected: Array(expected.dropFirst(start)),
            found: Array(found.dropFirst(start))
        )
    }
}
