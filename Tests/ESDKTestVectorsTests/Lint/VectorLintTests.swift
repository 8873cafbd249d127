import AWSEncryptionSDK
import AWSMaterialProviders
import ESDKCrypto
import StrictJSON
import TestSupport
import Testing

@testable import ESDKTestVectors

/// A set and a plan in which nothing is wrong, and ways to spoil them.
private struct LintedFolder {
    let folder: TemporaryFolder
    private var files: [String: [UInt8]] = [:]

    private static let keys = #"""
        {"manifest": {"type": "keys", "version": 3}, "keys": {
          "aes": {"type": "symmetric", "key-id": "aes id", "encrypt": true, "decrypt": true, "algorithm": "aes",
            "bits": 256, "encoding": "base64", "material": "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="},
          "small": {"type": "symmetric", "key-id": "small", "encrypt": true, "decrypt": true, "algorithm": "aes",
            "bits": 128, "encoding": "base64", "material": "AAECAwQFBgcICQoLDA0ODw=="},
          "rsa": {"type": "public", "key-id": "rsa", "encrypt": true, "decrypt": false, "algorithm": "rsa", "bits": 2048,
            "encoding": "pem", "material": "RSA"},
          "kms": {"type": "aws-kms", "key-id": "arn:aws:kms:us-west-2:658956600833:key/1", "encrypt": true, "decrypt": true}
        }}
        """#

    private static let manifest = #"""
        {"manifest": {"type": "awses-decrypt", "version": 2}, "client": {"name": "c", "version": "1"}, "keys": "file://keys.json",
         "tests": {
          "unsigned": {"ciphertext": "file://ciphertexts/unsigned", "algorithm": "0478", "frame-size": 16,
            "master-keys": [{"type": "raw", "key": "aes", "provider-id": "ns", "encryption-algorithm": "aes"},
              {"type": "raw", "key": "rsa", "provider-id": "ns", "encryption-algorithm": "rsa", "padding-algorithm": "oaep-mgf1",
               "padding-hash": "sha256"}],
            "encryption-context": {"purpose": "lint"}, "cmm": "Default",
            "result": {"output": {"plaintext": "file://plaintexts/text"}}},
          "signed": {"ciphertext": "file://ciphertexts/signed",
            "master-keys": [{"type": "raw", "key": "aes", "provider-id": "ns", "encryption-algorithm": "aes"},
              {"type": "aws-kms", "key": "kms"}],
            "result": {"output": {"plaintext": "file://plaintexts/text"}}},
          "broken": {"ciphertext": "file://ciphertexts/broken", "decryption-method": "streaming-unsigned-only",
            "master-keys": [{"type": "raw", "key": "small", "provider-id": "ns", "encryption-algorithm": "aes"}],
            "result": {"error": {"error-description": "not a message"}}}}}
        """#

    private static let plan = #"""
        {"manifest": {"type": "awses-encrypt", "version": 5}, "keys": "file://keys.json", "plaintexts": {"p": 40},
         "tests": {"plan": {"encryption-scenario": {"type": "positive-esdk", "description": "d", "plaintext": "p",
            "algorithmSuiteId": "0478", "frame-size": 512, "encryption-context": {"purpose": "lint"},
            "encryptKeyDescription": {"type": "required-encryption-context-cmm", "requiredEncryptionContextKeys": ["purpose"],
              "underlying": {"type": "raw", "key": "aes", "provider-id": "ns", "encryption-algorithm": "aes"}},
            "decryptKeyDescription": {"type": "raw", "key": "aes", "provider-id": "ns", "encryption-algorithm": "aes"}}}}}
        """#

    init() async throws {
        folder = try TemporaryFolder()
        let keyring = try RawAESKeyring(
            keyNamespace: "ns",
            keyName: "aes id",
            wrappingKey: SecretBytes([UInt8](0..<32)),
            wrappingAlgorithm: .aes256GCM
        )
        let text = [UInt8](repeating: 7, count: 40)
        let context: EncryptionContext = ["purpose": "lint"]
        files["ciphertexts/unsigned"] = try await MessageSamples.encrypt(text, keyring: keyring, context: context)
        files["ciphertexts/signed"] = try await MessageSamples.encrypt(
            text,
            keyring: keyring,
            suite: .aes256GCMHKDFSHA512CommitKeyECDSAP384,
            context: context
        )
        files["ciphertexts/broken"] = [1, 2, 3]
        files["plaintexts/text"] = text
        files["plaintexts/p"] = text
        let pem = try KeySamples.pem("rsa-spki").split(separator: "\n").joined(separator: "\\n")
        files["keys.json"] = Array(Self.keys.utf8)
        replace("keys.json", "RSA", pem)
        files["manifest.json"] = Array(Self.manifest.utf8)
        files["plan.json"] = Array(Self.plan.utf8)
    }

    subscript(name: String) -> [UInt8]? {
        get { files[name] }
        set { files[name] = newValue }
    }

    /// Replaces the first occurrence of a text in a file.
    mutating func replace(_ name: String, _ text: String, _ replacement: String) {
        let whole = String(decoding: files[name] ?? [], as: UTF8.self)
        guard let range = whole.firstRange(of: text) else {
            Issue.record("\(name) has no \(text)")
            return
        }
        files[name] = Array(whole.replacingCharacters(in: range, with: replacement).utf8)
    }

    func lint(_ name: String? = nil) throws -> LintReport {
        for (name, bytes) in files { try folder.write(name, bytes) }
        return try VectorLint.run([name.map { "\(folder.path)/\($0)" } ?? folder.path])
    }
}

extension String {
    fileprivate func replacingCharacters(in range: Range<Index>, with text: String) -> String {
        String(self[..<range.lowerBound]) + text + String(self[range.upperBound...])
    }
}

/// One thing that is wrong, and where it is found.
struct Fault: Sendable, CustomTestStringConvertible {
    let code: LintFinding.Code
    let file: String
    /// What is replaced in the file, and by what; nil for the whole of it.
    let text: String?
    let replacement: String
    /// What stands at the place of the finding; nil where only the file is told.
    let place: String?

    var testDescription: String { "\(code.rawValue): \(replacement)" }

    init(_ code: LintFinding.Code, _ file: String, _ text: String?, _ replacement: String, at place: String?) {
        self.code = code
        self.file = file
        self.text = text
        self.replacement = replacement
        self.place = place
    }
}

@Suite("Lint")
struct VectorLintTests {
    @Test("a sound set has no findings")
    func sound() async throws {
        let report = try await LintedFolder().lint()
        #expect(report.findings.map(\.description) == [])
        #expect(report.tests == 4)
        #expect(!report.isFailure(strict: true))
    }

    private static let faults: [Fault] = [
        Fault(
            .notJSON,
            "manifest.json",
            "\"signed\": {",
            "\"unsigned\": {",
            at: "\"unsigned\": {\"ciphertext\": \"file://ciphertexts/signed\""
        ),
        Fault(.notAManifest, "manifest.json", "awses-decrypt", "awses-other", at: "\"manifest\": "),
        Fault(.notAManifest, "manifest.json", "\"version\": 2", "\"version\": 9", at: "\"manifest\": "),
        Fault(
            .emptySet,
            "plan.json",
            nil,
            #"{"manifest": {"type": "awses-encrypt", "version": 5}, "keys": "file://keys.json", "plaintexts": {}, "tests": {}}"#,
            at: "\"tests\""
        ),
        Fault(.missingKeys, "manifest.json", "file://keys.json", "file://plan.json", at: "\"keys\": "),
        Fault(.keysElsewhere, "manifest.json", "file://keys.json", "file://other.json", at: "\"keys\": "),
        Fault(
            .missingFile,
            "manifest.json",
            "ciphertexts/signed",
            "ciphertexts/absent",
            at: "\"ciphertext\": \"file://ciphertexts/absent"
        ),
        Fault(
            .missingFile,
            "manifest.json",
            "plaintexts/text",
            "plaintexts/absent",
            at: "\"result\": {\"output\": {\"plaintext\": \"file://plaintexts/absent"
        ),
        Fault(.brokenTest, "manifest.json", "\"frame-size\": 16", "\"frame-size\": -1", at: "\"unsigned\""),
        Fault(
            .brokenKey,
            "keys.json",
            "AAECAwQFBgcICQoLDA0ODw==",
            "AAECAwQFBgcICQoLDA0ODw=",
            at: "\"material\": \"AAECAwQFBgcICQoLDA0ODw="
        ),
        Fault(
            .brokenKey,
            "keys.json",
            "AAECAwQFBgcICQoLDA0ODw==",
            " AAECAwQFBgcICQoLDA0ODw==",
            at: "\"material\": \" AAEC"
        ),
        Fault(.keySize, "keys.json", "\"bits\": 128", "\"bits\": 192", at: "\"material\": \"AAECAwQFBgcICQoLDA0ODw"),
        Fault(.keySize, "keys.json", "\"bits\": 2048", "\"bits\": 4096", at: "\"bits\": 4096"),
        Fault(
            .reusedKeyID,
            "keys.json",
            "\"key-id\": \"small\"",
            "\"key-id\": \"aes id\"",
            at:
                "\"key-id\": \"aes id\", \"encrypt\": true, \"decrypt\": true, \"algorithm\": \"aes\",\n    \"bits\": 128"
        ),
        Fault(
            .unknownMember,
            "manifest.json",
            "\"cmm\": \"Default\"",
            "\"cmm\": \"Default\", \"cmn\": 1",
            at: "\"cmn\""
        ),
        Fault(.unknownMember, "keys.json", "\"bits\": 128", "\"bits\": 128, \"bit\": 1", at: "\"bit\""),
        Fault(.unknownMember, "plan.json", "\"version\": 5}", "\"version\": 5}, \"extra\": 1", at: "\"extra\""),
        Fault(
            .unknownMember,
            "manifest.json",
            "{\"type\": \"aws-kms\", \"key\": \"kms\"}",
            "{\"type\": \"aws-kms\", \"key\": \"kms\", \"name\": 1}",
            at: "\"name\": 1"
        ),
        Fault(
            .needlessMember,
            "manifest.json",
            "\"encryption-algorithm\": \"aes\"}",
            "\"encryption-algorithm\": \"aes\", \"padding-hash\": \"sha1\"}",
            at: "\"padding-hash\": \"sha1\""
        ),
        Fault(.needlessMember, "manifest.json", "oaep-mgf1", "pkcs1", at: "\"padding-hash\": \"sha256\""),
        Fault(.unknownSuite, "manifest.json", "\"0478\"", "\"0479\"", at: "\"algorithm\": \"0479\""),
        Fault(.unknownPadding, "manifest.json", "\"sha256\"", "\"md5\"", at: "\"padding-hash\""),
        Fault(
            .unknownPadding,
            "manifest.json",
            "\"encryption-algorithm\": \"aes\"",
            "\"encryption-algorithm\": \"aes-gcm\"",
            at: "\"encryption-algorithm\": \"aes-gcm\""
        ),
        Fault(.unknownKey, "manifest.json", "\"key\": \"kms\"", "\"key\": \"gone\"", at: "\"key\": \"gone\""),
        Fault(.unknownKey, "manifest.json", "\"key\": \"kms\"", "\"key\": \"aes\"", at: "\"key\": \"aes\"}"),
        Fault(
            .unknownPlaintext,
            "plan.json",
            "\"plaintext\": \"p\"",
            "\"plaintext\": \"q\"",
            at: "\"plaintext\": \"q\""
        ),
        Fault(.unusedPlaintext, "plan.json", "{\"p\": 40}", "{\"p\": 40, \"q\": 1}", at: "\"q\": 1"),
        Fault(
            .unusableKey,
            "plan.json",
            "\"encryptKeyDescription\": {",
            "\"encryptKeyDescription\": {\"type\": \"multi-keyring\", \"childKeyrings\": [{\"type\": \"aws-kms\", \"key\": \"kms\"}]}, \"other\": {",
            at: "\"encryptKeyDescription\""
        ),
        Fault(
            .unusableKey,
            "manifest.json",
            "{\"type\": \"raw\", \"key\": \"aes\", \"provider-id\": \"ns\", \"encryption-algorithm\": \"aes\"},\n      {\"type\": \"raw\", \"key\": \"rsa\"",
            "{\"type\": \"raw\", \"key\": \"rsa\"",
            at: "\"master-keys\": [{\"type\": \"raw\", \"key\": \"rsa\""
        ),
        Fault(
            .refusingMethod,
            "manifest.json",
            "{\"ciphertext\": \"file://ciphertexts/signed\"",
            "{\"decryption-method\": \"streaming-unsigned-only\", \"ciphertext\": \"file://ciphertexts/signed\"",
            at: "\"decryption-method\": \"streaming-unsigned-only\", \"ciph"
        ),
        Fault(.requiredContext, "plan.json", "[\"purpose\"]", "[\"purpose\", \"other\"]", at: "\"encryption-context\""),
        Fault(
            .reservedContext,
            "plan.json",
            "{\"purpose\": \"lint\"}",
            "{\"purpose\": \"lint\", \"aws-crypto-x\": \"\"}",
            at: "\"encryption-context\""
        ),
        Fault(
            .contextSize,
            "plan.json",
            "{\"purpose\": \"lint\"}",
            "{\"purpose\": \"" + String(repeating: "x", count: 65_523) + "\"}",
            at: "\"encryption-context\""
        ),
        Fault(
            .unsupported,
            "manifest.json",
            "\"type\": \"aws-kms\"",
            "\"type\": \"moon-kms\"",
            at: "\"type\": \"moon-kms\""
        ),
        Fault(.notAMessage, "ciphertexts/unsigned", nil, "no message", at: nil),
        Fault(.noMatchingKey, "keys.json", "\"key-id\": \"aes id\"", "\"key-id\": \"other id\"", at: nil),
        Fault(.plaintextSize, "plaintexts/text", nil, "short", at: nil),
        Fault(.plaintextSize, "plaintexts/p", nil, "short", at: nil),
        Fault(.suiteDiffers, "manifest.json", "\"0478\"", "\"0578\"", at: "\"algorithm\""),
        Fault(.frameLengthDiffers, "manifest.json", "\"frame-size\": 16", "\"frame-size\": 32", at: "\"frame-size\""),
        Fault(
            .contextDiffers,
            "manifest.json",
            "\"purpose\": \"lint\"",
            "\"purpose\": \"other\"",
            at: "\"encryption-context\""
        ),
        Fault(.unusedFile, "plaintexts/unused", nil, "x", at: nil),
        Fault(.unusedKey, "manifest.json", ",\n      {\"type\": \"aws-kms\", \"key\": \"kms\"}", "", at: nil),
        Fault(.ruleBook, "vectors.json", nil, #"{"schema": 1, "tests": {}, "rules": {}}"#, at: "{"),
    ]

    @Test("each fault is found at its place", arguments: faults)
    func fault(_ fault: Fault) async throws {
        var set = try await LintedFolder()
        if let text = fault.text {
            set.replace(fault.file, text, fault.replacement)
        } else {
            set[fault.file] = Array(fault.replacement.utf8)
        }
        let report = try set.lint()
        let found = report.findings.filter { $0.code == fault.code }
        let finding = try #require(found.first, "\(report.findings.map(\.description))")
        #expect(fault.code.severity != .error || report.isFailure(strict: false))
        #expect(report.count(.error) == 0 || fault.code.severity == .error)
        guard let place = fault.place else { return }
        #expect(finding.path.hasSuffix(fault.file))
        let offset = try #require(finding.location?.offset)
        #expect(set[fault.file]?.dropFirst(offset).starts(with: place.utf8) == true, "\(finding)")
    }

    @Test("a message cut off, or with bytes after its end, is damaged")
    func damage() async throws {
        for change in [{ $0 + [0] }, { $0.dropLast(3) }] as [([UInt8]) -> [UInt8]] {
            var set = try await LintedFolder()
            set["ciphertexts/unsigned"] = change(try #require(set["ciphertexts/unsigned"]))
            #expect(try set.lint().findings.map(\.code) == [.damagedMessage])
        }
    }

    @Test("tests that are there twice are noted, and are an error where they contradict each other")
    func repetition() async throws {
        let signed = #""signed": {"ciphertext": "file://ciphertexts/signed","#
        let keys = """
            "master-keys": [{"type": "raw", "key": "aes", "provider-id": "ns", "encryption-algorithm": "aes"},
                  {"type": "aws-kms", "key": "kms"}]
            """
        let twin = #""twin": {"ciphertext": "file://ciphertexts/signed", \#(keys), "#
        var same = try await LintedFolder()
        same.replace(
            "manifest.json",
            signed,
            twin + #""result": {"output": {"plaintext": "file://plaintexts/text"}}}, "# + signed
        )
        #expect(try same.lint().findings.map(\.code) == [.duplicateTest])
        var opposite = try await LintedFolder()
        opposite.replace(
            "manifest.json",
            signed,
            twin + #""result": {"error": {"error-description": "x"}}}, "# + signed
        )
        #expect(try opposite.lint().findings.map(\.code) == [.contradiction])
        var copy = try await LintedFolder()
        copy["ciphertexts/copy"] = copy["ciphertexts/signed"]
        copy.replace(
            "manifest.json",
            signed,
            twin.replacing("ciphertexts/signed", with: "ciphertexts/copy")
                + #""decryption-method": "streaming-unsigned-only", "result": {"error": {"error-description": "x"}}}, "#
                + signed
        )
        #expect(try copy.lint().findings.map(\.code) == [.sameCiphertext])
    }

    @Test("halves of elliptic-curve keys that do not belong together are found")
    func pairs() async throws {
        let text = String(
            decoding: try RepositoryFiles.bytes("manifests/interop/keys.json"),
            as: UTF8.self
        )
        let keys = try StrictJSON.parse(Array(text.utf8), source: "keys.json")["keys"]
        let entry = try #require(keys?["ecc-256-private"]?.object)
        let own = try #require(entry["sender-material-public-key"]?.string)
        let other = try #require(entry["recipient-material-public-key"]?.string)
        let folder = try TemporaryFolder()
        try folder.write("keys.json", text.replacing(own, with: other))
        let report = try VectorLint.run(["\(folder.path)/keys.json"])
        #expect(report.findings.map(\.code) == [.keyPair])
    }

    @Test("a manifest that is named alone says nothing of what is unused")
    func alone() async throws {
        var set = try await LintedFolder()
        set["plaintexts/unused"] = [1]
        set.replace("manifest.json", ",\n      {\"type\": \"aws-kms\", \"key\": \"kms\"}", "")
        #expect(try set.lint("manifest.json").findings.map(\.code) == [])
    }

    @Test("a path without a manifest is refused")
    func nothing() throws {
        let folder = try TemporaryFolder()
        #expect(throws: VectorError(.noManifest, reason: "")) { try VectorLint.run([folder.path]) }
        #expect(throws: VectorError(.notFound, reason: "")) { try VectorLint.run(["\(folder.path)/absent"]) }
    }

    @Test("the article has every code with its severity")
    func article() throws {
        let text = String(
            decoding: try RepositoryFiles.bytes("Sources/ESDKTestVectors/Documentation.docc/Lint.md"),
            as: UTF8.self
        )
        let rows = text.split(separator: "\n").filter { $0.hasPrefix("| `") }.map { row in
            row.split(separator: "|").prefix(2).map { $0.filter { $0 != " " && $0 != "`" } }.joined(separator: " ")
        }
        #expect(rows.sorted() == LintFinding.Code.allCases.map { "\($0.rawValue) \($0.severity.rawValue)" }.sorted())
    }
}
