import ESDKSystem
import Glibc
import StrictJSON

/// A folder that is written whole or not at all: it is filled under another name in the folder above, and put in its place at the end.
package final class OutputFolder: Sendable {
    /// The manifest of a plan of what to encrypt, and what says what is not in it.
    package static let planName = "encrypt-manifest.json"
    package static let leftOutName = "left-out.json"
    package static let materialsName = "materials-manifest.json"

    /// The place of the folder.
    private let place: SystemPath
    /// Where it is filled.
    private let draft: SystemPath
    /// Has the draft removed when a second signal ends the process.
    private let unfinished: UnfinishedFolder
    private let replaces: Bool
    private let inputs: [String]

    /// Checks the place and starts the folder.
    ///
    /// - Parameters:
    ///   - path: the place; the folder above it must be there.
    ///   - replaces: whether a set that lies there may be replaced. Nothing else is ever removed.
    ///   - inputs: files and folders that are read: a folder that holds one of them is not replaced.
    ///   - subfolders: folders to be made in it.
    /// - Throws: `VectorError`.
    package init(
        _ path: String,
        replaces: Bool,
        inputs: [String] = [],
        subfolders: [String]
    ) throws(VectorError) {
        self.replaces = replaces
        self.inputs = inputs
        place = try Self.place(of: path)
        let current = try? FileStatus(of: place)
        if current != nil, try !Self.isEmpty(place, calling: path) {
            guard replaces else {
                throw VectorError.output(
                    path,
                    "is not empty; name another folder, or give --force to replace the set in it"
                )
            }
            try Self.refuse(inputs, in: place, calling: path)
            _ = try SetInFolder(place, calling: path)
        }
        draft = try Self.makeDraft(of: place, permissions: current?.permissions, calling: path)
        unfinished = UnfinishedFolder(draft)
        for subfolder in subfolders {
            do { try Folder.make(draft.appending(SystemPath(subfolder))) } catch {
                discard()
                throw VectorError.output(path, "cannot be created: \(error.reason)")
            }
        }
    }

    /// Writes a file of the folder, which must not be there yet.
    ///
    /// - Parameters:
    ///   - name: its path below the folder.
    ///   - bytes: its contents.
    /// - Throws: `VectorError`.
    package func write(_ name: String, _ bytes: [UInt8]) throws(VectorError) {
        do {
            let file = try FileDescriptor.open(
                draft.appending(SystemPath(name)),
                O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW
            )
            try file.writeAll(bytes.span)
            // Some file systems tell only now that the bytes did not fit.
            try file.close()
        } catch {
            throw VectorError.output("\(place)/\(name)", "cannot be written: \(error.reason)")
        }
    }

    /// Takes a file of the folder away again.
    package func remove(_ name: String) { try? SystemFile.remove(draft.appending(SystemPath(name))) }

    /// Puts the folder in its place.
    ///
    /// - Throws: `VectorError`. The place is then as it was and what was written is gone, unless the error says otherwise.
    package func commit() throws(VectorError) {
        do {
            // Takes the place of nothing, and of an empty folder.
            try SystemFile.rename(draft, to: place)
            return unfinished.release()
        } catch {
            guard [ENOTEMPTY, EEXIST].contains(error.number) else {
                discard()
                throw self.error("cannot be put in place: \(error.reason)")
            }
        }
        guard replaces else {
            discard()
            throw error("is not empty any more: something was put into it meanwhile")
        }
        try replace()
    }

    /// An error about the folder.
    func error(_ reason: String) -> VectorError { VectorError.output("\(place)", reason) }

    /// Takes away what was written.
    package func discard() {
        Folder.removeAll(draft)
        unfinished.release()
    }

    // MARK: - Replacing

    private func replace() throws(VectorError) {
        let old = draft.withSuffix(".old")
        do throws(VectorError) {
            try Self.refuse(inputs, in: place, calling: "\(place)")
            do { try SystemFile.rename(place, to: old) } catch {
                throw self.error("cannot be replaced: \(error.reason)")
            }
        } catch {
            discard()
            throw error
        }
        // From here on a sudden end leaves both, the old one under its other name: one of them is wanted.
        unfinished.release()
        // Under another name nothing is written to it any more: what was added during the run is there by now.
        let set: SetInFolder
        do throws(VectorError) {
            set = try SetInFolder(old, calling: "\(place)")
            do { try SystemFile.rename(draft, to: place) } catch {
                throw self.error("cannot be put in place: \(error.reason)")
            }
        } catch {
            discard()
            guard (try? SystemFile.rename(old, to: place)) != nil else {
                throw VectorError.output("\(place)", "\(error); what was in the folder is now in \(old)")
            }
            throw error
        }
        guard set.remove() else {
            throw self.error("is written; what was there before is kept in \(old), since something was added to it")
        }
    }

    /// Refuses to replace a folder that holds an input.
    private static func refuse(_ inputs: [String], in folder: SystemPath, calling path: String) throws(VectorError) {
        let identity: FileStatus.Identity
        do { identity = try FileStatus(of: folder).identity } catch {
            throw VectorError.output(path, "cannot be read: \(error.reason)")
        }
        for input in inputs where isSame(identity, asFolderAbove: input) {
            throw VectorError.output(path, "holds \(ManifestText.plain(input)), which is read; name another folder")
        }
    }

    private static func isSame(_ identity: FileStatus.Identity, asFolderAbove input: String) -> Bool {
        guard var path = try? SystemFile.resolve(SystemPath(input)) else { return false }
        while (try? FileStatus(of: path).identity) != identity {
            if path == path.parent { return false }
            path = path.parent
        }
        return true
    }

    // MARK: - The place

    private static func place(of path: String) throws(VectorError) -> SystemPath {
        let given = SystemPath(path)
        guard !path.isEmpty, !path.utf8.contains(0) else {
            throw VectorError.output(path, "is not the name of a folder")
        }
        let resolved: SystemPath
        do { resolved = try SystemFile.resolve(given) } catch {
            guard error.isMissingFile else { throw VectorError.output(path, "cannot be found: \(error.reason)") }
            guard (try? FileStatus(of: given, followingLinks: false)) == nil else {
                throw VectorError.output(path, "is a symbolic link that leads nowhere")
            }
            guard let parent = try? SystemFile.resolve(given.parent), isFolder(parent) else {
                throw VectorError.output(path, "there is no folder \(given.parent) to put it in")
            }
            let name = given.lastComponent
            guard name != ".", name != ".." else { throw VectorError.output(path, "is not the name of a folder") }
            return parent.appending(name)
        }
        guard isFolder(resolved) else { throw VectorError.output(path, "is there already, and is not a folder") }
        guard resolved != "/" else { throw VectorError.output(path, "cannot be replaced") }
        return resolved
    }

    private static func isFolder(_ path: SystemPath) -> Bool { (try? FileStatus(of: path))?.kind == .folder }

    private static func isEmpty(_ folder: SystemPath, calling path: String) throws(VectorError) -> Bool {
        do { return try Folder.names(in: folder).isEmpty } catch {
            throw VectorError.output(path, "cannot be read: \(error.reason)")
        }
    }

    /// Makes the folder that is filled; it is as open as the one whose place it takes.
    private static func makeDraft(
        of place: SystemPath,
        permissions: UInt32?,
        calling path: String
    ) throws(VectorError) -> SystemPath {
        for attempt in 0..<100 {
            let name = SystemPath(bytes: [UInt8(ascii: ".")] + place.lastComponent.bytes)
            let draft = place.parent.appending(name.withSuffix(".\(getpid())-\(attempt).partial"))
            do {
                try Folder.make(draft, permissions: 0o700 | (permissions ?? 0o777))
                if let permissions {
                    let folder = try FileDescriptor.open(draft, O_RDONLY | O_DIRECTORY | O_NOFOLLOW)
                    fchmod(folder.number, 0o700 | permissions)
                }
                return draft
            } catch {
                guard error.number == EEXIST else {
                    throw VectorError.output(path, "cannot be created: \(error.reason)")
                }
            }
        }
        throw VectorError.output(path, "cannot be created: too many unfinished folders lie in the folder above")
    }
}

/// A decrypt set that is all that a folder holds: its manifest, what the manifest names, and the list of tests that could not be written.
private struct SetInFolder {
    private let folder: SystemPath
    /// The paths of its files below the folder.
    private var files: [SystemPath] = []
    /// The paths of its folders below the folder, each after the one that it lies in.
    private var subfolders: [SystemPath] = []

    /// Finds the parts of the set in a folder.
    ///
    /// - Parameters:
    ///   - folder: the folder.
    ///   - path: what errors call it.
    /// - Throws: `VectorError` for a folder that cannot be read, or that holds something else.
    init(_ folder: SystemPath, calling path: String) throws(VectorError) {
        self.folder = folder
        let stranger: SystemPath?
        do {
            let named = try Self.filesNamedByManifest(in: folder)
            stranger = try findParts(named, folders: Self.folders(above: named), below: nil)
        } catch {
            throw VectorError.output(path, "cannot be read: \(error.reason)")
        }
        guard let stranger else { return }
        let shown = StrictJSON.quoted("\(stranger)")
        throw VectorError.output(path, "holds \(shown), which is not part of a set in it, and is not replaced")
    }

    /// Removes the set and the folder; returns false when something else has come into the folder meanwhile, which is left there.
    func remove() -> Bool {
        for file in files { try? SystemFile.remove(folder.appending(file)) }
        for subfolder in subfolders.reversed() { try? Folder.remove(folder.appending(subfolder)) }
        return (try? Folder.remove(folder)) != nil
    }

    /// Takes note of what belongs to the set; returns the first thing that does not.
    private mutating func findParts(
        _ named: Set<SystemPath>,
        folders: Set<SystemPath>,
        below subfolder: SystemPath?
    ) throws(SystemError) -> SystemPath? {
        for name in try Folder.names(in: subfolder.map(folder.appending) ?? folder) {
            let path = subfolder?.appending(name) ?? name
            switch try FileStatus(of: folder.appending(path), followingLinks: false).kind {
            case .regular where named.contains(path):
                files.append(path)
            case .folder where folders.contains(path):
                subfolders.append(path)
                if let stranger = try findParts(named, folders: folders, below: path) { return stranger }
            default:
                return path
            }
        }
        return nil
    }

    /// The folders that files lie in, and those that every written set has, if with nothing in them.
    private static func folders(above files: Set<SystemPath>) -> Set<SystemPath> {
        var folders: Set<SystemPath> = ["ciphertexts", "plaintexts"]
        for file in files {
            var path = file.parent
            while path != ".", folders.insert(path).inserted { path = path.parent }
        }
        return folders
    }

    /// The manifest of the set in a folder and the files that it names, by their paths below the folder; none without a manifest.
    private static func filesNamedByManifest(in folder: SystemPath) throws(SystemError) -> Set<SystemPath> {
        func json(_ name: String) throws(SystemError) -> JSONValue? {
            let path = folder.appending(SystemPath(name))
            guard (try? FileStatus(of: path, followingLinks: false))?.kind == .regular else { return nil }
            let text = try SystemFile.read(path, limit: StrictJSON.maximumLength)
            return try? StrictJSON.parse(text, source: name)
        }
        let plan = OutputFolder.planName
        for name in Set(SetFormat.allCases.map(\.manifestName)).sorted() + [plan] {
            let type = name == plan ? "awses-encrypt" : "awses-decrypt"
            guard let manifest = try json(name), manifest["manifest"]?["type"]?.string == type else { continue }
            var named: Set<SystemPath> = [SystemPath(name)]
            addFiles(namedBy: manifest, to: &named)
            let unsupported = "unsupported.json"
            if let reasons = try json(unsupported)?.object, reasons.members.allSatisfy({ $0.value.string != nil }) {
                named.insert(SystemPath(unsupported))
            }
            if name == plan {
                named.formUnion([SystemPath(OutputFolder.leftOutName), SystemPath(OutputFolder.materialsName)])
            }
            return named
        }
        return []
    }

    /// Adds the files that URIs in a manifest lead to.
    private static func addFiles(namedBy value: JSONValue, to named: inout Set<SystemPath>) {
        switch value {
        case .string(let text) where text.utf8.starts(with: "file:".utf8):
            if let uri = try? VectorURI(text) { named.insert(SystemPath(uri.relativePath)) }
        case .array(let values):
            for value in values { addFiles(namedBy: value, to: &named) }
        case .object(let object):
            for member in object.members { addFiles(namedBy: member.value, to: &named) }
        default: break
        }
    }
}

extension SystemPath {
    fileprivate func withSuffix(_ text: String) -> SystemPath { SystemPath(bytes: bytes + Array(text.utf8)) }
}
