import ESDKCrypto
import ESDKSystem
import Foundation
import StrictJSON
import TestSupport
import Testing

/// How keys are written after `--key`, and what is said of those that are wrong.
@Suite("esdk --key")
struct KeyTests {
    private let files: FileFolder
    private var folder: TemporaryFolder { files.folder }

    init() throws { files = try FileFolder() }

    /// Encrypts under one key and decrypts under another one.
    private func expectRoundTrip(_ encrypting: String, _ decrypting: String, _ others: String...) throws {
        try files.expectSuccess("encrypt", "plain", "-o", "message", "--force", "--key=\(encrypting)")
        let output = try files.esdk(["decrypt", "message", "-o", "back", "--force", "--key=\(decrypting)"] + others)
        #expect(output == ESDK.Output(status: 0, standardOutput: "", standardError: ""))
        #expect(try folder.read("back") == FileFolder.plaintext)
    }

    private func refusal(_ key: String, status: Int32 = 2) throws -> String {
        let output = try files.esdk("encrypt", "plain", "-o", "refused", "--key=\(key)")
        #expect(output.status == status, "\(output.standardError)")
        #expect(!folder.names.contains("refused"))
        return output.standardError
    }

    // MARK: - AES

    @Test(arguments: [16, 24, 32])
    func anAESKeyIsRawBytesHexOrBase64(length: Int) throws {
        // Bytes that are not text, so that they can be read in one way only.
        let key = (0..<length).map { UInt8(0x90 &+ $0) }
        try folder.write("raw", key)
        try folder.write("hex", Hex.encode(key) + "\n")
        try folder.write("base64", Base64.encode(key) + "\n")
        for name in ["raw", "hex", "base64"] { files.set(name, 0o600) }
        let spelling = "raw-aes:namespace=n,name=k,file="
        try expectRoundTrip(spelling + "raw", spelling + "hex")
        try expectRoundTrip(spelling + "hex", spelling + "base64")
        try expectRoundTrip(spelling + "base64", spelling + "raw,format=raw")
    }

    @Test func aKeyThatCanBeReadInTwoWaysIsNotGuessed() throws {
        try folder.write("two", "00112233445566778899aabbccddeeff")
        files.set("two", 0o600)
        let spelling = "raw-aes:namespace=n,name=k,file=two"
        let text = try refusal(spelling)
        #expect(text.contains("two ways") || text.contains("in several ways"))
        #expect(text.contains("format=raw (32 bytes)") && text.contains("format=hex (16 bytes)"))
        try expectRoundTrip(spelling + ",format=hex", spelling + ",format=hex")
    }

    @Test func whatIsNoAESKeyIsRefused() throws {
        try folder.write("short", [1, 2, 3])
        files.set("short", 0o600)
        #expect(
            try refusal("raw-aes:namespace=n,name=k,file=short").contains("short holds 3 bytes that are not an AES key")
        )
    }

    @Test func aKeyComesFromAVariableOrStandardInput() throws {
        let hex = Hex.encode((0..<32).map { UInt8($0) })
        let output = try files.shell(
            """
            MY_KEY=\(hex) "$esdk" encrypt plain --key raw-aes:namespace=tests,name=one,env=MY_KEY &&
            "$esdk" decrypt plain.esdk -o - --key raw-aes:namespace=tests,name=one,file=- <key
            "$esdk" decrypt - --key raw-aes:namespace=tests,name=one,file=- <plain.esdk
            "$esdk" encrypt plain --key raw-aes:namespace=tests,name=one,env=NOT_SET
            """
        )
        #expect(output.standardOutput == "Hello, files!\n")
        #expect(output.standardError.contains("cannot both be standard input"))
        #expect(output.standardError.contains("the variable NOT_SET is not set"))
    }

    @Test func aKeyFileThatOthersCanReadDrawsAWarning() throws {
        files.set("key", 0o640)
        let output = try files.esdk("encrypt", "plain")
        #expect(output.status == 0)
        #expect(
            output.standardError == "esdk: key: other users can access this key (its mode is 0640): chmod 600 key\n"
        )
    }

    // MARK: - RSA, ECDH

    @Test(arguments: ["pkcs1", "oaep-sha1", "oaep-sha256", "oaep-sha384", "oaep-sha512"])
    func anRSAKeyHasTwoHalves(padding: String) throws {
        try files.writeVectorKey("rsa-2048-private", to: "private.pem")
        try files.writeVectorKey("rsa-2048-public", to: "public.pem")
        files.set("public.pem", 0o644)
        let spelling = "raw-rsa:namespace=n,name=k,padding=\(padding),file="
        try expectRoundTrip(spelling + "public.pem", spelling + "private.pem")
        try expectRoundTrip(spelling + "private.pem", spelling + "private.pem")
        let output = try files.esdk("decrypt", "message", "-o", "other", "--key=\(spelling)public.pem")
        #expect(output.status == 1)
        #expect(output.standardError.contains("only a public key"))
    }

    @Test func anotherPaddingIsNamed() throws {
        try files.writeVectorKey("rsa-2048-private", to: "private.pem")
        let spelling = "raw-rsa:namespace=n,name=k,file=private.pem,padding="
        try files.expectSuccess("encrypt", "plain", "--key=\(spelling)oaep-sha1")
        let output = try files.esdk("decrypt", "plain.esdk", "-o", "back", "--key=\(spelling)oaep-sha256")
        #expect(output.status == 1)
        #expect(output.standardError.contains("it opens with padding=oaep-sha1"))
        try files.writeVectorKey("rsa-3072-private", to: "private.pem")
        let other = try files.esdk("decrypt", "plain.esdk", "-o", "back", "--key=\(spelling)oaep-sha256")
        #expect(other.status == 1)
        #expect(!other.standardError.contains("it opens with"))
    }

    @Test(arguments: ["256", "384", "521"])
    func anECDHKeyHasThreeSchemes(bits: String) throws {
        let entry = "ecc-\(bits)-private"
        try files.writeVectorKey(entry, "sender-material", to: "sender.pem")
        try files.writeVectorKey(entry, "recipient-material", to: "recipient.pem")
        try files.writeVectorKey(entry, "recipient-material-public-key", to: "public.pem")
        let discovery = "raw-ecdh:scheme=discovery,private=recipient.pem"
        try expectRoundTrip("raw-ecdh:scheme=ephemeral,public=public.pem,curve=P-\(bits)", discovery)
        let agreed = "raw-ecdh:scheme=static,private=sender.pem,public=public.pem"
        try expectRoundTrip(agreed, discovery)
        try expectRoundTrip(agreed, agreed)
        #expect(try refusal(discovery.replacing("discovery", with: "static")).contains("scheme=static needs public"))
        #expect(
            try refusal(agreed.replacing("static", with: "discovery")).contains("scheme=discovery does not take public")
        )
        let curve = bits == "256" ? "P-384" : "P-256"
        #expect(try refusal(agreed + ",curve=\(curve)").contains("the key is on the curve P-\(bits), not \(curve)"))
    }

    // MARK: - Several

    @Test func eachOfSeveralKeysOpensTheMessage() throws {
        try folder.write("other", (0..<16).map { UInt8(200 + $0) })
        files.set("other", 0o600)
        let other = "--key=raw-aes:namespace=tests,name=two,file=other"
        try files.expectSuccess("encrypt", "plain", FileFolder.key, other)
        try files.expectSuccess("decrypt", "plain.esdk", "-o", "1", other)
        try files.expectSuccess("decrypt", "plain.esdk", "-o", "2")
        try files.expectSuccess("decrypt", "plain.esdk", "-o", "3", "--key=raw-aes:namespace=x,name=y,file=key", other)
    }

    @Test func aSetOfKeysComesFromTheConfiguration() throws {
        try folder.write("conf/esdk/own.key", (0..<32).map { UInt8(100 + $0) })
        files.set("conf/esdk/own.key", 0o600)
        try folder.write(
            "conf/esdk/config.json",
            #"{"keys": {"mine": ["raw-aes:namespace=n,name=k,file=own.key"], "one": "raw-aes:namespace=n,name=k,file=own.key"}}"#
        )
        try files.expectSuccess("encrypt", "plain", "--key=@mine", "--config=conf/esdk/config.json")
        let output = try files.shell(
            "XDG_CONFIG_HOME=$PWD/conf \"$esdk\" decrypt plain.esdk -o - --key @one"
        )
        #expect(output == ESDK.Output(status: 0, standardOutput: "Hello, files!\n", standardError: ""))
        let unknown = try files.esdk("encrypt", "plain", "--key=@mien", "--config=conf/esdk/config.json")
        #expect(unknown.status == 2)
        #expect(unknown.standardError.contains("'mien' is not a set of keys"))
        #expect(unknown.standardError.contains("known are mine, one; did you mean 'mine'?"))
        #expect(try files.esdk("encrypt", "plain", "--key=@mine", "--config=none.json").status == 2)
    }

    @Test func theFormOfManifestsIsTaken() throws {
        let keys = RepositoryFiles.path("vectors/python-4.0.7/keys.json")
        // A name that --key cannot express.
        try folder.write(
            "description.json",
            #"[{"type": "raw", "encryption-algorithm": "aes", "provider-id": "a,b", "key": "aes-256"}, "#
                + #"{"type": "raw", "encryption-algorithm": "rsa", "provider-id": "r", "key": "rsa-2048-private", "#
                + #""padding-algorithm": "oaep-mgf1", "padding-hash": "sha256"}]"#
        )
        let options = ["--keys=\(keys)", "--key-description=description.json"]
        #expect(try ESDK.run(["encrypt", "plain"] + options, in: folder).status == 0)
        #expect(try ESDK.run(["decrypt", "plain.esdk", "-o", "back"] + options, in: folder).status == 0)
        #expect(try folder.read("back") == FileFolder.plaintext)
        let half = try ESDK.run(["encrypt", "plain", "-o", "x", options[0]], in: folder)
        #expect(half.status == 2)
        #expect(half.standardError.contains("--keys needs --key-description"))
    }

    // MARK: - What Python wrote

    @Test(
        arguments: [
            ("aes-256", "raw-aes:namespace=interop-vectors,name=aes-256,file=private"),
            ("rsa-2048-private", "raw-rsa:namespace=interop-vectors,name=rsa-2048,padding=oaep-sha256,file=private"),
        ]
    )
    func aMessageOfPythonOpens(entry: String, key: String) throws {
        let tests = try #require(FileFolder.vectorFile("decrypt-manifest.json")["tests"]?.object)
        let scenario = try #require(
            tests.members.lazy.compactMap { $0.value["decryption-scenario"] }.first { scenario in
                let description = scenario["decryptKeyDescription"]
                return description?["key"]?.string == entry && scenario["algorithmSuiteId"] == "0578"
                    && [nil, "sha256"].contains(description?["padding-hash"]?.string)
            }
        )
        func path(_ member: String) throws -> String {
            let uri = try #require(scenario[member]?.string)
            return RepositoryFiles.path("vectors/python-4.0.7/\(uri.replacing("file://", with: ""))")
        }
        try files.writeVectorKey(entry, to: "private")
        try files.expectSuccess("decrypt", try path("ciphertext"), "-o", "back", "--key=\(key)")
        #expect(try folder.read("back") == FileDescriptor.reading(SystemPath(path("result"))).readAll())
    }

    // MARK: - What is wrong

    @Test(arguments: [
        ("raw-aees:namespace=n", "'raw-aees' is not a kind of key", "did you mean 'raw-aes'?"),
        ("raw-aes:namespace=n,nmae=k,file=key", "'nmae' is not a member of raw-aes", "did you mean 'name'?"),
        ("raw-aes:namespace=n,name=k", "one of file and env is needed", ""),
        ("raw-aes:namespace=n,name=k,file=key,env=X", "one of file and env is needed", ""),
        ("raw-aes:namespace=n,name=k,name=l,file=key", "name is given twice", ""),
        ("raw-aes:namespace=,name=k,file=key", "namespace is empty", ""),
        ("raw-aes:namespace=a,b,name=k,file=key", "'b' is not NAME=VALUE", "--key-description"),
        ("raw-aes:namespace=aws-kms,name=k,file=key", "is reserved", ""),
        ("raw-aes", "namespace is missing", ""),
        (
            "raw-rsa:namespace=n,name=k,padding=oaep-sha25,file=key", "known are pkcs1, oaep-sha1",
            "did you mean 'oaep-sha256'?"
        ),
        ("raw-rsa:namespace=n,name=k,padding=pkcs1,file=key", "key: ", ""),
        ("aws-kms", "key is missing; aws-kms:ARN", ""),
        ("aws-kms:arn:aws:kms:eu-west-1", "is not an AWS KMS key identifier", ""),
        ("aws-kms-discovery:partition=aws", "partition needs accounts", ""),
        ("hierarchical:table=t,branch-key=b,kms=arn,ttl=soon", "ttl is 'soon'", ""),
    ])
    func whatIsWrongIsNamed(key: String, reason: String, suggestion: String) throws {
        let text = try refusal(key)
        #expect(text.contains(reason))
        #expect(suggestion.isEmpty || text.contains(suggestion))
    }

    @Test func aKeyIsNeeded() throws {
        let output = try ESDK.run(["encrypt", "plain"], in: folder)
        #expect(output.status == 2)
        #expect(output.standardError.contains("a key is missing: --key KEY"))
    }

    @Test func aMissingKeyFileIsNamed() throws {
        #expect(
            try refusal("raw-aes:namespace=n,name=k,file=none").contains("cannot open none: No such file or directory")
        )
    }
}
