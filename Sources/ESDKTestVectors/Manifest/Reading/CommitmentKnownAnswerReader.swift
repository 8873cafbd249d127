internal import StrictJSON

/// Reads the commitment known answers, whose messages and data keys lie in the file itself.
struct CommitmentKnownAnswerReader {
    /// Whether an object without a `manifest` member is such a file: by the shape of its first test.
    static func recognises(_ fields: ManifestFields) -> Bool {
        guard let first = fields.value("tests")?.array?.first?.object else { return false }
        return first["decrypted-dek"] != nil && first["ciphertext"] != nil && first["status"] != nil
    }

    /// Reads a set; its ids are `kat-01`, `kat-02` and so on in the order of the file.
    ///
    /// - Parameters:
    ///   - file: the file.
    ///   - header: its header.
    ///   - path: the set's path as the user gave it.
    static func read(_ file: ManifestFile, header: ManifestHeader, path: String) -> VectorSet {
        var entries: [KeyEntry] = []
        var tests: [DecryptTest] = []
        for (index, value) in (file.fields.value("tests")?.array ?? []).enumerated() {
            let number = String(index + 1)
            let id = "kat-" + String(repeating: "0", count: max(2 - number.utf8.count, 0)) + number
            let content: Result<DecryptInstructions, VectorError>
            do throws(VectorError) {
                content = .success(try instructions(id: id, ManifestFields(value, "the test"), entries: &entries))
            } catch {
                content = .failure(error)
            }
            tests.append(
                DecryptTest(
                    id: id,
                    description: value["comment"]?.string,
                    keys: .dataKey(key: id),
                    declaredSuite: nil,
                    declaredFrameLength: nil,
                    content: content
                )
            )
        }
        return VectorSet(
            path: path,
            manifestPath: file.path,
            header: header,
            producer: Producer(name: file.fields.value("title")?.string, version: file.fields.value("date")?.string),
            folder: VectorFolder(file.folderPath),
            keys: KeyTable(declaredVersion: nil, entries: entries),
            decryptTests: tests,
            diagnostics: []
        )
    }

    private static func instructions(
        id: String,
        _ fields: ManifestFields,
        entries: inout [KeyEntry]
    ) throws(VectorError) -> DecryptInstructions {
        guard let ciphertext = try fields.base64("ciphertext") else { throw fields.missing("ciphertext") }
        guard let dataKey = try fields.base64("decrypted-dek") else { throw fields.missing("decrypted-dek") }
        guard let succeeds = try fields.bool("status") else { throw fields.missing("status") }
        let expected: ExpectedResult
        if succeeds {
            guard let frames = try fields.strings("plaintext-frames") else { throw fields.missing("plaintext-frames") }
            expected = .plaintext(.inline(frames.flatMap { Array($0.utf8) }))
        } else {
            expected = .refusal(try fields.string("exception"))
        }
        let context = try fields.context("encryption-context") ?? ContextPairs()
        entries.append(
            KeyEntry(
                name: id,
                keyID: id,
                encrypt: nil,
                decrypt: true,
                bits: nil,
                material: .dataKey(try KeyBytes.check(dataKey, bits: nil))
            )
        )
        return DecryptInstructions(
            ciphertext: .inline(ciphertext),
            keys: .dataKey(key: id),
            encryptionContext: context,
            expected: expected
        )
    }
}
