import AWSEncryptionSDK
import AWSMaterialProviders
import ESDKCrypto
import MessageForge
import TestSupport
import Testing

/// The rules about single fields of the header.
///
/// Each message is sealed over the altered bytes.
@Suite("Header rules: fields")
struct HeaderFieldRuleTests {
    @Test("The messages of the forge open when nothing is altered", arguments: AlgorithmSuite.all)
    func twinsOpen(suite: AlgorithmSuite) async throws {
        try await Forge(suite).expectOpening()
        try await Forge(suite, context: [:]).expectOpening()
        try await Forge.nonFramed(suite).expectOpening()
    }

    @Test("H01: a version other than 1 and 2 is refused", arguments: Forge.suites, [0x00, 0x03, 0x7F, 0xFF] as [UInt8])
    func h01(suite: AlgorithmSuite, version: UInt8) async throws {
        var forge = try Forge(suite)
        forge.overrides[.version] = [version]
        try await forge.expectRefusal(.unsupportedVersion, offset: { _ in 0 }, field: "Version")
    }

    @Test(
        "H02: a type other than 80 is refused in version 1",
        arguments: Forge.version1Suites,
        [0x00, 0x7F, 0x81, 0xFF] as [UInt8]
    )
    func h02(suite: AlgorithmSuite, type: UInt8) async throws {
        var forge = try Forge(suite)
        forge.overrides[.type] = [type]
        try await forge.expectRefusal(.unsupportedType, offset: { _ in 1 }, field: "Type")
    }

    @Test(
        "H03: an unknown algorithm suite is refused",
        arguments: Forge.suites,
        [0, 0x0179, 0x0479, 0xFFFF] as [UInt16]
    )
    func h03(suite: AlgorithmSuite, id: UInt16) async throws {
        var forge = try Forge(suite)
        forge.overrides[.algorithmSuiteID] = id.bytes
        try await forge.expectRefusal(
            .unknownAlgorithmSuite,
            offset: { $0.offset("Algorithm Suite ID") },
            field: "Algorithm Suite ID"
        )
    }

    @Test(
        "H04: an algorithm suite of another client is refused",
        arguments: Forge.suites,
        [0x0070, 0x0071, 0x0072, 0x0073, 0x0074, 0x6700, 0x6701] as [UInt16]
    )
    func h04(suite: AlgorithmSuite, id: UInt16) async throws {
        var forge = try Forge(suite)
        forge.overrides[.algorithmSuiteID] = id.bytes
        try await forge.expectRefusal(
            .algorithmSuiteNotForMessages,
            offset: { $0.offset("Algorithm Suite ID") },
            field: "Algorithm Suite ID"
        )
    }

    @Test("H05: an algorithm suite of the other version of the format is refused", arguments: AlgorithmSuite.all)
    func h05(suite: AlgorithmSuite) async throws {
        // Everything in the shape of the other version, and sealed so.
        var forge = try Forge(suite)
        if suite.messageFormatVersion == 1 {
            forge.overrides = [.version: [2], .type: [], .reserved: [], .ivLength: [], .headerIV: []]
        } else {
            forge.overrides = [.version: [1], .type: [0x80], .reserved: [0, 0, 0, 0], .ivLength: [12]]
            forge.overrides[.headerIV] = [UInt8](repeating: 0, count: 12)
        }
        try await forge.expectRefusal(
            .algorithmSuiteVersionMismatch,
            offset: { $0.offset("Algorithm Suite ID") },
            field: "Algorithm Suite ID"
        )
    }

    @Test("H18: a content type other than 1 and 2 is refused", arguments: Forge.suites, [0, 3, 0xFF] as [UInt8])
    func h18(suite: AlgorithmSuite, contentType: UInt8) async throws {
        var forge = try Forge(suite)
        forge.overrides[.contentType] = [contentType]
        try await forge.expectRefusal(
            .unsupportedContentType,
            offset: { $0.offset("Content Type") },
            field: "Content Type"
        )
    }

    @Test("H19: a reserved field other than zero is refused", arguments: Forge.version1Suites, 0..<4)
    func h19(suite: AlgorithmSuite, index: Int) async throws {
        var forge = try Forge(suite)
        var reserved: [UInt8] = [0, 0, 0, 0]
        reserved[index] = 1
        forge.overrides[.reserved] = reserved
        try await forge.expectRefusal(.reservedFieldNotZero, offset: { $0.offset("Reserved") }, field: "Reserved")
    }

    @Test(
        "H20: an IV length other than the suite's is refused",
        arguments: Forge.version1Suites,
        [0, 11, 13] as [UInt8]
    )
    func h20(suite: AlgorithmSuite, length: UInt8) async throws {
        var forge = try Forge(suite)
        forge.overrides[.ivLength] = [length]
        try await forge.expectRefusal(.ivLengthMismatch, offset: { $0.offset("IV Length") }, field: "IV Length")
    }

    @Test("H21: a non-framed message with a frame length is refused", arguments: Forge.suites)
    func h21(suite: AlgorithmSuite) async throws {
        var forge = try Forge.nonFramed(suite)
        try await forge.expectOpening()
        for length in [1, 4096] {
            forge.frameLength = length
            try await forge.expectRefusal(
                .frameLengthInNonFramedMessage,
                offset: { $0.offset("Frame Length") },
                field: "Frame Length"
            )
        }
    }

    @Test("H22: a framed message with frame length 0 is refused, even when it is empty", arguments: Forge.suites)
    func h22(suite: AlgorithmSuite) async throws {
        for plaintext in [Forge.defaultPlaintext, []] {
            var forge = try Forge(suite, plaintext: plaintext, frameLength: 64)
            try await forge.expectOpening()
            forge.frameLength = 0
            try await forge.expectRefusal(
                .zeroFrameLength,
                offset: { $0.offset("Frame Length") },
                field: "Frame Length"
            )
        }
    }

    @Test("H23: algorithm suite data of another length than 32 is refused", arguments: Forge.version2Suites)
    func h23(suite: AlgorithmSuite) async throws {
        var forge = try Forge(suite)
        let right = try forge.keys().commitment
        forge.overrides[.commitment] = right.dropLast()
        // The reader takes the first byte of the tag for the last one of the commitment.
        try #require(try forge.sealed().bytes[Int(forge.sealed().offset("Authentication Tag"))] != right[31])
        try await forge.expectRefusal(.commitmentMismatch, field: "Algorithm Suite Data")
        forge.overrides[.commitment] = right + [0]
        try await forge.expectRefusal(.headerTagMismatch, field: "Authentication Tag")
    }

    @Test("H24: a header whose tag is altered in any bit is refused", arguments: Forge.suites)
    func h24Tag(suite: AlgorithmSuite) async throws {
        let forge = try Forge(suite)
        let message = try forge.sealed()
        let tag = Int(message.offset("Authentication Tag"))
        for bit in 0..<128 {
            var altered = message.bytes
            altered[tag + bit / 8] ^= 1 << (bit % 8)
            await expectRefusal(
                of: altered,
                by: try forge.reader(),
                .headerTagMismatch,
                offset: UInt64(tag),
                field: "Authentication Tag",
                readings: [.oneShot, .streamed(chunkLength: 64)]
            )
        }
    }

    @Test(
        "H24: a header whose IV is altered is refused, one sealed with another IV is not",
        arguments: Forge.version1Suites
    )
    func h24IV(suite: AlgorithmSuite) async throws {
        var forge = try Forge(suite)
        let message = try forge.sealed()
        for index in 0..<12 {
            var altered = message.bytes
            altered[Int(message.offset("IV")) + index] ^= 0x10
            await expectRefusal(of: altered, by: try forge.reader(), .headerTagMismatch, field: "Authentication Tag")
        }
        forge.headerIV = [UInt8](1...12)
        try await forge.expectOpening()
    }

    @Test("H27: Base64 text of a message is refused by name", arguments: Forge.suites)
    func h27(suite: AlgorithmSuite) async throws {
        let forge = try Forge(suite)
        let text = Array(Base64.encode(try forge.sealed().bytes).utf8)
        #expect(text.starts(with: Array((suite.messageFormatVersion == 1 ? "AY" : "Ag").utf8)))
        await expectRefusal(
            of: text,
            by: try forge.reader(),
            .base64EncodedMessage,
            offset: 0,
            field: "Version"
        )
    }

    @Test("Nothing at all is a truncated message")
    func emptyInput() async throws {
        let reader = try Reader(StubKeyring(dataKey: []))
        await expectRefusal(of: [], by: reader, .truncatedMessage, offset: 0, field: "Version")
    }
}
