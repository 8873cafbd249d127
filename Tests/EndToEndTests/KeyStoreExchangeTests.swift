import AWSEncryptionSDK
import AWSMaterialProviders
import AWSServiceClients
import ESDKCrypto
import Foundation
import TestSupport
import Testing

/// One key store, in the hands of this library and of the Python one.
@Suite(.enabled(if: LocalAWS.isRunning && PythonKeyStore.interpreter != nil, PythonKeyStore.comment))
struct KeyStoreExchangeTests {
    enum Side: CaseIterable {
        case ours, theirs
    }

    private let ours: KeyStore
    private let theirs: PythonKeyStore
    private let sdk: EncryptionSDK

    init() throws {
        ours = try LocalAWS.keyStore()
        theirs = try PythonKeyStore(
            endpoint: #require(LocalAWS.endpoint),
            table: ours.tableName,
            kmsKey: LocalAWS.west
        )
        sdk = try EncryptionSDK()
    }

    private func version(_ id: String, by side: Side) async throws {
        switch side {
        case .ours: try await ours.versionKey(branchKeyID: id)
        case .theirs: try theirs.versionKey(id: id)
        }
    }

    /// The active key, which both sides must find to be the same, as they must any key of a version.
    private func activeKey(_ id: String) async throws -> FoundKey {
        let key = FoundKey(try await ours.activeBranchKey(id: id))
        #expect(try theirs.activeBranchKey(id: id) == key)
        let version = try #require(key.version)
        #expect(FoundKey(try await ours.branchKey(id: id, version: version)) == key)
        #expect(try theirs.branchKey(id: id, version: version) == key)
        return key
    }

    /// Messages under the active key, one of each side.
    private func messages(_ plaintext: [UInt8], _ id: String) async throws -> [[UInt8]] {
        let keyring = try HierarchicalKeyring(keyStore: ours, branchKeyID: id, timeToLive: .seconds(60))
        return [try await sdk.encrypt(plaintext, using: keyring).ciphertext, try theirs.encrypt(plaintext, id: id)]
    }

    /// Lets both sides decrypt messages, with keyrings that have cached nothing.
    private func expect(_ messages: [[UInt8]], toHold plaintext: [UInt8], _ id: String) async throws {
        let keyring = try HierarchicalKeyring(keyStore: ours, branchKeyID: id, timeToLive: .seconds(60))
        for message in messages {
            #expect(try await sdk.decrypt(message, using: keyring).plaintext == plaintext)
            #expect(try theirs.decrypt(message, id: id) == plaintext)
        }
    }

    @Test(
        "a branch key that one side made is used by both, before and after either has versioned it",
        arguments: Side.allCases,
        Side.allCases
    )
    func exchange(creator: Side, versioner: Side) async throws {
        let context = ["département": "comptabilité", "𐀂": "\u{FFFD}", "Z": "a"]
        let id = "tenant 42/ä"
        switch creator {
        case .ours:
            let arn = try await ours.createKeyStore()
            #expect(try theirs.createKeyStore() == arn)
            #expect(try await ours.createKey(branchKeyID: id, encryptionContext: EncryptionContext(context)) == id)
        case .theirs:
            let arn = try theirs.createKeyStore()
            #expect(try await ours.createKeyStore() == arn)
            #expect(try theirs.createKey(id: id, context: context) == id)
        }
        let first = try await activeKey(id)
        #expect(first.context == EncryptionContext(context))
        let beacon = FoundKey(try await ours.beaconKey(id: id))
        #expect(try theirs.beaconKey(id: id) == beacon)
        #expect(beacon.key != first.key)
        #expect(beacon.context == first.context)
        let old = try await messages([1, 2, 3], id)
        try await expect(old, toHold: [1, 2, 3], id)

        try await version(id, by: versioner)
        let second = try await activeKey(id)
        #expect(second.version != first.version && second.key != first.key)
        #expect(second.context == first.context)
        let new = try await messages([4, 5, 6], id)
        try await expect(new, toHold: [4, 5, 6], id)
        try await expect(old, toHold: [1, 2, 3], id)
        #expect(try theirs.branchKey(id: id, version: #require(first.version)) == first)

        // The other side goes on from there.
        try await version(id, by: versioner == .ours ? .theirs : .ours)
        let third = try await activeKey(id)
        #expect(third.version != second.version && third.key != second.key)
        try await expect(messages([7], id), toHold: [7], id)
        try await expect(new, toHold: [4, 5, 6], id)
        #expect(try FoundKey(await ours.beaconKey(id: id)) == beacon)
        #expect(try theirs.beaconKey(id: id) == beacon)
    }

    @Test("an id that the creator chose is no matter to the other side, and neither writes over a key of the other")
    func identifiers() async throws {
        try await ours.createKeyStore()
        let here = try await ours.createKey()
        let there = try theirs.createKey()
        for id in [here, there] {
            let key = try await activeKey(id)
            #expect(key.context == EncryptionContext([:]))
            try await expect(messages([1], id), toHold: [1], id)
            do {
                _ = try await ours.createKey(branchKeyID: id, encryptionContext: ["a": "b"])
                Issue.record("we wrote over \(id)")
            } catch let error as EncryptionSDKError {
                #expect(error.code == .branchKeyConflict)
            }
            #expect(throws: PythonKeyStore.Refusal.self) { _ = try theirs.createKey(id: id, context: ["a": "b"]) }
            #expect(try await activeKey(id) == key)
        }
    }
}
