import AWSMaterialProviders
import Glibc

extension FileDescriptor {
    /// Lets `write` fill a file that takes the place of `path` when it has succeeded, and is gone when it has not.
    ///
    /// Until then it is a temporary file in the same directory that only its owner may read.
    static func replacingFile<Result>(
        at path: String,
        write: (FileDescriptor) async throws -> Result
    ) async throws -> Result {
        let directory = path.lastIndex(of: "/").map { String(path[...$0]) } ?? "."
        let (output, temporaryPath) = try FileDescriptor.named(inDirectory: directory)
        do {
            let result = try await write(output)
            output.useDefaultPermissions()
            guard unsafe rename(temporaryPath, path) == 0 else { throw FileDescriptor.failure("cannot write", path) }
            return result
        } catch {
            unsafe unlink(temporaryPath)
            throw error
        }
    }
}
