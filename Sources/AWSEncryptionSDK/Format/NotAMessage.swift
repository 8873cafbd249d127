import AWSMaterialProviders

/// Says what an input looks like that does not start with a version byte.
enum NotAMessage {
    static func error(startingWith bytes: Span<UInt8>) -> EncryptionSDKError {
        let place = EncryptionSDKError.Place(offset: 0, field: "Version")
        func starts(with text: String) -> Bool {
            let prefix = Array(text.utf8)
            guard bytes.count >= prefix.count else { return false }
            for (index, byte) in prefix.enumerated() where bytes[index] != byte { return false }
            return true
        }
        // The version bytes 1 and 2 come out of Base64 as AY, AQ… and Ag; the rest of a message decides the second letter.
        if starts(with: "AY") || starts(with: "Ag") {
            return EncryptionSDKError(
                .base64EncodedMessage,
                "the input is Base64 text of a message: decode it first",
                at: place
            )
        }
        let guess: String? =
            switch bytes[0] {
            case 0x1F where bytes.count > 1 && bytes[1] == 0x8B: "it looks like gzip data: decompress it first"
            case UInt8(ascii: "{"), UInt8(ascii: "["): "it looks like JSON"
            case UInt8(ascii: "P") where starts(with: "PK"): "it looks like a zip archive: unpack it first"
            case UInt8(ascii: "-") where starts(with: "-----BEGIN"): "it looks like a PEM file"
            default: nil
            }
        let reason = "the input starts with the byte \(bytes[0]), a message starts with its version, 1 or 2"
        return EncryptionSDKError(.unsupportedVersion, guess.map { "\(reason); \($0)" } ?? reason, at: place)
    }
}
