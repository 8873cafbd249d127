import ESDKSystem

/// What is in folders and the folders in them, in the order of the names; symbolic links are not followed.
struct FolderWalk {
    /// Something that is not a folder.
    struct Entry {
        /// Its path.
        let path: SystemPath
        /// Its path from the folder that the walk began in.
        let relative: SystemPath
        let status: FileStatus
    }

    /// A folder that is left out, such as the one that is written to.
    var skipped: FileStatus.Identity?
    /// Is told of each folder that cannot be read, and of what has gone meanwhile; both are left out.
    let onProblem: (SystemError) -> Void

    init(skipping skipped: FileStatus.Identity? = nil, onProblem: @escaping (SystemError) -> Void) {
        self.skipped = skipped
        self.onProblem = onProblem
    }

    /// Calls `body` for each entry.
    ///
    /// - Throws: what `body` throws.
    func visit(_ folder: SystemPath, _ body: (Entry) throws -> Void) rethrows {
        try visit(folder, below: nil, body)
    }

    private func visit(_ folder: SystemPath, below place: SystemPath?, _ body: (Entry) throws -> Void) rethrows {
        let names: [SystemPath]
        do { names = try Folder.names(in: folder) } catch { return onProblem(error) }
        for name in names {
            let path = folder.appending(name)
            let relative = place?.appending(name) ?? name
            let status: FileStatus
            do { status = try FileStatus(of: path, followingLinks: false) } catch {
                onProblem(error)
                continue
            }
            if status.kind != .folder {
                try body(Entry(path: path, relative: relative, status: status))
            } else if status.identity != skipped {
                try visit(path, below: relative, body)
            }
        }
    }
}
