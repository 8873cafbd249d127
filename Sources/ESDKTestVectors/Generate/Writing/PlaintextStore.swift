internal import ESDKCrypto
import ESDKSystem
internal import StrictJSON

/// The plaintexts of an encrypt manifest: files beside it where there are any, else made from their sizes, once for all tests.
final class PlaintextStore: Sendable {
    /// The largest plaintext, in bytes: it is held in memory, and its message as well.
    private static let largest = 1 << 30

    private let set: EncryptSet
    private let seed: String?
    private let known = Guarded<[JSONName: Result<[UInt8], TestProblem>]>([:])

    init(_ set: EncryptSet, seed: String?) {
        self.set = set
        self.seed = seed
    }

    /// A plaintext.
    ///
    /// - Throws: a failure of the test for a plaintext that the manifest does not list, or a file that is not as it says.
    func bytes(_ name: String) throws(TestProblem) -> [UInt8] {
        let key = JSONName(name)
        // Under the lock, so that a plaintext is made once even when all workers want it at the same time.
        return try known.withLock { known in
            if let result = known[key] { return result }
            let result = Result { () throws(TestProblem) in try load(name) }
            known[key] = result
            return result
        }.get()
    }

    /// The path of a plaintext below the folder of the written set.
    func path(_ name: String) -> String {
        let position = set.plaintextNames.firstIndex { $0.hasSameBytes(as: name) } ?? 0
        return "plaintexts/" + FileNames.name(for: name, at: position)
    }

    private func load(_ name: String) throws(TestProblem) -> [UInt8] {
        let quoted = ManifestText.quoted(name)
        guard let entry = set.plaintextSizes[JSONName(name)] else {
            throw .broken("the manifest lists no plaintext \(quoted)")
        }
        let size = try entry.get()
        guard size <= Self.largest else {
            throw .unsupported("a plaintext of \(size) bytes is larger than the \(Self.largest) that are encrypted")
        }
        if FileNames.isPlain(name), let uri = try? VectorURI("plaintexts/\(name)") {
            do {
                let bytes = try set.folder.read(uri, limit: size)
                guard bytes.count == size else {
                    throw TestProblem.broken(
                        "plaintext \(quoted) has \(bytes.count) bytes, and the manifest says \(size)"
                    )
                }
                return bytes
            } catch let problem as TestProblem {
                throw problem
            } catch let error as VectorFileError where error.code == .tooLarge {
                throw .broken("plaintext \(quoted) has not the \(size) bytes that the manifest says: \(error)")
            } catch let error as VectorFileError where error.code == .missing {
                // To be made.
            } catch {
                throw .broken("plaintext: \(error)")
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
