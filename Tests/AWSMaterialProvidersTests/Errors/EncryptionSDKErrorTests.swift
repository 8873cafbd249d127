import AWSMaterialProviders
import ESDKCrypto
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

    private func refusal(_ code: EncryptionSDKError.Code, _ index: Int = 0) -> DataKeyRefusal {
        DataKeyRefusal(encryptedDataKey: index, keyring: "keyring", error: EncryptionSDKError(code, "reason"))
    }

    @Test("When a key service could not be asked, the error says that, not that nothing opens")
    func outage() {
        let noKey = [refusal(.notForThisKeyring), refusal(.unwrappingFailed), refusal(.awsAccessDenied)]
        let closed = EncryptionSDKError(nothingOpened: "nothing opened", refusals: noKey)
        #expect(closed.code == .noDataKey)
        #expect(closed.category == .noDataKey)
        #expect(!closed.isRetryable)
        let cause = AWSServiceError(.endpointUnreachable, "", service: "KMS", operation: "Decrypt")
        let down = DataKeyRefusal(encryptedDataKey: 3, keyring: "keyring", error: EncryptionSDKError(cause))
        let open = EncryptionSDKError(
            nothingOpened: "nothing opened",
            refusals: noKey + [refusal(.awsCredentials), down]
        )
        #expect(open.code == .awsUnavailable)
        #expect(open.category == .service)
        #expect(open.isRetryable)
        #expect(open.serviceError == cause)
        #expect(open.refusals.count == 5)
        #expect(open.description.contains("could not be tried"))
        let locked = EncryptionSDKError(nothingOpened: "nothing opened", refusals: noKey + [refusal(.awsCredentials)])
        #expect(locked.category == .credentials)
        #expect(!locked.isRetryable)
        // A keyring outside the package has codes of its own, and those decide as well.
        let vault = EncryptionSDKError.Code("vaultSealed", category: .service)
        #expect(EncryptionSDKError(nothingOpened: "", refusals: noKey + [refusal(vault)]).code == vault)
    }

    @Test("Missing credentials, a missing permission, a wrong configuration and an outage of AWS are told apart")
    func obstacles() {
        func error(_ code: AWSServiceError.Code) -> EncryptionSDKError {
            EncryptionSDKError(AWSServiceError(code, "", service: "KMS", operation: "Decrypt"))
        }
        for code in [.noCredentials, .init("ExpiredTokenException"), .init("InvalidSignatureException")]
            as [AWSServiceError.Code]
        {
            #expect(error(code).code == .awsCredentials)
            #expect(error(code).category == .credentials)
        }
        #expect(error(.accessDenied).category == .permission)
        #expect(error(.invalidConfiguration).code == .awsConfiguration)
        #expect(error(.invalidConfiguration).category == .configuration)
        for code in [.endpointUnreachable, .noResponse, .invalidResponse, .init("ThrottlingException")]
            as [AWSServiceError.Code]
        {
            #expect(error(code).code == .awsUnavailable)
            #expect(error(code).isRetryable)
        }
        #expect(error(.disabled).category == .noDataKey)
        #expect(!error(.disabled).isRetryable)
        struct VaultError: Error {}
        #expect(EncryptionSDKError(keyringFailure: VaultError()).underlyingError is VaultError)
    }

    @Test("Many refusals are counted, and the first of each code are kept")
    func manyRefusals() {
        var refusals = DataKeyRefusals()
        for index in 0..<65_535 {
            let code: EncryptionSDKError.Code = index == 65_000 ? .awsUnavailable : .notForThisKeyring
            refusals.add(EncryptionSDKError(code, "reason"), of: index, wrappedBy: "key \(index)", by: "keyring")
        }
        var all = DataKeyRefusals()
        for _ in 0..<10 { all.add(refusals.error("one"), by: "keyring") }
        let error = all.error("ten")
        #expect(error.refusalCount == 655_350)
        #expect(error.refusals.count < 100)
        #expect(error.refusals.first?.encryptedDataKey == 65_000)
        #expect(error.refusals.first?.wrappingKey == "key 65000")
        #expect(error.code == .awsUnavailable)
        #expect(error.description.hasSuffix("and 655334 more"))
    }

    @Test("A refusal names the key that the message names, beside the keyring")
    func wrappingKey() async throws {
        let keyring = try RawAESKeyring(
            keyNamespace: "mine",
            keyName: "one",
            wrappingKey: SecretBytes([UInt8](repeating: 1, count: 32)),
            wrappingAlgorithm: .aes256GCM
        )
        let arn = "arn:aws:kms:us-west-2:658956600833:key/b3537ef1-d8dc-4780-9f5a-55776cbb2f7f"
        let iv: [UInt8] = [0, 0, 0, 128, 0, 0, 0, 12] + (0..<12)
        let keys: [(id: String, info: [UInt8], text: String)] = [
            ("theirs", Array("two".utf8) + iv, #"key namespace "theirs", key name "two""#),
            ("mine", Array("\u{1B}[2J".utf8), #"key namespace "mine", key name "\u{1B}[2J""#),
            ("aws-kms", Array(arn.utf8), "\"\(arn)\""),
            ("raw-ecdh", [0, 0, 0, 33, 2, 0xFF], #"key namespace "raw-ecdh""#),
        ]
        let error = await #expect(throws: EncryptionSDKError.self) {
            try await keyring.onDecrypt(
                DecryptionMaterials(algorithmSuite: .aes256GCM, encryptionContext: [:]),
                encryptedDataKeys: keys.map {
                    EncryptedDataKey(keyProviderID: Array($0.id.utf8), keyProviderInfo: $0.info, ciphertext: [1])
                }
            )
        }
        #expect(error?.refusals.map(\.wrappingKey) == keys.map(\.text))
        #expect(
            error?.description.contains("encrypted data key 0 (\(keys[0].text)), raw AES-256 keyring mine/one: ")
                == true
        )
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
