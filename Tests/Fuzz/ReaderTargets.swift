import AWSEncryptionSDK
import AWSMaterialProviders
import ESDKCrypto
import ESDKTestVectors
import Glibc
import MessageForge
import StrictJSON

/// A message of which only the header is read; the dissector of the forge must find the same in it.
func fuzzHeader(_ input: [UInt8]) {
    guard let header = try? MessageHeader(parsing: input) else { return }
    guard input.count >= header.length else { finding("the header is longer than its input") }
    let alone = Array(input[..<header.length])
    guard (try? MessageHeader(parsing: alone))?.length == header.length else { finding("needs bytes after its end") }
    guard (try? MessageHeader(parsing: Array(alone.dropLast()))) == nil else { finding("does without its last byte") }
    guard let (other, damage) = try? MessageDissector.survey(MessageSource(alone), detailedFrames: 0) else {
        finding("the dissector reads no array")
    }
    guard damage.map({ $0.offset >= alone.count }) ?? true, other.body != nil else {
        finding("the dissector refuses the header: \(damage.map(String.init(describing:)) ?? "no body")")
    }
    guard other.version == header.version, other.knownSuite == header.algorithmSuite,
        other.messageID == header.messageID, other.encryptedDataKeys == header.encryptedDataKeys,
        other.contentType == header.contentType.rawValue, other.frameLength == header.frameLength,
        other.commitment == header.commitment, other.headerIV == header.tagIV,
        Set(other.encryptionContext) == Set(header.encryptionContext.entries),
        other.encryptionContext.count == header.encryptionContext.count
    else { finding("parser and dissector read different headers") }
}

/// A serialized encryption context, in the only place where one is read: a header.
func fuzzEncryptionContext(_ input: [UInt8]) {
    let suite = AlgorithmSuite.aes256GCMHKDFSHA512CommitKey
    guard input.count <= Int(UInt16.max) else { return }
    var message: [UInt8] = [2] + suite.id.bigEndianBytes + [UInt8](repeating: 7, count: suite.messageIDLength)
    message += UInt16(input.count).bigEndianBytes + input
    message += [0, 1, 0, 1, 0x61, 0, 0, 0, 1, 0x62]  // one encrypted data key
    message += [2, 0, 0, 16, 0] + [UInt8](repeating: 0, count: suite.commitmentLength + AESGCM.tagLength)
    guard let header = try? MessageHeader(parsing: message) else { return }
    let context = header.encryptionContext
    guard let written = try? context.serialized() else { finding("a context that was read cannot be written") }
    guard header.diagnostics.isEmpty == (written == input) else {
        finding("canonical form: \(header.diagnostics), but \(written == input ? "the same" : "other") bytes")
    }
    guard (try? EncryptionContext(entries: context.entries.reversed())) == context else {
        finding("the order of the pairs makes another context")
    }
    guard context.dictionary.count == context.count else { finding("pairs are lost in the dictionary") }
}

/// A JSON document: what is read is written and read again, and what the scanner lets through, json-c must read.
func fuzzJSON(_ input: [UInt8]) {
    let value: JSONValue
    do { value = try StrictJSON.parse(input, source: "input") } catch {
        guard error.code != .library else { finding("json-c refuses what the scanner accepts: \(error)") }
        return
    }
    for pretty in [false, true] {
        guard let written = try? StrictJSON.serialize(value, pretty: pretty) else { finding("cannot be written") }
        guard (try? StrictJSON.parse(written, source: "output")) == value else { finding("another value comes back") }
    }
    guard let object = value.object, let name = object.names.first else { return }
    guard let deferred = try? StrictJSON.parse(input, source: "input", deferring: [JSONName(name)]) else {
        finding("cannot be read when a member is deferred")
    }
    guard let members = deferred.deferred[JSONName(name)] else { return }
    var later: [JSONObject.Member] = []
    do {
        try StrictJSON.forEachMember(of: members, in: input, source: "input") {
            later.append(.init(name: $0, value: $1))
        }
    } catch { finding("a deferred member cannot be read: \(error)") }
    guard members.count == later.count, JSONValue.object(JSONObject(later)) == object[name] else {
        finding("deferred members differ")
    }
}

/// A key in DER, or in PEM when it is text: what is read is written and read again.
func fuzzKeys(_ input: [UInt8]) {
    let text = String(validating: input, as: UTF8.self)
    let rsaPrivate = [text.flatMap { try? RSAPrivateKey(parsingPEM: $0) }, try? RSAPrivateKey(parsingDER: input)]
    for key in rsaPrivate.compactMap({ $0 }) {
        guard let pem = try? key.pem(), (try? RSAPrivateKey(parsingPEM: pem.text)) != nil else {
            finding("an RSA private key does not come back")
        }
    }
    let rsaPublic = [text.flatMap { try? RSAPublicKey(parsingPEM: $0) }, try? RSAPublicKey(parsingDER: input)]
    for key in rsaPublic.compactMap({ $0 }) {
        guard let der = try? key.subjectPublicKeyInfo(),
            (try? RSAPublicKey(parsingDER: der).subjectPublicKeyInfo()) == der
        else { finding("an RSA public key does not come back") }
    }
    let ecPrivate = [text.flatMap { try? ECPrivateKey(parsingPEM: $0) }, try? ECPrivateKey(parsingDER: input)]
    for key in ecPrivate.compactMap({ $0 }) {
        guard let pem = try? key.pem(), (try? ECPrivateKey(parsingPEM: pem.text))?.publicKey == key.publicKey else {
            finding("an EC private key does not come back")
        }
    }
    let ecPublic = [text.flatMap { try? ECPublicKey(parsingPEM: $0) }, try? ECPublicKey(parsingDER: input)]
    for key in ecPublic.compactMap({ $0 }) {
        guard let der = try? key.subjectPublicKeyInfo(), (try? ECPublicKey(parsingDER: der)) == key,
            (try? ECPublicKey(compressedPoint: key.compressedPoint.span, curve: key.curve)) == key
        else { finding("an EC public key does not come back") }
    }
}

extension SecretBytes {
    fileprivate var text: String { String(decoding: span.array, as: UTF8.self) }
}

extension Span<UInt8> {
    fileprivate var array: [UInt8] { indices.map { self[$0] } }
}

/// A manifest for decryption or encryption, or a keys manifest, by its first byte.
func fuzzManifest(_ input: [UInt8]) {
    guard let first = input.first else { return }
    let document = Array(input.dropFirst())
    let isKeys = first == UInt8(ascii: "k")
    let folder = isKeys ? keysFolder : manifestFolder
    write(document, to: folder + (isKeys ? "/keys.json" : "/manifest.json"))
    if first == UInt8(ascii: "e") {
        _ = try? EncryptSetLoader.load(folder + "/manifest.json", kind: .encrypt)
    } else {
        _ = try? VectorSetLoader.load(folder + "/manifest.json")
    }
}

/// A folder with keys, for an input that is a manifest.
private let manifestFolder: String = {
    let folder = temporaryFolder()
    write(Array(keysManifest.utf8), to: folder + "/keys.json")
    return folder
}()

/// A folder with a manifest, for an input that is keys.
private let keysFolder: String = {
    let folder = temporaryFolder()
    write(Array(decryptManifest.utf8), to: folder + "/manifest.json")
    return folder
}()

/// A new folder in that of `scripts/fuzz`, which removes it.
func temporaryFolder() -> String {
    var template = Array(
        "\(unsafe getenv("TMPDIR").map { unsafe String(cString: $0) } ?? "/tmp")/fuzz-XXXXXX".utf8CString
    )
    let made = unsafe template.withUnsafeMutableBufferPointer { buffer in
        unsafe buffer.baseAddress.flatMap { unsafe mkdtemp($0) }.map { unsafe String(cString: $0) }
    }
    guard let made else { finding("no temporary folder") }
    return made
}

/// Writes a file; what was in it is gone.
func write(_ bytes: [UInt8], to path: String) {
    guard let file = unsafe fopen(path, "w") else { finding("\(path) cannot be written") }
    _ = unsafe fwrite(bytes, 1, bytes.count, file)
    unsafe fclose(file)
}

private let keysManifest = """
    {"manifest": {"type": "keys", "version": 3}, "keys": {"k": {"key-id": "k", "encrypt": true, "decrypt": true,
    "algorithm": "aes", "type": "symmetric", "bits": 256, "encoding": "base64",
    "material": "bpS7MrCTf5j7TgfW0k8xt82y7x2UWm9nUHj2G4s8tjA="}}}
    """
private let decryptManifest = """
    {"manifest": {"type": "awses-decrypt", "version": 2}, "client": {"name": "c", "version": "1"}, "keys": "file://keys.json",
    "tests": {"t": {"ciphertext": "file://c", "master-keys": [{"type": "raw", "key": "k", "provider-id": "p",
    "encryption-algorithm": "aes"}], "result": {"output": {"plaintext": "file://p"}}}}}
    """
