import AWSMaterialProviders
import ESDKSystem

/// Runs `body` and gives errors of the operating system the form that users of the library know.
func withSystemErrors<Result>(
    _ body: () throws(SystemError) -> Result
) throws(EncryptionSDKError) -> Result {
    do {
        return try body()
    } catch {
        throw EncryptionSDKError(error)
    }
}

/// Runs `body` and gives errors of the operating system the form that users of the library know.
func withSystemErrors<Result>(_ body: () async throws -> Result) async throws -> Result {
    do {
        return try await body()
    } catch let error as SystemError {
        throw EncryptionSDKError(error)
    }
}
