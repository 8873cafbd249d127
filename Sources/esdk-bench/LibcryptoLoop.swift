import AWSEncryptionSDK
import COpenSSL
import ESDKCrypto
import Glibc

/// A loop over libcrypto alone, as it would be written in C: one context, frames and tags where a message has them.
///
/// Where that pays, it fetches the next frame while one is opened, as the library does.
///
/// A value belongs to one thread; several of them may work on different frames of the same memory.
@safe struct LibcryptoLoop: ~Copyable {
    private static let tagLength = 16
    private static let ivLength = 12
    /// Sequence number and IV, which are written and read as well.
    private static let prefixLength = 16
    /// As far as the body is from the start of a message: behind a header, and odd.
    private static let start = 313
    /// The length of a frame's additional data in version 2.
    private static let additionalDataLength = 72

    private let context: OpaquePointer
    /// Nil where frames are not hashed.
    private let digest: OpaquePointer?
    private let frameLength: Int
    private let prefetches: Bool

    /// Prepares the loop.
    ///
    /// - Parameters:
    ///   - suite: decides the length of the key.
    ///   - frameLength: the plaintext of each frame in bytes.
    ///   - isHashing: whether SHA-384 follows each frame, as in a signed suite.
    init(_ suite: AlgorithmSuite, frameLength: Int, isHashing: Bool) throws(BenchError) {
        self.frameLength = frameLength
        prefetches = AESGCM.prefetchingPays && frameLength >= 1024
        let key = [UInt8](repeating: 7, count: suite.dataKeyLength)
        let cipher = unsafe suite.dataKeyLength == 16 ? EVP_aes_128_gcm() : EVP_aes_256_gcm()
        guard let context = unsafe EVP_CIPHER_CTX_new(),
            unsafe EVP_CipherInit_ex(context, cipher, nil, key, nil, 1) == 1
        else { throw BenchError("libcrypto does not offer AES-GCM") }
        unsafe self.context = context
        unsafe digest = isHashing ? EVP_MD_CTX_new() : nil
    }

    deinit {
        unsafe EVP_CIPHER_CTX_free(context)
        unsafe EVP_MD_CTX_free(digest)
    }

    /// How many bytes a message of so many frames takes.
    static func messageLength(frames: Int, frameLength: Int) -> Int {
        start + frames * (frameLength + prefixLength + tagLength)
    }

    /// Encrypts frames of a plaintext into their places in a message; false when libcrypto refuses.
    func encrypt(_ frames: Range<Int>, of plaintext: [UInt8], into message: borrowing LargePages) -> Bool {
        unsafe plaintext.withUnsafeBufferPointer { plaintext in
            guard let base = plaintext.baseAddress else { return false }
            var source = unsafe base + frames.lowerBound * frameLength
            return unsafe eachFrame(frames, of: message) { iv, additionalData, frame in
                var written: Int32 = 0
                unsafe (frame - Self.prefixLength).update(from: iv + (Self.ivLength - 4), count: 4)
                unsafe (frame - Self.ivLength).update(from: iv, count: Self.ivLength)
                guard unsafe EVP_CipherInit_ex(context, nil, nil, nil, iv, 1) == 1,
                    unsafe EVP_CipherUpdate(context, nil, &written, additionalData, Int32(Self.additionalDataLength))
                        == 1,
                    unsafe EVP_CipherUpdate(context, frame, &written, source, Int32(frameLength)) == 1,
                    unsafe EVP_CipherFinal_ex(context, frame, &written) == 1
                else { return false }
                unsafe source += frameLength
                let tag = unsafe frame + frameLength
                return unsafe EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_GET_TAG, Int32(Self.tagLength), tag) == 1
            }
        }
    }

    /// Decrypts frames of a message into their places in the output; false when a tag does not match.
    func decrypt(_ frames: Range<Int>, of message: borrowing LargePages, into output: borrowing LargePages) -> Bool {
        var destination = unsafe output.base + frames.lowerBound * frameLength
        return unsafe eachFrame(frames, of: message) { _, additionalData, frame in
            var written: Int32 = 0
            let tag = unsafe frame + frameLength
            if prefetches { unsafe AESGCM.prefetch(tag, into: destination + frameLength, frameLength) }
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

    /// Hashes bytes in pieces as long as a frame, as a thread does that has nothing else to do; false when libcrypto refuses.
    func hash(_ bytes: [UInt8]) -> Bool {
        guard let digest = unsafe digest, unsafe EVP_DigestInit_ex(digest, EVP_sha384(), nil) == 1 else { return false }
        return unsafe bytes.withUnsafeBytes { bytes in
            stride(from: 0, to: bytes.count, by: frameLength).allSatisfy { offset in
                let piece = unsafe UnsafeRawBufferPointer(
                    rebasing: bytes[offset..<min(offset + frameLength, bytes.count)]
                )
                return unsafe EVP_DigestUpdate(digest, piece.baseAddress, piece.count) == 1
            }
        }
    }

    /// Calls `body` with IV, additional data and the content of each frame in the message.
    private func eachFrame(
        _ frames: Range<Int>,
        of message: borrowing LargePages,
        _ body: (UnsafePointer<UInt8>, UnsafePointer<UInt8>, UnsafeMutablePointer<UInt8>) -> Bool
    ) -> Bool {
        let distance = Self.prefixLength + frameLength + Self.tagLength
        var frame = unsafe message.base + Self.start + frames.lowerBound * distance + Self.prefixLength
        let additionalData = [UInt8](repeating: 3, count: Self.additionalDataLength)
        var iv = [UInt8](repeating: 0, count: Self.ivLength)
        if let digest = unsafe digest, unsafe EVP_DigestInit_ex(digest, EVP_sha384(), nil) != 1 { return false }
        for number in frames {
            for index in 0..<4 { iv[11 - index] = UInt8(truncatingIfNeeded: (number + 1) >> (8 * index)) }
            guard unsafe body(iv, additionalData, frame) else { return false }
            if let digest = unsafe digest {
                guard unsafe EVP_DigestUpdate(digest, frame - Self.prefixLength, distance) == 1 else { return false }
            }
            unsafe frame += distance
        }
        return true
    }
}

/// Memory on pages of 2 MiB, if the system grants them, from the allocator that arrays come from.
///
/// It begins where the elements of a large array do, which matters: on a Zen 5, frames of plaintext that begin with a page are opened 3 %
/// faster at most times, and 40 % slower at others.
@safe struct LargePages: ~Copyable, @unchecked Sendable {
    private static let pageLength = 2 << 20
    private static let smallPageLength = 4096
    /// The allocator's header and the array's, in bytes.
    private static let start = 48

    private let memory: UnsafeMutableRawPointer
    let base: UnsafeMutablePointer<UInt8>

    /// Memory of which each page is cleared when it is first written to.
    init(_ count: Int) {
        let end = Self.start + count
        // Some bytes beyond a large page are not worth another one, which would be cleared as a whole.
        let large = (end + Self.pageLength - Self.smallPageLength) / Self.pageLength * Self.pageLength
        unsafe memory = .allocate(byteCount: max(end, large), alignment: Self.pageLength)
        _ = unsafe madvise(memory, large, MADV_HUGEPAGE)
        unsafe base = (memory + Self.start).assumingMemoryBound(to: UInt8.self)
    }

    /// Memory that is there.
    init(cleared count: Int) {
        self.init(count)
        unsafe base.initialize(repeating: 0, count: count)
    }

    deinit { unsafe memory.deallocate() }
}
