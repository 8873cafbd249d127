import AWSMaterialProviders
import ESDKCrypto
import Foundation
import TestSupport
import Testing

/// The key store of the Python library, in a process of `scripts/interop/python/key_store.py`.
final class PythonKeyStore {
    struct Refusal: Error {
        let text: String
    }

    /// An interpreter that has the library, when the environment names one.
    static let interpreter = ProcessInfo.processInfo.environment["ESDK_INTEROP_PYTHON"]
    static let comment: Comment =
        "needs ESDK_LOCAL_AWS, and ESDK_INTEROP_PYTHON: the first line that `scripts/interop/run python --prepare` prints"

    private let process: TestProcess

    init(endpoint: String, table: String, kmsKey: String) throws {
        process = try TestProcess(talkingTo: [
            try #require(Self.interpreter), "-B", RepositoryFiles.path("scripts/interop/python/key_store.py"),
            "--endpoint", endpoint, "--table", table, "--kms-key", kmsKey,
        ])
    }

    deinit { process.stop() }

    /// Lets the library do something.
    ///
    /// - Throws: `Refusal` when it refuses.
    private func call(_ name: String, _ members: [String: Any] = [:]) throws -> [String: Any] {
        var request = members
        request["do"] = name
        let line = try JSONSerialization.data(withJSONObject: request)
        try process.send(line: String(decoding: line, as: UTF8.self))
        let answer = Data(try process.line().utf8)
        let content = try #require(try JSONSerialization.jsonObject(with: answer) as? [String: Any])
        if let text = content["error"] as? String { throw Refusal(text: text) }
        return content
    }

    func createKeyStore() throws -> String {
        try #require(try call("create_key_store")["arn"] as? String)
    }

    func createKey(id: String? = nil, context: [String: String] = [:]) throws -> String {
        let members: [String: Any] = id.map { ["id": $0, "context": context] } ?? [:]
        return try #require(try call("create_key", members)["id"] as? String)
    }

    func versionKey(id: String) throws {
        _ = try call("version_key", ["id": id])
    }

    func activeBranchKey(id: String) throws -> FoundKey {
        try FoundKey(call("active_branch_key", ["id": id]))
    }

    func branchKey(id: String, version: String) throws -> FoundKey {
        try FoundKey(call("branch_key", ["id": id, "version": version]))
    }

    func beaconKey(id: String) throws -> FoundKey {
        try FoundKey(call("beacon_key", ["id": id]))
    }

    func encrypt(_ plaintext: [UInt8], id: String) throws -> [UInt8] {
        try Self.bytes(call("encrypt", ["id": id, "plaintext": Data(plaintext).base64EncodedString()])["message"])
    }

    func decrypt(_ message: [UInt8], id: String) throws -> [UInt8] {
        try Self.bytes(call("decrypt", ["id": id, "message": Data(message).base64EncodedString()])["plaintext"])
    }

    fileprivate static func bytes(_ value: Any?) throws -> [UInt8] {
        let text = try #require(value as? String)
        return Array(try #require(Data(base64Encoded: text)))
    }
}

/// What a key store says of a branch key, or of a beacon key, which has no version.
struct FoundKey: Equatable {
    let version: String?
    let key: SecretBytes
    let context: EncryptionContext

    init(_ materials: BranchKeyMaterials) {
        version = materials.version
        key = materials.branchKey
        context = materials.encryptionContext
    }

    init(_ materials: BeaconKeyMaterials) {
        version = nil
        key = materials.beaconKey
        context = materials.encryptionContext
    }

    fileprivate init(_ answer: [String: Any]) throws {
        version = answer["version"] as? String
        key = SecretBytes(try PythonKeyStore.bytes(answer["key"]))
        context = EncryptionContext(try #require(answer["context"] as? [String: String]))
    }
}
