import AWSEncryptionSDK
import AWSMaterialProviders
import TestSupport
import Testing

/// Expects that every way of reading refuses the message, with this code and, as far as given, at this place.
func expectRefusal(
    of message: [UInt8],
    by reader: Reader,
    _ code: EncryptionSDKError.Code,
    offset: UInt64? = nil,
    field: String? = nil,
    frame: UInt32? = nil,
    encryptedDataKey: Int? = nil,
    readings: [Reading] = Reading.all,
    _ comment: Comment? = nil,
    sourceLocation: SourceLocation = #_sourceLocation
) async {
    for reading in readings {
        let what: Comment = "\(reading), \(comment ?? "")"
        do {
            _ = try await reader.read(message, reading)
            Issue.record("opened: \(what)", sourceLocation: sourceLocation)
        } catch let error as EncryptionSDKError {
            #expect(error.code == code, what, sourceLocation: sourceLocation)
            let place = error.place
            if let offset { #expect(place?.offset == offset, what, sourceLocation: sourceLocation) }
            if let field { #expect(place?.field == field, what, sourceLocation: sourceLocation) }
            if let frame { #expect(place?.frame == frame, what, sourceLocation: sourceLocation) }
            if let encryptedDataKey {
                #expect(place?.encryptedDataKey == encryptedDataKey, what, sourceLocation: sourceLocation)
            }
        } catch {
            Issue.record("not an error of the library: \(error), \(what)", sourceLocation: sourceLocation)
        }
    }
}

/// Expects that every way of reading the message gives this plaintext, and these diagnostics.
func expectOpening(
    of message: [UInt8],
    by reader: Reader,
    _ plaintext: [UInt8],
    diagnostics: [MessageDiagnostic] = [],
    readings: [Reading] = Reading.all,
    _ comment: Comment? = nil,
    sourceLocation: SourceLocation = #_sourceLocation
) async {
    for reading in readings {
        let what: Comment = "\(reading), \(comment ?? "")"
        do {
            let result = try await reader.read(message, reading)
            // Compared outside the macro, which would look for the differences of two long arrays.
            let isRight = result.plaintext == plaintext
            #expect(isRight, what, sourceLocation: sourceLocation)
            #expect(result.message.diagnostics == diagnostics, what, sourceLocation: sourceLocation)
        } catch {
            Issue.record("refused: \(error), \(what)", sourceLocation: sourceLocation)
        }
    }
}

extension Forge {
    /// A reader that holds the forged message's data key.
    func reader(client: EncryptionSDK? = nil, context: EncryptionContext = [:]) throws -> Reader {
        try Reader(StubKeyring(dataKey: dataKey), client: client, context: context)
    }

    /// Expects that the message is refused, however it is read.
    func expectRefusal(
        _ code: EncryptionSDKError.Code,
        offset: (Message) -> UInt64? = { _ in nil },
        field: String? = nil,
        frame: UInt32? = nil,
        encryptedDataKey: Int? = nil,
        context: EncryptionContext = [:],
        _ comment: Comment? = nil,
        sourceLocation: SourceLocation = #_sourceLocation
    ) async throws {
        let message = try sealed()
        await AWSEncryptionSDKTests.expectRefusal(
            of: message.bytes,
            by: try reader(context: context),
            code,
            offset: offset(message),
            field: field,
            frame: frame,
            encryptedDataKey: encryptedDataKey,
            comment,
            sourceLocation: sourceLocation
        )
    }

    /// Expects that the message opens, however it is read: the twin of a refusal.
    func expectOpening(
        diagnostics: [MessageDiagnostic] = [],
        context: EncryptionContext = [:],
        _ comment: Comment? = nil,
        sourceLocation: SourceLocation = #_sourceLocation
    ) async throws {
        await AWSEncryptionSDKTests.expectOpening(
            of: try sealed().bytes,
            by: try reader(context: context),
            plaintext,
            diagnostics: diagnostics,
            comment,
            sourceLocation: sourceLocation
        )
    }
}
