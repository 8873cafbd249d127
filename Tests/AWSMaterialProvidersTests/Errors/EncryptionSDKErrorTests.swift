import AWSMaterialProviders
import Testing

@Suite("EncryptionSDKError")
struct EncryptionSDKErrorTests {
    @Test("Errors are equal when their codes are")
    func equality() {
        let error = EncryptionSDKError(.headerTagMismatch, "one reason", at: .init(offset: 3))
        #expect(error == EncryptionSDKError(.headerTagMismatch, "another"))
        #expect(error != EncryptionSDKError(.bodyTagMismatch, "one reason", at: .init(offset: 3)))
        #expect(Set([error, EncryptionSDKError(.headerTagMismatch, "another")]).count == 1)
    }

    @Test("A code of one's own is a code like others")
    func ownCode() {
        let code = EncryptionSDKError.Code("vaultSealed", category: .service)
        #expect(code == EncryptionSDKError.Code("vaultSealed", category: .format))
        #expect(code != .noDataKey)
        #expect(EncryptionSDKError(code, "the vault is sealed").description == "vaultSealed: the vault is sealed")
    }

    @Test("The description says what, where, and every refusal up to a number")
    func description() {
        let place = EncryptionSDKError.Place(offset: 20, field: "AAD", frame: 3, encryptedDataKey: 1)
        #expect(place.description == "offset 20, field AAD, frame 3, encrypted data key 1")
        #expect(EncryptionSDKError(.truncatedMessage, "ends", at: place).description.hasSuffix("(\(place))"))
        #expect(EncryptionSDKError(.truncatedMessage, "ends", at: .init()).description == "truncatedMessage: ends")
        for count in [1, 16, 17, 1_000] {
            let refusals = (0..<count).map { index in
                DataKeyRefusal(
                    encryptedDataKey: index,
                    keyring: "keyring",
                    error: EncryptionSDKError(.unwrappingFailed, "does not open")
                )
            }
            let text = EncryptionSDKError(nothingOpened: "nothing opened", refusals: refusals).description
            let lines = text.split(separator: "\n")
            #expect(lines.count == 1 + min(count, 16) + (count > 16 ? 1 : 0))
            #expect(lines[1] == "  - encrypted data key 0, keyring: unwrappingFailed: does not open")
            if count > 16 { #expect(lines.last == "  - and \(count - 16) more") }
        }
    }

    @Test("Where not every refusal can be spelt out, those of keys that were tried come before those of others")
    func triedKeysFirst() {
        let refusals = (0..<40).map { index in
            let isTried = index % 13 == 12
            return DataKeyRefusal(
                encryptedDataKey: index,
                keyring: "keyring",
                error: EncryptionSDKError(isTried ? .awsAccessDenied : .notForThisKeyring, "reason \(index)")
            )
        }
        let text = EncryptionSDKError(nothingOpened: "nothing opened", refusals: refusals).description
        let lines = text.split(separator: "\n")
        #expect(lines.count == 18)
        #expect(lines[1...3].map { $0.split(separator: " ").last } == ["12", "25", "38"])
        #expect(lines[4].hasSuffix("reason 0"))
        #expect(lines.last == "  - and 24 more")
    }

    @Test("What AWS leaves unsaid, the error says: what to do, or what is likely wrong")
    func hints() {
        func text(_ code: AWSServiceError.Code) -> String {
            EncryptionSDKError(AWSServiceError(code, "", service: "KMS", operation: "Decrypt")).description
        }
        #expect(text(.accessDenied).contains("permission"))
        #expect(text(.invalidCiphertext).contains("encryption context"))
        #expect(text(.incorrectKey).contains("another key"))
        #expect(text(.disabled) == "awsRefusal: KMS Decrypt: DisabledException")
    }
}
