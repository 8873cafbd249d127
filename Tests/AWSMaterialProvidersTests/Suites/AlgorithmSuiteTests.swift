import AWSMaterialProviders
import ESDKCrypto
import TestSupport
import Testing

/// The table of framework/algorithm-suites.md, section Supported Algorithm Suites.
@Suite("AlgorithmSuite")
struct AlgorithmSuiteTests {
    private struct Row {
        let id: UInt16
        let version: UInt8
        let dataKeyLength: Int
        let derivation: AlgorithmSuite.KeyDerivation
        let curve: EllipticCurve?
        let signatureHash: HashAlgorithm?
    }

    private static let table: [Row] = [
        Row(id: 0x0014, version: 1, dataKeyLength: 16, derivation: .identity, curve: nil, signatureHash: nil),
        Row(id: 0x0046, version: 1, dataKeyLength: 24, derivation: .identity, curve: nil, signatureHash: nil),
        Row(id: 0x0078, version: 1, dataKeyLength: 32, derivation: .identity, curve: nil, signatureHash: nil),
        Row(id: 0x0114, version: 1, dataKeyLength: 16, derivation: .hkdf(.sha256), curve: nil, signatureHash: nil),
        Row(id: 0x0146, version: 1, dataKeyLength: 24, derivation: .hkdf(.sha256), curve: nil, signatureHash: nil),
        Row(id: 0x0178, version: 1, dataKeyLength: 32, derivation: .hkdf(.sha256), curve: nil, signatureHash: nil),
        Row(
            id: 0x0214,
            version: 1,
            dataKeyLength: 16,
            derivation: .hkdf(.sha256),
            curve: .p256,
            signatureHash: .sha256
        ),
        Row(
            id: 0x0346,
            version: 1,
            dataKeyLength: 24,
            derivation: .hkdf(.sha384),
            curve: .p384,
            signatureHash: .sha384
        ),
        Row(
            id: 0x0378,
            version: 1,
            dataKeyLength: 32,
            derivation: .hkdf(.sha384),
            curve: .p384,
            signatureHash: .sha384
        ),
        Row(
            id: 0x0478,
            version: 2,
            dataKeyLength: 32,
            derivation: .hkdfWithCommitment(.sha512),
            curve: nil,
            signatureHash: nil
        ),
        Row(
            id: 0x0578,
            version: 2,
            dataKeyLength: 32,
            derivation: .hkdfWithCommitment(.sha512),
            curve: .p384,
            signatureHash: .sha384
        ),
    ]

    @Test(
        "The eleven suites are those of the specification's table",
        .spec(
            "algorithm-suites/supported-algorithm-suites.2",
            "algorithm-suites/algorithm-suite-id.1",
            "algorithm-suites/supported-algorithm-suite-data",
            "algorithm-suites/encryption-algorithm-mode",
            "algorithm-suites/message-format-version.1"
        )
    )
    func table() throws {
        #expect(AlgorithmSuite.all.map(\.id) == Self.table.map(\.id))
        for row in Self.table {
            let suite = try AlgorithmSuite(id: row.id)
            #expect(suite.messageFormatVersion == row.version)
            #expect(suite.dataKeyLength == row.dataKeyLength)
            #expect(suite.keyDerivation == row.derivation)
            #expect(suite.signature?.curve == row.curve)
            #expect(suite.signature?.hash == row.signatureHash)
            #expect(suite.isCommitting == (row.version == 2))
            #expect(suite.messageIDLength == (row.version == 2 ? 32 : 16))
            #expect(suite.commitmentLength == (row.version == 2 ? 32 : 0))
            #expect(suite.idText.count == 4)
        }
    }

    @Test("A suite prints as its name and its id")
    func printing() {
        let suites: [AlgorithmSuite] = [
            .aes128GCM, .aes192GCMHKDFSHA256, .aes128GCMHKDFSHA256ECDSAP256, .aes256GCMHKDFSHA512CommitKeyECDSAP384,
        ]
        #expect(
            suites.map(\.description) == [
                "AES-128-GCM (0x0014)", "AES-192-GCM, HKDF-SHA256 (0x0146)",
                "AES-128-GCM, HKDF-SHA256, ECDSA-P256 (0x0214)",
                "AES-256-GCM, HKDF-SHA512, commitment, ECDSA-P384 (0x0578)",
            ]
        )
        #expect(suites.map(\.idText) == ["0014", "0146", "0214", "0578"])
    }

    @Test("H03, H04: every other id is refused, those of other clients by name")
    func otherIDs() {
        let known = Set(Self.table.map(\.id))
        let others: Set<UInt16> = [0x0070, 0x0071, 0x0072, 0x0073, 0x0074, 0x6700, 0x6701]
        for id in UInt16.min...UInt16.max where !known.contains(id) {
            do {
                _ = try AlgorithmSuite(id: id)
                Issue.record("\(id)")
            } catch {
                let code: EncryptionSDKError.Code =
                    others.contains(id) ? .algorithmSuiteNotForMessages : .unknownAlgorithmSuite
                // No macro here: 65,525 expectations take their time.
                if error.code != code { Issue.record("\(id): \(error.code)") }
            }
        }
    }

    @Test("P02: only require-decrypt refuses suites without commitment", arguments: AlgorithmSuite.all)
    func policy(suite: AlgorithmSuite) throws {
        try CommitmentPolicy.forbidEncryptAllowDecrypt.checkDecrypt(suite)
        try CommitmentPolicy.requireEncryptAllowDecrypt.checkDecrypt(suite)
        if suite.isCommitting {
            try CommitmentPolicy.requireEncryptRequireDecrypt.checkDecrypt(suite)
        } else {
            #expect(throws: EncryptionSDKError(.commitmentPolicyViolation, "")) {
                try CommitmentPolicy.requireEncryptRequireDecrypt.checkDecrypt(suite)
            }
        }
    }
}
