import AWSEncryptionSDK
import COpenSSL
import Glibc

/// What libcrypto alone does over the memory that a message takes: a loop as it would be written in C.
///
/// One context, frames and tags where a message has them, from one array into another. `openssl speed` works on one buffer that stays in
/// the first-level cache, and is not a limit for that.
@safe struct LibcryptoLimit: ~Copyable {
    /// 10^6 bytes per CPU second.
    struct Rates {
        var encrypt = 0.0
        var decrypt = 0.0

        mutating func raise(to other: Rates) {
            encrypt = max(encrypt, other.encrypt)
            decrypt = max(decrypt, other.decrypt)
        }
    }

    private static let tagLength = 16
    private static let ivLength = 12
    /// Sequence number and IV, which are written and read as well.
    private static let prefixLength = 16
    /// As far as the body is from the start of a message: behind a header, and odd.
    private static let start = 313
    /// The length of a frame's additional data in version 2.
    private static let additionalDataLength = 72

    private let context: OpaquePointer
    /// Nil for an unsigned suite.
    private let digest: OpaquePointer?
    private let frameLength: Int
    private let frameCount: Int
    private let message: UnsafeMutableBufferPointer<UInt8>
    private let output: UnsafeMutableBufferPointer<UInt8>

    /// Prepares the loop for messages of a suite, whose signed ones are hashed by SHA-384.
    init(_ suite: AlgorithmSuite, frameLength: Int, size: Int) throws(BenchError) {
        self.frameLength = frameLength
        frameCount = size / frameLength
        unsafe message = Self.largePages(
            Self.start + frameCount * (frameLength + Self.prefixLength + Self.tagLength)
        )
        unsafe output = Self.largePages(size)
        let key = [UInt8](repeating: 7, count: suite.dataKeyLength)
        let cipher = unsafe suite.dataKeyLength == 16 ? EVP_aes_128_gcm() : EVP_aes_256_gcm()
        guard let context = unsafe EVP_CIPHER_CTX_new(),
            unsafe EVP_CipherInit_ex(context, cipher, nil, key, nil, 1) == 1
        else { throw BenchError("libcrypto does not offer AES-GCM") }
        unsafe self.context = context
        unsafe digest = suite.signature == nil ? nil : EVP_MD_CTX_new()
    }

    deinit {
        unsafe EVP_CIPHER_CTX_free(context)
        unsafe EVP_MD_CTX_free(digest)
        unsafe message.deallocate()
        unsafe output.deallocate()
    }

    /// Encrypts a plaintext and decrypts it again, and gives the best of some repetitions.
    func measure(_ plaintext: [UInt8], repetitions: Int) throws(BenchError) -> Rates {
        var best = Rates()
        var isIntact = true
        for _ in 0..<repetitions {
            let start = CPUClock.seconds()
            unsafe plaintext.withUnsafeBufferPointer { plaintext in isIntact = unsafe encrypt(plaintext) && isIntact }
            let middle = CPUClock.seconds()
            isIntact = decrypt() && isIntact
            let end = CPUClock.seconds()
            let megabytes = Double(frameCount * frameLength) / 1e6
            best.raise(to: Rates(encrypt: megabytes / (middle - start), decrypt: megabytes / (end - middle)))
        }
        guard isIntact else { throw BenchError("libcrypto does not open what it has sealed") }
        return best
    }

    private func encrypt(_ plaintext: UnsafeBufferPointer<UInt8>) -> Bool {
        guard var source = plaintext.baseAddress else { return false }
        return unsafe eachFrame { iv, additionalData, frame in
            var written: Int32 = 0
            unsafe (frame - Self.prefixLength).update(from: iv + (Self.ivLength - 4), count: 4)
            unsafe (frame - Self.ivLength).update(from: iv, count: Self.ivLength)
            guard unsafe EVP_CipherInit_ex(context, nil, nil, nil, iv, 1) == 1,
                unsafe EVP_CipherUpdate(context, nil, &written, additionalData, Int32(Self.additionalDataLength)) == 1,
                unsafe EVP_CipherUpdate(context, frame, &written, source, Int32(frameLength)) == 1,
                unsafe EVP_CipherFinal_ex(context, frame, &written) == 1
            else { return false }
            unsafe source += frameLength
            let tag = unsafe frame + frameLength
            return unsafe EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_GET_TAG, Int32(Self.tagLength), tag) == 1
        }
    }

    private func decrypt() -> Bool {
        guard var destination = unsafe output.baseAddress else { return false }
        return unsafe eachFrame { _, additionalData, frame in
            var written: Int32 = 0
            let tag = unsafe frame + frameLength
            guard unsafe EVP_CipherInit_ex(context, nil, nil, nil, frame - Self.ivLength, 0) == 1,
                unsafe EVP_CipherUpdate(context, nil, &written, additionalData, Int32(Self.additionalDataLength)) == 1,
                unsafe EVP_CipherUpdate(context, destination, &written, frame, Int32(frameLength)) == 1,
                unsafe EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_SET_TAG, Int32(Self.tagLength), tag) == 1
            else { return false }
            unsafe destination += frameLength
            var nothing: UInt8 = 0
            return unsafe EVP_CipherFinal_ex(context, &nothing, &written) == 1
        }
    }

    /// Calls `body` with IV, additional data and the content of each frame in the message.
    private func eachFrame(
        _ body: (UnsafePointer<UInt8>, UnsafePointer<UInt8>, UnsafeMutablePointer<UInt8>) -> Bool
    ) -> Bool {
        guard let base = unsafe message.baseAddress else { return false }
        var frame = unsafe base + Self.start + Self.prefixLength
        let additionalData = [UInt8](repeating: 3, count: Self.additionalDataLength)
        var iv = [UInt8](repeating: 0, count: Self.ivLength)
        if let digest = unsafe digest, unsafe EVP_DigestInit_ex(digest, EVP_sha384(), nil) != 1 { return false }
        for number in 1...frameCount {
            for index in 0..<4 { iv[11 - index] = UInt8(truncatingIfNeeded: number >> (8 * index)) }
            guard unsafe body(iv, additionalData, frame) else { return false }
            if let digest = unsafe digest {
                let length = Self.prefixLength + frameLength + Self.tagLength
                guard unsafe EVP_DigestUpdate(digest, frame - Self.prefixLength, length) == 1 else { return false }
            }
            unsafe frame += frameLength + Self.tagLength + Self.prefixLength
        }
        return true
    }

    private static func largePages(_ count: Int) -> UnsafeMutableBufferPointer<UInt8> {
        let pageLength = 2 << 20
        let rounded = (count + pageLength - 1) / pageLength * pageLength
        let memory = UnsafeMutableRawPointer.allocate(byteCount: rounded, alignment: pageLength)
        _ = unsafe madvise(memory, rounded, MADV_HUGEPAGE)
        unsafe memory.initializeMemory(as: UInt8.self, repeating: 0, count: rounded)
        return unsafe UnsafeMutableBufferPointer(start: memory.assumingMemoryBound(to: UInt8.self), count: rounded)
    }
}
