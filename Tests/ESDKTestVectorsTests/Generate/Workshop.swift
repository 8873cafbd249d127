import AWSMaterialProviders
import ESDKCrypto
import Foundation
import StrictJSON
import TestSupport
import Testing

@testable import ESDKTestVectors

/// A manifest that says what to encrypt, its keys, and the sets that come of running it, in a temporary folder.
struct Workshop {
    let folder: TemporaryFolder

    var path: String { folder.path }

    init(
        _ kind: ManifestKind = .encrypt,
        version: Int = 2,
        tests: JSONObject,
        keys: JSONObject? = nil,
        plaintexts: JSONObject = ["small": 100, "empty": 0]
    ) throws {
        let type = kind == .encrypt ? "awses-encrypt" : "awses-decrypt-generate"
        let manifest: JSONValue = [
            "manifest": ["type": .string(type), "version": .integer(Int64(version))],
            "keys": "file://keys.json",
            "plaintexts": .object(plaintexts),
            "tests": .object(tests),
        ]
        let entries: JSONValue = [
            "manifest": ["type": "keys", "version": 3], "keys": .object(try keys ?? Self.keys()),
        ]
        let folder = try TemporaryFolder()
        try folder.write(Self.name(of: kind), StrictJSON.serialize(manifest, pretty: true))
        try folder.write("keys.json", StrictJSON.serialize(entries, pretty: true))
        self.folder = folder
        self.kind = kind
    }

    private let kind: ManifestKind

    private static func name(of kind: ManifestKind) -> String {
        kind == .encrypt ? "encrypt-manifest.json" : "generate-manifest.json"
    }

    func load() throws -> EncryptSet { try EncryptSetLoader.load("\(path)/\(Self.name(of: kind))", kind: kind) }

    /// Runs the manifest.
    func run(
        to output: String = "out",
        jobs: Int = 2,
        _ change: (inout GenerationOptions) -> Void = { _ in }
    ) async throws -> GenerationReport {
        var options = GenerationOptions(run: RunOptions(jobs: jobs), output: "\(path)/\(output)")
        change(&options)
        return try await GenerationRun(load(), options: options).run { _ in }
    }

    /// Decrypts a set that was written.
    func decrypt(_ output: String = "out", aws: AWSServices? = nil) async throws -> RunReport {
        let sets = try VectorSetLoader.load("\(path)/\(output)")
        var options = RunOptions(jobs: 2)
        options.aws = aws
        return await VectorRun(sets, selection: TestSelection(sets, options: options), options: options)
            .run { _, _ in }
    }

    /// A JSON file of a set.
    func json(_ name: String, in output: String = "out") throws -> JSONValue {
        try StrictJSON.parse(bytes(name, in: output), source: name)
    }

    /// A file of a set.
    func bytes(_ name: String, in output: String = "out") throws -> [UInt8] {
        [UInt8](try Data(contentsOf: URL(fileURLWithPath: "\(path)/\(output)/\(name)")))
    }

    /// Every file of a set, by its path below the set's folder.
    func contents(of output: String = "out") throws -> [String: [UInt8]] {
        var contents: [String: [UInt8]] = [:]
        for name in FileManager.default.enumerator(atPath: "\(path)/\(output)")?.allObjects as? [String] ?? [] {
            var isFolder: ObjCBool = false
            _ = FileManager.default.fileExists(atPath: "\(path)/\(output)/\(name)", isDirectory: &isFolder)
            if !isFolder.boolValue { contents[name] = try bytes(name, in: output) }
        }
        return contents
    }

    /// The names in the folder, hidden ones included.
    func names(_ name: String = "") throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: "\(path)/\(name)").sorted()
    }
}

// MARK: - Scenarios

extension Workshop {
    /// A test of the shape of versions 1 to 4.
    static func flat(
        _ keys: JSONValue...,
        suite: String = "0478",
        frameLength: Int64 = 32,
        plaintext: String = "small",
        context: JSONObject = ["key1": "a", "key2": "b"],
        more: JSONObject = [:]
    ) -> JSONValue {
        var object: JSONObject = [
            "plaintext": .string(plaintext), "algorithm": .string(suite), "frame-size": .integer(frameLength),
            "encryption-context": .object(context), "master-keys": .array(keys),
        ]
        for member in more.members { object[member.name] = member.value }
        return .object(object)
    }

    /// A test of the shape of version 5.
    static func scenario(
        _ encryptKeys: JSONValue,
        decrypt decryptKeys: JSONValue? = nil,
        suite: String = "0478",
        frameLength: Int64 = 32,
        context: JSONObject = ["key1": "a", "key2": "b"],
        more: JSONObject = [:]
    ) -> JSONValue {
        var object: JSONObject = [
            "type": "positive-esdk", "plaintext": "small", "description": "a scenario",
            "algorithmSuiteId": .string(suite), "frame-size": .integer(frameLength),
            "encryptKeyDescription": encryptKeys, "decryptKeyDescription": decryptKeys ?? encryptKeys,
            "encryption-context": .object(context),
        ]
        for member in more.members { object[member.name] = member.value }
        return ["encryption-scenario": .object(object)]
    }

    /// A test of a decrypt-generate manifest.
    static func generate(_ scenario: JSONValue, more: JSONObject = [:]) -> JSONValue {
        var object: JSONObject = ["encryption-scenario": scenario]
        for member in more.members { object[member.name] = member.value }
        return .object(object)
    }
}

// MARK: - Keys

extension Workshop {
    static let aes: JSONValue = [
        "type": "raw", "key": "aes-256", "provider-id": "ns", "encryption-algorithm": "aes",
    ]
    static let aes128: JSONValue = [
        "type": "raw", "key": "aes-128", "provider-id": "ns", "encryption-algorithm": "aes",
    ]
    static let kms: JSONValue = ["type": "aws-kms", "key": "kms"]
    static let hierarchy: JSONValue = ["type": "aws-kms-hierarchy", "key": "branch"]

    static func rsa(_ key: String = "rsa-private", _ padding: String = "oaep-mgf1", _ hash: String? = "sha256")
        -> JSONValue
    {
        var object: JSONObject = [
            "type": "raw", "key": .string(key), "provider-id": "ns", "encryption-algorithm": "rsa",
            "padding-algorithm": .string(padding),
        ]
        object["padding-hash"] = hash.map { .string($0) }
        return .object(object)
    }

    static func ecdh(_ schema: String, _ curve: String = "256") -> JSONValue {
        [
            "type": "raw-ecdh", "schema": .string(schema), "ecc-curve": .string("ecc-" + curve),
            "sender": .string(schema == "static" ? "ecc-" + curve : schema), "recipient": .string("ecc-" + curve),
            "sender-public-key": "sender-material-public-key", "recipient-public-key": "recipient-material-public-key",
            "provider-id": "ns",
        ]
    }

    static func multi(_ generator: JSONValue?, _ children: JSONValue...) -> JSONValue {
        var object: JSONObject = ["type": "multi-keyring", "childKeyrings": .array(children)]
        object["generator"] = generator
        return .object(object)
    }

    static func required(_ keys: [JSONValue], _ underlying: JSONValue) -> JSONValue {
        [
            "type": "required-encryption-context-cmm", "underlying": underlying,
            "requiredEncryptionContextKeys": .array(keys),
        ]
    }

    /// Every type of entry; RSA and elliptic-curve keys are those that openssl wrote, with one pair for both parties.
    static func keys() throws -> JSONObject {
        func entry(_ type: String, _ members: JSONObject) -> JSONValue {
            var object: JSONObject = ["type": .string(type), "encrypt": true, "decrypt": true]
            for member in members.members { object[member.name] = member.value }
            return .object(object)
        }
        func symmetric(_ bits: Int) -> JSONValue {
            entry(
                "symmetric",
                [
                    "key-id": .string("aes-\(bits)"), "algorithm": "aes", "bits": .integer(Int64(bits)),
                    "encoding": "base64",
                    "material": .string(Base64.encode((0..<bits / 8).map { UInt8($0) })),
                ]
            )
        }
        func ecc(_ bits: String) throws -> JSONValue {
            let der = try KeySamples.pem("ec-p\(bits)-spki").split(separator: "\n").filter { !$0.hasPrefix("-") }
            let publicKey = JSONValue.string(der.joined())
            let privateKey = JSONValue.string(try KeySamples.pem("ec-p\(bits)-pkcs8"))
            return entry(
                "ecc-private",
                [
                    "key-id": .string("ecc-" + bits), "algorithm": "ecdh", "encoding": "pem",
                    "sender-material": privateKey, "recipient-material": privateKey,
                    "public-key-encoding": "base64-der", "sender-material-public-key": publicKey,
                    "recipient-material-public-key": publicKey,
                ]
            )
        }
        let rsa: JSONObject = ["algorithm": "rsa", "bits": 2048, "encoding": "pem"]
        var privateKey = rsa
        privateKey["key-id"] = "rsa"
        privateKey["material"] = .string(try KeySamples.pem("rsa-pkcs8"))
        var publicKey = rsa
        publicKey["key-id"] = "rsa"
        publicKey["material"] = .string(try KeySamples.pem("rsa-spki"))
        var blackhole = publicKey
        blackhole["key-id"] = "rsa-blackhole"
        return [
            "aes-128": symmetric(128), "aes-192": symmetric(192), "aes-256": symmetric(256),
            "rsa-private": entry("private", privateKey), "rsa-public": entry("public", publicKey),
            "rsa-blackhole": entry("public", blackhole),
            "ecc-256": try ecc("256"), "ecc-384": try ecc("384"), "ecc-521": try ecc("521"),
            "branch": entry(
                "static-branch-key",
                [
                    "key-id": "bd3842ff-3076-4092-9918-4395730050b8",
                    "branchKeyVersion": "e9ce18a3-edb5-4272-9f86-1cacb7997ff6",
                    "branchKey": .string(Base64.encode([UInt8](repeating: 7, count: 32))),
                    "beaconKey": .string(Base64.encode([UInt8](repeating: 8, count: 32))),
                ]
            ),
            "kms": entry("aws-kms", ["key-id": "arn:aws:kms:us-west-2:658956600833:alias/EncryptDecrypt"]),
        ]
    }

    /// Every kind of keyring that encrypts without a service, and what decrypts it.
    static let keyrings: [(encrypt: JSONValue, decrypt: JSONValue)] = [
        (aes, aes), (aes128, aes128), (hierarchy, hierarchy),
        (rsa("rsa-public", "pkcs1", nil), rsa("rsa-private", "pkcs1", nil)),
        (rsa("rsa-private", "oaep-mgf1", "sha1"), rsa("rsa-private", "oaep-mgf1", "sha1")),
        (rsa("rsa-private", "oaep-mgf1", "sha256"), rsa("rsa-private", "oaep-mgf1", "sha256")),
        (rsa("rsa-private", "oaep-mgf1", "sha384"), rsa("rsa-private", "oaep-mgf1", "sha384")),
        (rsa("rsa-private", "oaep-mgf1", "sha512"), rsa("rsa-private", "oaep-mgf1", "sha512")),
        (ecdh("static", "256"), ecdh("static", "256")), (ecdh("static", "384"), ecdh("discovery", "384")),
        (ecdh("ephemeral", "256"), ecdh("discovery", "256")), (ecdh("ephemeral", "521"), ecdh("discovery", "521")),
        (multi(aes, rsa(), hierarchy), hierarchy),
        (required(["key1"], aes), required(["key1"], aes)),
    ]
}
