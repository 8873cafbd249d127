internal import Glibc

/// What the system knows of a file besides its contents.
package struct FileStatus: Sendable {
    /// What kind of thing a path or a descriptor leads to.
    package enum Kind: Sendable {
        case regular, folder, symbolicLink, pipe, socket, characterDevice, blockDevice, other

        /// The kind in words, with an article: `a folder`.
        package var words: String {
            switch self {
            case .regular: "a regular file"
            case .folder: "a folder"
            case .symbolicLink: "a symbolic link"
            case .pipe: "a pipe"
            case .socket: "a socket"
            case .characterDevice, .blockDevice: "a device"
            case .other: "not a file"
            }
        }
    }

    /// Which file it is, under whatever name.
    package struct Identity: Hashable, Sendable {
        fileprivate let device: UInt64
        fileprivate let inode: UInt64
    }

    package let kind: Kind
    package let identity: Identity
    /// Bytes; of use for regular files only.
    package let size: Int
    /// Who may read, write and run it: the nine bits of the mode.
    package let permissions: UInt32
    package let owner: UInt32
    package let group: UInt32
    /// How many names it has.
    package let linkCount: Int

    init(_ status: stat) {
        kind =
            switch status.st_mode & S_IFMT {
            case S_IFREG: .regular
            case S_IFDIR: .folder
            case S_IFLNK: .symbolicLink
            case S_IFIFO: .pipe
            case S_IFSOCK: .socket
            case S_IFCHR: .characterDevice
            case S_IFBLK: .blockDevice
            default: .other
            }
        identity = Identity(device: UInt64(status.st_dev), inode: UInt64(status.st_ino))
        size = Int(status.st_size)
        permissions = status.st_mode & 0o777
        owner = status.st_uid
        group = status.st_gid
        linkCount = Int(status.st_nlink)
    }

    /// The status of what a path leads to.
    ///
    /// - Parameters:
    ///   - path: the path.
    ///   - followsLinks: false for the status of a symbolic link itself.
    /// - Throws: when there is no such file, or a folder on the way may not be searched.
    package init(of path: SystemPath, followingLinks followsLinks: Bool = true) throws(SystemError) {
        let name = try path.cString(to: "find")
        var status = stat()
        guard unsafe fstatat(AT_FDCWD, name, &status, followsLinks ? 0 : AT_SYMLINK_NOFOLLOW) == 0 else {
            throw .last("find", path)
        }
        self.init(status)
    }
}
