internal import Glibc

/// Removing folders that this program has made.
enum FolderRemoval {
    /// Removes a folder and what is in it, as far as that is allowed; symbolic links are not followed.
    static func remove(_ path: String) {
        for name in names(in: path) ?? [] {
            let entry = "\(path)/\(name)"
            var status = stat()
            guard unsafe lstat(entry, &status) == 0 else { continue }
            if status.st_mode & S_IFMT == S_IFDIR { remove(entry) } else { _ = unsafe unlink(entry) }
        }
        _ = unsafe rmdir(path)
    }

    /// The names in a folder, hidden ones included; nil where it cannot be read.
    static func names(in path: String) -> [String]? {
        guard let folder = unsafe opendir(path) else { return nil }
        defer { _ = unsafe closedir(folder) }
        var names: [String] = []
        while let entry = unsafe readdir(folder) {
            let name = unsafe withUnsafePointer(to: &entry.pointee.d_name) { name in
                unsafe name.withMemoryRebound(to: CChar.self, capacity: 256) { unsafe String(cString: $0) }
            }
            if name != "." && name != ".." { names.append(name) }
        }
        return names
    }
}
