import ESDKCrypto
import TestSupport
import Testing

@Suite struct AESGCMTests {
    struct Group: Decodable {
        struct Case: Decodable {
            let id: Int
            let result: Verdict
            let key: String
            let iv: String
            let aad: String
            let msg: String
            let ct: String
            let tag: String
        }

        let keySize: Int
        let tests: [Case]
    }

    private static let key = [UInt8](0..<32)
    private static let iv = [UInt8](0..<12)

    private func open(
        _ sealed: [UInt8],
        keyLength: AESGCM.KeyLength = .aes256,
        key: [UInt8] = AESGCMTests.key,
        iv: [UInt8] = AESGCMTests.iv,
        aad: [UInt8] = []
    ) throws -> [UInt8] {
        var opener = try AESGCM.Opener(keyLength, key: key.span)
        let split = sealed.count - AESGCM.tagLength
        return try [UInt8](capacity: split) { (output: inout OutputSpan<UInt8>) throws(CryptoError) in
            try opener.open(
                sealed.span.extracting(first: split),
                tag: sealed.span.extracting(last: AESGCM.tagLength),
                iv: iv.span,
                authenticating: aad.span,
                appendingTo: &output
            )
        }
    }

    private func seal(
        _ plaintext: [UInt8],
        keyLength: AESGCM.KeyLength = .aes256,
        key: [UInt8] = AESGCMTests.key,
        iv: [UInt8] = AESGCMTests.iv,
        aad: [UInt8] = []
    ) throws -> [UInt8] {
        var sealer = try AESGCM.Sealer(keyLength, key: key.span)
        let capacity = plaintext.count + AESGCM.tagLength
        return try [UInt8](capacity: capacity) { (output: inout OutputSpan<UInt8>) throws(CryptoError) in
            try sealer.seal(plaintext.span, iv: iv.span, authenticating: aad.span, appendingTo: &output)
        }
    }

    @Test func wycheproof() throws {
        let groups = try WycheproofFile<Group>.load("aes-gcm")
        #expect(Set(groups.map(\.keySize)) == [128, 192, 256])
        for group in groups {
            let keyLength = try #require(AESGCM.KeyLength(rawValue: group.keySize / 8))
            for vector in group.tests {
                let key = try bytes(vector.key)
                let iv = try bytes(vector.iv)
                let aad = try bytes(vector.aad)
                let sealed = try bytes(vector.ct + vector.tag)
                let message = try bytes(vector.msg)
                if vector.result == .valid {
                    let opened = try open(sealed, keyLength: keyLength, key: key, iv: iv, aad: aad)
                    #expect(opened == message, "test \(vector.id)")
                    let resealed = try seal(message, keyLength: keyLength, key: key, iv: iv, aad: aad)
                    #expect(resealed == sealed, "test \(vector.id)")
                } else {
                    #expect(throws: CryptoError(.authenticationFailed, ""), "test \(vector.id)") {
                        try open(sealed, keyLength: keyLength, key: key, iv: iv, aad: aad)
                    }
                }
            }
        }
    }

    struct Example: Sendable {
        let keyLength: AESGCM.KeyLength
        let key: String
        let iv: String
        let aad: String
        let plaintext: String
        let ciphertext: String
        let tag: String
    }

    // "The Galois/Counter Mode of Operation" (the GCM submission to NIST), appendix B, test cases 1, 4, 7, 10, 13, 16.
    static let examples: [Example] = {
        let zeros = String(repeating: "0", count: 24)
        let key = "feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308"
        let iv = "cafebabefacedbaddecaf888"
        let aad = "feedfacedeadbeeffeedfacedeadbeefabaddad2"
        let plaintext =
            "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a72"
            + "1c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b39"
        return [
            Example(
                keyLength: .aes128,
                key: String(repeating: "0", count: 32),
                iv: zeros,
                aad: "",
                plaintext: "",
                ciphertext: "",
                tag: "58e2fccefa7e3061367f1d57a4e7455a"
            ),
            Example(
                keyLength: .aes128,
                key: String(key.prefix(32)),
                iv: iv,
                aad: aad,
                plaintext: plaintext,
                ciphertext: "42831ec2217774244b7221b784d0d49ce3aa212f2c02a4e035c17e2329aca12e"
                    + "21d514b25466931c7d8f6a5aac84aa051ba30b396a0aac973d58e091",
                tag: "5bc94fbc3221a5db94fae95ae7121a47"
            ),
            Example(
                keyLength: .aes192,
                key: String(repeating: "0", count: 48),
                iv: zeros,
                aad: "",
                plaintext: "",
                ciphertext: "",
                tag: "cd33b28ac773f74ba00ed1f312572435"
            ),
            Example(
                keyLength: .aes192,
                key: String(key.prefix(48)),
                iv: iv,
                aad: aad,
                plaintext: plaintext,
                ciphertext: "3980ca0b3c00e841eb06fac4872a2757859e1ceaa6efd984628593b40ca1e19c"
                    + "7d773d00c144c525ac619d18c84a3f4718e2448b2fe324d9ccda2710",
                tag: "2519498e80f1478f37ba55bd6d27618c"
            ),
            Example(
                keyLength: .aes256,
                key: String(repeating: "0", count: 64),
                iv: zeros,
                aad: "",
                plaintext: "",
                ciphertext: "",
                tag: "530f8afbc74536b9a963b4f1c4cb738b"
            ),
            Example(
                keyLength: .aes256,
                key: key,
                iv: iv,
                aad: aad,
                plaintext: plaintext,
                ciphertext: "522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa"
                    + "8cb08e48590dbb3da7b08b1056828838c5f61e6393ba7a0abcc9f662",
                tag: "76fc6ece0f4e1768cddf8853bb2d551b"
            ),
        ]
    }()

    @Test(arguments: examples)
    func theExamplesOfTheSubmissionHold(example: Example) throws {
        let sealed = try bytes(example.ciphertext + example.tag)
        let opened = try open(
            sealed,
            keyLength: example.keyLength,
            key: bytes(example.key),
            iv: bytes(example.iv),
            aad: bytes(example.aad)
        )
        #expect(opened == (try bytes(example.plaintext)))
        let resealed = try seal(
            bytes(example.plaintext),
            keyLength: example.keyLength,
            key: bytes(example.key),
            iv: bytes(example.iv),
            aad: bytes(example.aad)
        )
        #expect(resealed == sealed)
    }

    @Test func everyBitOfEveryPartIsAuthenticated() throws {
        let aad: [UInt8] = [1, 2, 3]
        let sealed = try seal([10, 20, 30, 40, 50], aad: aad)
        for bit in 0..<(sealed.count * 8) {
            var changed = sealed
            changed[bit / 8] ^= 1 << (bit % 8)
            #expect(throws: CryptoError(.authenticationFailed, "")) { try open(changed, aad: aad) }
        }
        for bit in 0..<(aad.count * 8) {
            var changed = aad
            changed[bit / 8] ^= 1 << (bit % 8)
            #expect(throws: CryptoError(.authenticationFailed, "")) { try open(sealed, aad: changed) }
        }
        #expect(throws: CryptoError(.authenticationFailed, "")) { try open(sealed) }
        var iv = AESGCMTests.iv
        iv[11] ^= 1
        #expect(throws: CryptoError(.authenticationFailed, "")) { try open(sealed, iv: iv, aad: aad) }
    }

    @Test func aFailureTakesBackWhatWasWrittenAndOverwritesIt() throws {
        let plaintext = [UInt8](repeating: 0x5A, count: 100)
        var sealed = try seal(plaintext)
        sealed[sealed.count - 1] ^= 1
        let memory = UnsafeMutableBufferPointer<UInt8>.allocate(capacity: 200)
        defer { memory.deallocate() }
        memory.initialize(repeating: 0xEE)
        var output = OutputSpan<UInt8>(buffer: memory, initializedCount: 0)
        for byte: UInt8 in 0..<10 { output.append(byte) }
        var opener = try AESGCM.Opener(.aes256, key: AESGCMTests.key.span)
        #expect(throws: CryptoError(.authenticationFailed, "")) {
            try opener.open(
                sealed.span.extracting(first: 100),
                tag: sealed.span.extracting(last: 16),
                iv: AESGCMTests.iv.span,
                authenticating: [UInt8]().span,
                appendingTo: &output
            )
        }
        #expect(output.count == 10)
        _ = output.finalize(for: memory)
        #expect(Array(memory[..<10]) == Array(0..<10))
        #expect(Array(memory[10..<110]) == [UInt8](repeating: 0, count: 100))
        #expect(Array(memory[110...]) == [UInt8](repeating: 0xEE, count: 90))
    }

    @Test func oneOpenerOpensManyMessagesAndSurvivesFailures() throws {
        var opener = try AESGCM.Opener(.aes256, key: AESGCMTests.key.span)
        var opened: [UInt8] = []
        var expected: [UInt8] = []
        for number: UInt8 in 0..<20 {
            let iv = [UInt8](repeating: number, count: 12)
            let plaintext = [UInt8](repeating: number, count: Int(number) * 7)
            var sealed = try seal(plaintext, iv: iv, aad: [number])
            let isBroken = number % 3 == 1
            if isBroken { sealed[sealed.count - 5] ^= 4 }
            let before = opened.count
            let aad = [number]
            do {
                try opened.append(addingCapacity: plaintext.count) {
                    (output: inout OutputSpan<UInt8>) throws(CryptoError) in
                    try opener.open(
                        sealed.span.extracting(first: plaintext.count),
                        tag: sealed.span.extracting(last: 16),
                        iv: iv.span,
                        authenticating: aad.span,
                        appendingTo: &output
                    )
                }
                #expect(!isBroken)
                expected += plaintext
            } catch {
                #expect(isBroken)
                #expect(opened.count == before)
            }
        }
        #expect(opened == expected)
    }

    @Test(arguments: AESGCM.KeyLength.allCases, [0, 1, 15, 16, 17, 23, 24, 25, 31, 32, 33, 64])
    func onlyAKeyOfTheStatedLengthIsTaken(keyLength: AESGCM.KeyLength, count: Int) throws {
        let key = [UInt8](repeating: 7, count: count)
        if count == keyLength.rawValue {
            _ = try AESGCM.Opener(keyLength, key: key.span)
            _ = try AESGCM.Sealer(keyLength, key: key.span)
        } else {
            #expect(throws: CryptoError(.invalidLength, "")) { _ = try AESGCM.Opener(keyLength, key: key.span) }
            #expect(throws: CryptoError(.invalidLength, "")) { _ = try AESGCM.Sealer(keyLength, key: key.span) }
        }
    }

    @Test(arguments: [0, 11, 13, 16])
    func onlyIVsOfTwelveBytesAreTaken(count: Int) {
        let iv = [UInt8](repeating: 1, count: count)
        #expect(throws: CryptoError(.invalidLength, "")) { try seal([1], iv: iv) }
        #expect(throws: CryptoError(.invalidLength, "")) {
            try open([UInt8](repeating: 1, count: 17), iv: iv)
        }
    }

    @Test(arguments: [0, 4, 12, 15, 17])
    func onlyTagsOfSixteenBytesAreTaken(count: Int) throws {
        let sealed = try seal([])
        let tag = Array((sealed + [0]).prefix(count))
        var opener = try AESGCM.Opener(.aes256, key: AESGCMTests.key.span)
        var output: [UInt8] = []
        #expect(throws: CryptoError(.invalidLength, "")) {
            try output.append(addingCapacity: 16) { (output: inout OutputSpan<UInt8>) throws(CryptoError) in
                try opener.open(
                    [UInt8]().span,
                    tag: tag.span,
                    iv: AESGCMTests.iv.span,
                    authenticating: [UInt8]().span,
                    appendingTo: &output
                )
            }
        }
    }

    @Test func outputWithoutRoomIsRefusedBeforeAnythingIsWritten() throws {
        let plaintext: [UInt8] = [1, 2, 3, 4]
        let sealed = try seal(plaintext)
        var sealer = try AESGCM.Sealer(.aes256, key: AESGCMTests.key.span)
        var opener = try AESGCM.Opener(.aes256, key: AESGCMTests.key.span)
        let memory = UnsafeMutableBufferPointer<UInt8>.allocate(capacity: 19)
        defer { memory.deallocate() }
        var output = OutputSpan<UInt8>(buffer: memory, initializedCount: 0)
        #expect(throws: CryptoError(.invalidLength, "")) {
            try sealer.seal(
                plaintext.span,
                iv: AESGCMTests.iv.span,
                authenticating: [UInt8]().span,
                appendingTo: &output
            )
        }
        output.append(repeating: 0, count: 16)
        #expect(throws: CryptoError(.invalidLength, "")) {
            try opener.open(
                sealed.span.extracting(first: 4),
                tag: sealed.span.extracting(last: 16),
                iv: AESGCMTests.iv.span,
                authenticating: [UInt8]().span,
                appendingTo: &output
            )
        }
        #expect(output.count == 16)
        _ = output.finalize(for: memory)
    }

    @Test("Prefetching changes nothing")
    func prefetching() {
        let source = [UInt8](repeating: 1, count: 1024)
        var destination = [UInt8](repeating: 7, count: 1024)
        source.withUnsafeBufferPointer { source in
            destination.withUnsafeMutableBufferPointer { destination in
                guard let start = source.baseAddress, let target = destination.baseAddress else { return }
                AESGCM.prefetch(start, into: target, destination.count)
            }
        }
        #expect(source.allSatisfy { $0 == 1 } && destination.allSatisfy { $0 == 7 })
    }
}
