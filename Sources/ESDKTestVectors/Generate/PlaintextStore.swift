import ESDKCrypto
import ESDKSystem
import StrictJSON

/// The plaintexts of an encrypt manifest: files from its folder if there are any, otherwise made from their sizes, once for all tests.
final class PlaintextStore: Sendable {
    /// The largest plaintext, in bytes: it is held in memory, and its message as well.
    private static let largest = 1 << 30

    private let set: EncryptSet
    private let seed: String?
    private let known = Guarded<[JSONName: Result<[UInt8], VectorError>]>([:])

    init(_ set: EncryptSet, seed: String?) {
        self.set = set
        self.seed = seed
    }

    /// A plaintext.
    ///
    /// - Throws: a failure of the test for a plaintext that the manifest does not list, or a file that is not as it says.
    func bytes(_ name: String) throws(VectorError) -> [UInt8] {
        let key = JSONName(name)
        // Under the lock, so that a plaintext is made once even when all workers want it at the same time.
        return try known.withLock { known in
            if let result = known[key] { return result }
            let result = Result { () throws(VectorError) in try load(name) }
            known[key] = result
            return result
        }.get()
    }

    /// The path of a plaintext below the folder of the written set.
    func path(_ name: String) -> String {
        let position = set.plaintextNames.firstIndex { $0.hasSameBytes(as: name) } ?? 0
        return "plaintexts/" + FileNames.name(for: name, at: position)
    }

    private func load(_ name: String) throws(VectorError) -> [UInt8] {
        let quoted = ManifestText.quoted(name)
        guard let entry = set.plaintextSizes[JSONName(name)] else {
            throw .broken("the manifest lists no plaintext \(quoted)")
        }
        let size = try entry.get()
        guard size <= Self.largest else {
            throw .unsupported("a plaintext of \(size) bytes is larger than the \(Self.largest) that are encrypted")
        }
        if FileNames.isPlain(name), let uri = try? VectorURI("plaintexts/\(name)") {
            do throws(VectorError) {
                let bytes = try set.folder.read(uri, limit: size)
                guard bytes.count == size else {
                    throw .broken("plaintext \(quoted) has \(bytes.count) bytes, but the manifest states \(size)")
                }
                return bytes
            } catch {
                switch error.code {
                case .notFound: break  // To be made.
                case .broken: throw error
                case .tooLarge:
                    throw .broken(
                        "plaintext \(quoted) does not have the \(size) bytes that the manifest states: \(error)"
                    )
                default: throw .broken("plaintext: \(error)")
                }
            }
        }
        do {
            guard let seed else { return try SystemRandomSource().bytes(size) }
            return try SeededRandomSource(seed: seed, label: "plaintext " + name).bytes(size)
        } catch {
            throw .broken("plaintext: \(error)")
        }
    }
}

/// The names of the files of a set.
enum FileNames {
    /// Whether a text can be a file name on every system as it is.
    ///
    /// Names that start with an underscore are left for texts that cannot.
    static func isPlain(_ text: String) -> Bool {
        guard 1...150 ~= text.utf8.count, let first = text.utf8.first else { return false }
        guard first != UInt8(ascii: "."), first != UInt8(ascii: "-"), first != UInt8(ascii: "_") else { return false }
        return text.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "."), UInt8(ascii: "-"), UInt8(ascii: "_"):
                true
            default: false
            }
        }
    }

    /// The file name for a text, or for its position where the text cannot be one.
    static func name(for text: String, at position: Int) -> String {
        isPlain(text) ? text : "_\(position)"
    }
}
