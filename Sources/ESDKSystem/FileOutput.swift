internal import CLinux
internal import Glibc

/// A file that is written as a whole: complete under its name, or not there at all.
///
/// What is written goes to a temporary file in the folder of the target, without a name where the file system can, and
/// takes its place with `commit()`. Nothing is left when the object is released before.
///
/// - A regular file that is replaced keeps its permissions, its access control list and, where that is allowed, its
///   owner and group. Of a file with several names only this one is replaced: what is written for one reader does not
///   appear in a folder of another one, and the other names keep the old contents.
/// - Symbolic links are followed, or refused.
/// - Devices, pipes and sockets are written through, as is what `/dev/stdout` and `/dev/fd/N` stand for.
/// - Where the target cannot be replaced, because it is a mount point or lies in a folder that cannot be written, its
///   contents are replaced in place at the end.
package final class FileOutput: Sendable {
    /// What may become of what is there already, and who may read the result.
    package struct Rules: Sendable {
        /// Whether a regular file that is there may be replaced.
        package var replacesFiles = true
        /// Whether a symbolic link to a regular file, or to nothing yet, is followed.
        package var followsLinks = true
        /// Only those who could read a file of this status may read the output: it is that of the file whose contents
        /// go into it.
        package var noWiderThan: FileStatus?
        /// Whether only the owner may read the output, unless a file that is replaced was open to more.
        package var isPrivate = false

        /// Whether a file that is replaced hands its permissions and its owner on.
        package var keepsPermissions = true
        /// Whether the temporary file has no name where the file system can make such a file.
        var usesUnnamedFile = true

        /// The rules of a plain copy.
        package init() {}
    }

    /// How the output came to its place.
    package enum Placement: Sendable {
        /// Under a name that was free.
        case created
        /// Instead of a file, at once.
        case replaced
        /// Into a file that cannot be replaced; a reader may have seen a part of it.
        case writtenInPlace
        /// Into a device, a pipe or a socket.
        case writtenThrough
    }

    /// What is written to.
    package let file: FileDescriptor
    /// Whether what is written is seen at once, by whatever is behind a device, a pipe or a socket.
    package let isWrittenThrough: Bool

    private let path: SystemPath
    private let rules: Rules
    private let place: Place?
    private let draft: Draft?
    private let isDone = Guarded(false)

    /// Finds the place and makes the temporary file.
    ///
    /// - Parameters:
    ///   - path: the file to be written.
    ///   - rules: what may become of what is there already.
    /// - Throws: what the system says; `EEXIST` and `ELOOP` for what the rules refuse.
    package init(_ path: SystemPath, _ rules: Rules = Rules()) throws(SystemError) {
        self.path = path
        self.rules = rules
        switch try Place.find(path, rules) {
        case .open(let file):
            (self.file, isWrittenThrough, place, draft) = (file, true, nil, nil)
        case .file(let place):
            let draft = try Draft(at: place, for: path, isUnnamed: rules.usesUnnamedFile)
            (file, isWrittenThrough, self.place, self.draft) = (draft.file, false, place, draft)
        }
    }

    /// Writes through to what is open already, such as standard output.
    package init(through file: FileDescriptor) {
        self.file = file
        path = file.path ?? "output"
        rules = Rules()
        (isWrittenThrough, place, draft) = (true, nil, nil)
    }

    deinit { discard() }

    /// Takes away what was written; not what went through to a device or pipe.
    package func discard() {
        let isPending = isDone.withLock { isDone in
            defer { isDone = true }
            return !isDone
        }
        if isPending { draft?.removeName() }
    }

    /// Removes what processes left in a folder that were killed while they wrote a file there.
    package static func removeLeftovers(in folder: SystemPath) { TemporaryName.removeLeftovers(in: folder) }

    /// Puts the file in its place, safe from a loss of power.
    ///
    /// - Returns: how.
    /// - Throws: what the system says; the place is then as it was, unless the contents were being replaced in place.
    @discardableResult
    package func commit() throws(SystemError) -> Placement {
        guard let place, let draft else {
            try file.synchronize()
            return .writtenThrough
        }
        defer { discard() }
        try setPermissions(like: rules.keepsPermissions ? place.status : nil, draft)
        try file.synchronize()
        guard draft.isBesideTarget else { return try writeInPlace(place) }
        guard let current = try place.currentStatus() else {
            if try draft.link(as: place.name, in: place.folder, for: path) { return try placed(.created, place) }
            return try replace(place, draft)
        }
        guard rules.replacesFiles else { throw SystemError(EEXIST, "create", path) }
        guard current.kind == .regular else {
            throw SystemError(EEXIST, "replace", path, "it has become \(current.kind.words) meanwhile")
        }
        return try replace(place, draft)
    }

    private func replace(_ place: Place, _ draft: Draft) throws(SystemError) -> Placement {
        guard rules.replacesFiles else { throw SystemError(EEXIST, "create", path) }
        try draft.giveName()
        do {
            try draft.rename(to: place.name, in: place.folder, for: path)
        } catch  where [EBUSY, EPERM, EACCES].contains(error.number) {
            return try writeInPlace(place)
        }
        return try placed(.replaced, place)
    }

    private func placed(_ placement: Placement, _ place: Place) throws(SystemError) -> Placement {
        isDone.withLock { $0 = true }
        // A folder that may be written but not read cannot be synchronized.
        if let folder = try? FileDescriptor.open(".", O_RDONLY | O_DIRECTORY, in: place.folder) {
            try folder.synchronize()
        }
        return placement
    }

    // MARK: - Permissions

    /// Sets who may read the file, before it has a name.
    private func setPermissions(like replaced: FileStatus?, _ draft: Draft) throws(SystemError) {
        var permissions = replaced?.permissions ?? (rules.isPrivate ? 0o600 : draft.defaultPermissions)
        var group = try file.status().group
        if let replaced {
            let status = try file.status()
            if status.owner != replaced.owner || status.group != replaced.group {
                let wasGiven =
                    fchown(file.number, replaced.owner, replaced.group) == 0
                    || fchown(file.number, uid_t.max, replaced.group) == 0
                // The permissions of one group are not for another.
                if wasGiven { group = replaced.group } else { permissions = Self.withoutGroup(permissions) }
            }
        }
        if let replaced, !copyAccessControlList(of: replaced) {
            // What looks like the permissions of the group is what the list grants at most.
            permissions = Self.withoutGroup(permissions)
        }
        permissions = limited(permissions, group: group)
        guard fchmod(file.number, permissions) == 0 else { throw .last("set the permissions of", path) }
    }

    /// Gives the file the access control list of the one that it replaces.
    ///
    /// - Returns: whether it has it, or there is none.
    private func copyAccessControlList(of replaced: FileStatus) -> Bool {
        guard let place,
            let old = try? FileDescriptor.open(place.name, Int32(LINUX_O_PATH) | O_NOFOLLOW, in: place.folder),
            (try? old.status())?.identity == replaced.identity
        else { return false }
        let attribute = "system.posix_acl_access"
        // No attribute is longer.
        var list = [UInt8](repeating: 0, count: 65_536)
        let length = unsafe getxattr("/proc/self/fd/\(old.number)", attribute, &list, UInt(list.count))
        guard length >= 0 else { return errno == ENODATA || errno == EOPNOTSUPP }
        return unsafe fsetxattr(file.number, attribute, list, UInt(length), 0) == 0
    }

    private func limited(_ permissions: UInt32, group: UInt32) -> UInt32 {
        guard let source = rules.noWiderThan else { return permissions }
        let limit = source.group == group ? source.permissions : Self.withoutGroup(source.permissions)
        return permissions & (limit | 0o700)
    }

    /// What members of the group may do when they count as anybody.
    private static func withoutGroup(_ permissions: UInt32) -> UInt32 {
        permissions & ~0o070 | permissions & (permissions & 0o007) << 3
    }

    // MARK: - In place

    private func writeInPlace(_ place: Place) throws(SystemError) -> Placement {
        let target = try FileDescriptor.open(place.name, O_WRONLY | O_NOFOLLOW | O_NONBLOCK, in: place.folder)
        let status = try target.status()
        guard status.kind == .regular else {
            throw SystemError(EEXIST, "replace", path, "it has become \(status.kind.words) meanwhile")
        }
        let permissions = limited(status.permissions, group: status.group)
        guard permissions == status.permissions || fchmod(target.number, permissions) == 0 else {
            throw .last("restrict the permissions of", path)
        }
        guard uninterrupted({ ftruncate(target.number, 0) }) == 0 else { throw .last("write", path) }
        var offset = 0
        while true {
            let bytes = try file.read(upTo: 256 << 10, at: offset)
            if bytes.isEmpty { break }
            do { try target.writeAll(bytes.span) } catch {
                throw SystemError(
                    error.number,
                    "write",
                    path,
                    "\(error.reason); it cannot be replaced at once, and is now incomplete"
                )
            }
            offset += bytes.count
        }
        try target.synchronize()
        return .writtenInPlace
    }
}

// MARK: - The place

extension FileOutput {
    /// Where an output belongs.
    private struct Place: Sendable {
        let folder: FileDescriptor
        /// Its name in the folder.
        let name: SystemPath
        /// What was there when it was looked for.
        let status: FileStatus?

        enum Answer {
            /// Something that is written through.
            case open(FileDescriptor)
            case file(Place)
        }

        func currentStatus() throws(SystemError) -> FileStatus? { try FileOutput.status(of: name, in: folder) }

        /// Follows a path to what it stands for.
        static func find(_ path: SystemPath, _ rules: Rules) throws(SystemError) -> Answer {
            var rest = path
            var folder: FileDescriptor?
            var isLink = false
            // As many links as Linux itself follows.
            for _ in 0..<40 {
                guard let last = rest.bytes.last else { throw SystemError(ENOENT, "create", path) }
                let name = rest.lastComponent
                guard last != UInt8(ascii: "/"), name != ".", name != ".." else {
                    throw SystemError(EISDIR, "write", path)
                }
                let inner = try FileDescriptor.open(
                    rest.parent,
                    Int32(LINUX_O_PATH) | O_DIRECTORY,
                    in: folder,
                    calling: path
                )
                folder = inner
                guard let status = try FileOutput.status(of: name, in: inner) else {
                    try checkLink(isLink, path, rules)
                    return .file(Place(folder: inner, name: name, status: nil))
                }
                switch status.kind {
                case .symbolicLink:
                    if let open = try openDescriptor(name, in: inner, for: path) { return .open(open) }
                    rest = try SystemFile.target(of: name, in: inner)
                    isLink = true
                case .regular:
                    try checkLink(isLink, path, rules)
                    guard rules.replacesFiles else { throw SystemError(EEXIST, "create", path) }
                    return .file(Place(folder: inner, name: name, status: status))
                case .folder:
                    throw SystemError(EISDIR, "write", path)
                case .socket:
                    return .open(try connect(name, in: inner, for: path))
                case .pipe, .characterDevice, .blockDevice, .other:
                    return .open(try .open(name, O_WRONLY | O_NOCTTY, in: inner, calling: path))
                }
            }
            throw SystemError(ELOOP, "follow", path)
        }

        private static func checkLink(_ isLink: Bool, _ path: SystemPath, _ rules: Rules) throws(SystemError) {
            if isLink && !rules.followsLinks { throw SystemError(ELOOP, "write", path, "it is a symbolic link") }
        }

        /// The descriptor that a link such as `/proc/self/fd/1` stands for; nil for other links.
        ///
        /// Opened anew, a file would be written from its start, over what it has received, and a socket not at all.
        private static func openDescriptor(
            _ name: SystemPath,
            in folder: FileDescriptor,
            for path: SystemPath
        ) throws(SystemError) -> FileDescriptor? {
            guard let number = name.string.flatMap({ Int32($0) }),
                let place = try? SystemFile.target(of: SystemPath("/proc/self/fd/\(folder.number)"), in: nil).string
            else { return nil }
            let own = "/proc/\(getpid())"
            guard place == own + "/fd" || place.hasPrefix(own + "/task/") && place.hasSuffix("/fd") else { return nil }
            let copy = fcntl(number, F_DUPFD_CLOEXEC, 3)
            guard copy >= 0 else { throw .last("open", path) }
            return FileDescriptor(copy, path: path)
        }

        private static func connect(
            _ name: SystemPath,
            in folder: FileDescriptor,
            for path: SystemPath
        ) throws(SystemError) -> FileDescriptor {
            let number = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
            guard number >= 0 else { throw .last("open", path) }
            let file = FileDescriptor(number, path: path)
            var address = sockaddr_un()
            address.sun_family = sa_family_t(AF_UNIX)
            // The name by way of the folder: a whole path may be longer than an address has room for.
            let bytes = Array("/proc/self/fd/\(folder.number)/".utf8) + name.bytes + [0]
            let hasRoom = unsafe withUnsafeMutableBytes(of: &address.sun_path) { room in
                guard bytes.count <= room.count else { return false }
                unsafe room.copyBytes(from: bytes)
                return true
            }
            guard hasRoom else { throw SystemError(ENAMETOOLONG, "open", path) }
            let status = unsafe withUnsafePointer(to: &address) { address in
                unsafe address.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
                    uninterrupted {
                        unsafe Glibc.connect(number, address, socklen_t(MemoryLayout<sockaddr_un>.size))
                    }
                }
            }
            guard status == 0 else { throw .last("open", path) }
            return file
        }
    }

    private static func status(of name: SystemPath, in folder: FileDescriptor) throws(SystemError) -> FileStatus? {
        let text = try name.cString(to: "find")
        var status = stat()
        if unsafe fstatat(folder.number, text, &status, AT_SYMLINK_NOFOLLOW) == 0 { return FileStatus(status) }
        if errno == ENOENT { return nil }
        throw .last("find", name)
    }
}

// MARK: - The draft

extension FileOutput {
    /// The temporary file.
    private final class Draft: Sendable {
        let file: FileDescriptor
        /// The permissions that the process gives to a new file in this folder.
        let defaultPermissions: UInt32
        /// Whether it lies on the file system of the target, and can take its place.
        let isBesideTarget: Bool
        private let folder: FileDescriptor
        /// The name that it has for now.
        private let name: Guarded<TemporaryName?>

        init(at place: Place, for path: SystemPath, isUnnamed: Bool) throws(SystemError) {
            folder = place.folder
            do {
                (file, name, defaultPermissions) = try Self.make(in: place.folder, isUnnamed: isUnnamed)
                isBesideTarget = true
            } catch  where [EACCES, EPERM, EROFS].contains(error.number) && place.status != nil {
                // The file may still be open to us where its folder is not.
                guard unsafe faccessat(place.folder.number, try place.name.cString(to: "open"), W_OK, AT_EACCESS) == 0
                else { throw SystemError(error.number, "write", path) }
                file = try .unnamedTemporary()
                name = Guarded(nil)
                defaultPermissions = 0o600
                isBesideTarget = false
            } catch {
                throw SystemError(error.number, "create", path)
            }
        }

        private static func make(
            in folder: FileDescriptor,
            isUnnamed: Bool
        ) throws(SystemError) -> (FileDescriptor, Guarded<TemporaryName?>, UInt32) {
            if isUnnamed, let made = try makeUnnamed(in: folder) { return (made.file, Guarded(nil), made.permissions) }
            let name = SystemPath.random(prefix: TemporaryName.prefix)
            // An empty file shows the permissions; asking for the mask would change it for other threads.
            let probe = try FileDescriptor.open(name, O_RDWR | O_CREAT | O_EXCL, permissions: 0o666, in: folder)
            let permissions = try? probe.status().permissions
            let text = try name.cString(to: "remove")
            guard unsafe unlinkat(folder.number, text, 0) == 0 else { throw .last("remove", name) }
            while true {
                let file = try FileDescriptor.open(name, O_RDWR | O_CREAT | O_EXCL, permissions: 0o600, in: folder)
                TemporaryName.lock(file)
                // Who looked for leftovers before there was a lock may have taken it for one.
                if try file.status().linkCount == 0 { continue }
                return (file, Guarded(TemporaryName(name, in: folder)), permissions ?? 0o600)
            }
        }

        /// Makes a file without a name; nil where that is not possible.
        private static func makeUnnamed(
            in folder: FileDescriptor
        ) throws(SystemError) -> (file: FileDescriptor, permissions: UInt32)? {
            let file: FileDescriptor
            do { file = try .open(".", unnamedFile | O_RDWR, permissions: 0o666, in: folder) } catch {
                if error.isUnnamedUnsupported { return nil }
                throw error
            }
            let permissions = try file.status().permissions
            // It can get a name only by way of /proc.
            let link = "/proc/self/fd/\(file.number)"
            guard fchmod(file.number, 0o600) == 0, unsafe access(link, F_OK) == 0 else { return nil }
            return (file, permissions)
        }

        /// Gives an unnamed file a name for the moment before it takes its place.
        func giveName() throws(SystemError) {
            guard name.withLock({ $0 == nil }) else { return }
            let temporary = SystemPath.random(prefix: TemporaryName.prefix)
            TemporaryName.lock(file)
            guard try link(as: temporary, in: folder, for: temporary) else {
                throw SystemError(EEXIST, "create", temporary)
            }
            name.withLock { $0 = TemporaryName(temporary, in: folder) }
        }

        /// Gives the file a name that is free.
        ///
        /// - Returns: whether it was.
        func link(as target: SystemPath, in folder: FileDescriptor, for path: SystemPath) throws(SystemError) -> Bool {
            let text = try target.cString(to: "create")
            let status: Int32
            if let name = name.withLock({ $0?.name }) {
                let from = try name.cString(to: "create")
                status = unsafe renameat2(folder.number, from, folder.number, text, UInt32(LINUX_RENAME_NOREPLACE))
                // A file system that knows no such flag: the file is complete, and the place was free a moment ago.
                if status != 0 && errno == EINVAL {
                    try rename(to: target, in: folder, for: path)
                    return true
                }
            } else {
                let from = "/proc/self/fd/\(file.number)"
                status = unsafe linkat(AT_FDCWD, from, folder.number, text, AT_SYMLINK_FOLLOW)
            }
            if status == 0 { return true }
            if errno == EEXIST { return false }
            throw .last("create", path)
        }

        func rename(to target: SystemPath, in folder: FileDescriptor, for path: SystemPath) throws(SystemError) {
            guard let name = name.withLock({ $0?.name }) else { throw SystemError(ENOENT, "create", path) }
            let (from, to) = (try name.cString(to: "create"), try target.cString(to: "create"))
            guard unsafe renameat(folder.number, from, folder.number, to) == 0 else { throw .last("replace", path) }
        }

        /// Takes the name away, and with it the file.
        func removeName() { name.withLock { $0 = nil } }
    }
}
