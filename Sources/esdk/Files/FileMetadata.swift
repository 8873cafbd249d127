import AWSEncryptionSDK
import ESDKCrypto
import ESDKSystem
import ESDKTestVectors
import StrictJSON

/// A line of JSON about a file.
///
/// Members that the metadata of `aws-encryption-cli` has, too, have its names and meaning: `mode`, `input`, `output`, `header`,
/// `header_auth`, `skipped`, `reason`.
struct FileMetadata {
    private var members: JSONObject
    /// What the message is, on one line.
    private(set) var summary = ""

    /// What is known of every file.
    private init(_ job: FileJob, _ task: FileTask) {
        let input = job.input.shown("<stdin>")
        members = ["mode": task == .encrypt ? "encrypt" : "decrypt", "input": .string(Self.absolute(input, job.input))]
        if let output = job.output {
            members["output"] = .string(Self.absolute(output.shown("<stdout>"), output))
        } else {
            members["output"] = .null
        }
    }

    private static func absolute(_ text: String, _ place: FileJob.Place) -> String {
        guard case .path(let path) = place, !path.isAbsolute, let folder = try? SystemFile.resolve(path.parent) else {
            return text
        }
        return folder.appending(path.lastComponent).description
    }

    /// A message that was written.
    init(_ job: FileJob, _ message: WrittenMessage) {
        self.init(job, .encrypt)
        add(message.header)
    }

    /// A message that was opened.
    init(_ job: FileJob, _ message: VerifiedMessage) {
        self.init(job, .decrypt)
        add(message.header)
        members["header_auth"] = ["iv": Self.base64(message.header.tagIV), "tag": Self.base64(message.header.tag)]
        let header = message.header
        let context = message.encryptionContext.entries.filter { $0.key != EncryptionContext.publicKeyName }
        summary =
            "verified; \(header.algorithmSuite)"
            + (message.dataKeyOrigin.map { "; opened by \($0.keyring)" } ?? "")
            + (context.isEmpty
                ? ""
                : "; context " + TerminalText.oneLine(context.map { "\($0.key)=\($0.value)" }.joined(separator: ", ")))
        if let origin = message.dataKeyOrigin {
            members["opened_by"] = [
                "encrypted_data_key": .integer(Int64(origin.encryptedDataKey)), "keyring": .string(origin.keyring),
            ]
        }
    }

    /// A message that was rescued.
    init(_ job: FileJob, _ rescued: RescuedFile) {
        self.init(job, rescued.message)
        if rescued.isRewrapped { members["mode"] = "rewrap" }
        if let output = rescued.output { members["output"] = .string(Self.absolute("\(output)", .path(output))) }
        members["complete"] = .bool(rescued.isComplete)
        members["rescued"] = .array(
            rescued.undone.map {
                [
                    "as": .string($0.deviation.rawValue), "fault": .string($0.fault),
                    "writer": .string($0.deviation.writer), "remedy": .string($0.remedy),
                ]
            }
        )
    }

    /// A file that was not done.
    init(_ job: FileJob, _ task: FileTask, _ failure: FileFailure) {
        self.init(job, task)
        members["skipped"] = true
        members["reason"] = .string(failure.reason)
        members["code"] = .string(failure.code)
        if !failure.details.isEmpty { members["details"] = .array(failure.details.map { .string($0) }) }
    }

    private mutating func add(_ header: MessageHeader) {
        let suite = header.algorithmSuite
        members["suite"] = .string(suite.idText)
        members["committing"] = .bool(suite.isCommitting)
        members["signed"] = .bool(suite.signature != nil)
        let keys = header.encryptedDataKeys.sorted {
            ($0.keyProviderID + $0.keyProviderInfo).lexicographicallyPrecedes($1.keyProviderID + $1.keyProviderInfo)
        }
        var object: JSONObject = [
            "version": .string("\(header.version).0"),
            "algorithm": .string(suite.constantName),
            "type": header.version == 1 ? 128 : .null,
            "message_id": Self.base64(header.messageID),
            "encryption_context": .object(
                JSONObject(
                    header.encryptionContext.entries.map { .init(name: $0.key, value: .string($0.value)) }
                )
            ),
            "encrypted_data_keys": .array(
                keys.map { key in
                    [
                        "key_provider": [
                            "provider_id": Self.base64(key.keyProviderID), "key_info": Self.base64(key.keyProviderInfo),
                        ],
                        "encrypted_data_key": Self.base64(key.ciphertext),
                    ]
                }
            ),
            "content_type": .integer(Int64(header.contentType.rawValue)),
            "header_iv_length": .integer(Int64(header.tagIV.count)),
            "frame_length": .integer(Int64(header.frameLength)),
        ]
        if suite.isCommitting { object["commitment_key"] = Self.base64(header.commitment) }
        members["header"] = .object(object)
    }

    private static func base64(_ bytes: [UInt8]) -> JSONValue { .string(Base64.encode(bytes)) }

    /// The line, with its end.
    func line() throws(JSONError) -> [UInt8] {
        try StrictJSON.serialize(.object(members), pretty: false) + [UInt8(ascii: "\n")]
    }
}
