internal import CCurl
internal import ESDKCrypto
import ESDKSystem

/// The sole owner of a `CURL` handle and of what libcurl reads and writes for one transfer.
///
/// Used on the transport's thread only.
@safe final class CurlHandle {
    let easy: UnsafeMutableRawPointer
    let transfer: CurlTransfer
    private var fields: UnsafeMutablePointer<curl_slist>?
    private let errorText: UnsafeMutablePointer<CChar>
    /// What libcurl sends: it reads from here until the transfer ends, and makes no copy but of what is on its way.
    private let body: WipedMemory
    private let received = ResponseBuffer()
    private let proxies: ProxySettings

    /// Prepares a transfer.
    ///
    /// - Parameters:
    ///   - transfer: the transfer.
    ///   - settings: what all requests of the transport have in common.
    /// - Throws: `HTTPTransportError` when libcurl lacks memory or does not take the URL.
    init(_ transfer: CurlTransfer, _ settings: TransportSettings) throws(HTTPTransportError) {
        guard let easy = unsafe curl_easy_init() else {
            throw HTTPTransportError(.libraryFailure, "libcurl has no memory")
        }
        unsafe self.easy = easy
        self.transfer = transfer
        proxies = settings.proxies
        received.limit = transfer.request.maximumResponseLength
        unsafe errorText = .allocate(capacity: Int(CURL_ERROR_SIZE))
        unsafe errorText.initialize(repeating: 0, count: Int(CURL_ERROR_SIZE))
        let request = transfer.request
        body = WipedMemory(copying: request.body.span)
        unsafe fields = nil
        try configure(request, settings)
    }

    deinit {
        unsafe curl_easy_cleanup(easy)
        unsafe curl_slist_free_all(fields)
        unsafe errorText.deallocate()
    }

    /// The transfer that a handle belongs to.
    ///
    /// - Parameter easy: a handle that a living `CurlHandle` owns.
    static func transfer(of easy: UnsafeMutableRawPointer) -> CurlTransfer? {
        var pointer: UnsafeMutableRawPointer?
        guard unsafe esdk_curl_get_pointer(easy, CURLINFO_PRIVATE, &pointer) == CURLE_OK,
            let pointer = unsafe pointer
        else { return nil }
        return unsafe Unmanaged<CurlHandle>.fromOpaque(pointer).takeUnretainedValue().transfer
    }

    private func configure(_ request: HTTPRequest, _ settings: TransportSettings) throws(HTTPTransportError) {
        let this = unsafe Unmanaged.passUnretained(self).toOpaque()
        try unsafe set(CURLOPT_PRIVATE, pointer: this)
        try unsafe set(CURLOPT_ERRORBUFFER, pointer: errorText)
        try set(CURLOPT_URL, text: request.url)
        // The path that was signed is the path that is sent.
        try set(CURLOPT_PATH_AS_IS, 1)
        try set(CURLOPT_NOSIGNAL, 1)
        try set(CURLOPT_TCP_NODELAY, 1)
        try set(CURLOPT_FOLLOWLOCATION, 0)
        try set(CURLOPT_PROTOCOLS_STR, text: "http,https")
        try set(CURLOPT_CONNECTTIMEOUT_MS, Self.milliseconds(request.connectTimeout))
        try set(CURLOPT_TIMEOUT_MS, Self.milliseconds(request.timeout))
        try set(CURLOPT_SSL_VERIFYPEER, 1)
        try set(CURLOPT_SSL_VERIFYHOST, 2)
        try set(CURLOPT_SSLVERSION, Int(CURL_SSLVERSION_TLSv1_2))
        // Once a connection is known to speak HTTP/2, requests share it. They do not wait to learn that
        // (CURLOPT_PIPEWAIT): behind a connection that does not come about they would wait one after the other.
        try set(CURLOPT_HTTP_VERSION, Int(CURL_HTTP_VERSION_2TLS))
        if let file = settings.certificateAuthorities {
            try set(CURLOPT_CAINFO, text: file)
            try set(CURLOPT_PROXY_CAINFO, text: file)
        }
        // Given even where they are empty: libcurl would look into the environment of the process.
        try set(CURLOPT_PROXY, text: settings.proxies.proxy(for: request))
        try set(CURLOPT_NOPROXY, text: settings.proxies.exceptions)
        // What a proxy answers to CONNECT is not part of the response.
        try set(CURLOPT_SUPPRESS_CONNECT_HEADERS, 1)
        switch request.method {
        case .get:
            try set(CURLOPT_HTTPGET, 1)
        default:
            try set(CURLOPT_POST, 1)
            try unsafe set(CURLOPT_POSTFIELDS, pointer: body.start)
            guard unsafe esdk_curl_set_offset(easy, CURLOPT_POSTFIELDSIZE_LARGE, curl_off_t(body.capacity)) == CURLE_OK
            else { throw HTTPTransportError(.libraryFailure, "libcurl does not take the body") }
            try set(CURLOPT_CUSTOMREQUEST, text: request.method.description)
        }
        // Fields without a value keep libcurl from adding its own.
        var lines = request.headers.map { $0.value.isEmpty ? "\($0.name);" : "\($0.name): \($0.value)" }
        lines.append("Expect:")
        for name in ["accept", "content-type"] where !request.headers.contains(where: { $0.isNamed(name) }) {
            lines.append("\(name):")
        }
        for line in lines {
            guard let list = unsafe curl_slist_append(fields, line) else {
                throw HTTPTransportError(.libraryFailure, "libcurl has no memory")
            }
            unsafe fields = list
        }
        guard unsafe esdk_curl_set_list(easy, CURLOPT_HTTPHEADER, fields) == CURLE_OK else {
            throw HTTPTransportError(.libraryFailure, "libcurl does not take the header")
        }
        try unsafe set(CURLOPT_HEADERDATA, pointer: this)
        try unsafe set(CURLOPT_WRITEDATA, pointer: this)
        let readsHeader = unsafe esdk_curl_set_write(easy, CURLOPT_HEADERFUNCTION) { start, size, count, handle in
            unsafe CurlHandle.take(start, size * count, handle) { unsafe $0.received.appendHeaderLine($1) }
        }
        let readsBody = unsafe esdk_curl_set_write(easy, CURLOPT_WRITEFUNCTION) { start, size, count, handle in
            unsafe CurlHandle.take(start, size * count, handle) { unsafe $0.received.appendBody($1) }
        }
        guard readsHeader == CURLE_OK, readsBody == CURLE_OK else {
            throw HTTPTransportError(.libraryFailure, "libcurl does not take the callbacks")
        }
    }

    /// Gives what libcurl received to the buffer of the handle it belongs to.
    ///
    /// - Returns: `count`, or 0, which makes libcurl give up.
    private static func take(
        _ start: UnsafeMutablePointer<CChar>?,
        _ count: Int,
        _ handle: UnsafeMutableRawPointer?,
        _ append: (CurlHandle, UnsafeRawBufferPointer) -> Bool
    ) -> Int {
        guard let handle = unsafe handle else { return 0 }
        let owner = unsafe Unmanaged<CurlHandle>.fromOpaque(handle).takeUnretainedValue()
        return unsafe append(owner, UnsafeRawBufferPointer(start: start, count: count)) ? count : 0
    }

    private func set(_ option: CURLoption, _ value: Int) throws(HTTPTransportError) {
        try check(unsafe esdk_curl_set_long(easy, option, value))
    }

    private func set(_ option: CURLoption, text: String) throws(HTTPTransportError) {
        try check(unsafe esdk_curl_set_text(easy, option, text))
    }

    private func set(_ option: CURLoption, pointer: UnsafeMutableRawPointer) throws(HTTPTransportError) {
        try check(unsafe esdk_curl_set_pointer(easy, option, pointer))
    }

    private func check(_ status: CURLcode) throws(HTTPTransportError) {
        guard status == CURLE_OK else {
            throw unsafe HTTPTransportError(.libraryFailure, String(cString: curl_easy_strerror(status)))
        }
    }

    /// What became of the transfer.
    ///
    /// - Parameter result: libcurl's verdict.
    func outcome(_ result: CURLcode) -> Result<HTTPResponse, any Error> {
        guard result == CURLE_OK else { return .failure(failure(result)) }
        var status = 0
        guard unsafe esdk_curl_get_long(easy, CURLINFO_RESPONSE_CODE, &status) == CURLE_OK, status > 0 else {
            return .failure(HTTPTransportError(.connectionLost, "the answer has no status"))
        }
        return .success(received.response(status: status))
    }

    private func failure(_ result: CURLcode) -> HTTPTransportError {
        if received.isTooLarge {
            return HTTPTransportError(
                .responseTooLarge,
                "the response has more than \(transfer.request.maximumResponseLength) bytes, or too large a header"
            )
        }
        let detail = unsafe String(cString: errorText)
        let plain = unsafe String(cString: curl_easy_strerror(result))
        let reason = proxies.withoutPassword(detail.isEmpty ? plain : detail, plain: plain, for: transfer.request)
        // A proxy that refuses to connect is an error of the connection, whatever libcurl takes it for.
        var proxyStatus = 0
        let hasProxyStatus = unsafe esdk_curl_get_long(easy, CURLINFO_HTTP_CONNECTCODE, &proxyStatus) == CURLE_OK
        if hasProxyStatus, proxyStatus >= 300 {
            return HTTPTransportError(.connectionFailed, "the proxy answers with status \(proxyStatus): \(reason)")
        }
        return HTTPTransportError(Self.code(result), reason)
    }

    private static func code(_ result: CURLcode) -> HTTPTransportError.Code {
        switch result {
        case CURLE_COULDNT_RESOLVE_HOST, CURLE_COULDNT_RESOLVE_PROXY, CURLE_COULDNT_CONNECT, CURLE_PROXY:
            .connectionFailed
        case CURLE_OPERATION_TIMEDOUT:
            .timedOut
        case CURLE_SSL_CONNECT_ERROR, CURLE_PEER_FAILED_VERIFICATION, CURLE_SSL_CACERT_BADFILE,
            CURLE_SSL_CIPHER, CURLE_SSL_CERTPROBLEM, CURLE_SSL_ISSUER_ERROR:
            .tlsFailed
        case CURLE_URL_MALFORMAT:
            .invalidRequest
        case CURLE_OUT_OF_MEMORY, CURLE_FAILED_INIT, CURLE_BAD_FUNCTION_ARGUMENT:
            .libraryFailure
        default:
            .connectionLost
        }
    }

    private static func milliseconds(_ duration: Duration) -> Int {
        // Zero would mean none to libcurl.
        let (seconds, attoseconds) = duration.components
        guard seconds < 1_000_000 else { return 1_000_000_000 }
        return max(1, Int(seconds) * 1000 + Int(attoseconds / 1_000_000_000_000_000))
    }
}

/// One request on its way: shared between the task that waits, its cancellation, and the transport's thread.
final class CurlTransfer: Sendable {
    /// How the waiting task is told that there is an outcome.
    typealias Waiter = CheckedContinuation<Void, Never>

    private struct State {
        var waiter: Waiter?
        var isCancelled = false
        var outcome: Result<HTTPResponse, any Error>?
    }

    let request: HTTPRequest
    private let state = Guarded(State())

    init(_ request: HTTPRequest) {
        self.request = request
    }

    /// Whether the waiting task was cancelled.
    var isCancelled: Bool {
        state.withLock { $0.isCancelled }
    }

    /// Takes the continuation of the waiting task.
    ///
    /// - Returns: whether the transfer is to be handed to the thread: it may have been cancelled before.
    func start(_ waiter: Waiter) -> Bool {
        let isCancelled = state.withLock { state in
            if state.isCancelled {
                state.outcome = .failure(CancellationError())
            } else {
                state.waiter = waiter
            }
            return state.isCancelled
        }
        if isCancelled { waiter.resume() }
        return !isCancelled
    }

    /// Notes that the task was cancelled.
    ///
    /// - Returns: whether the thread must be told.
    func cancel() -> Bool {
        state.withLock { state in
            state.isCancelled = true
            return state.waiter != nil
        }
    }

    /// Tells the waiting task, the first time it is called.
    ///
    /// - Parameter outcome: the response or why there is none.
    func finish(_ outcome: Result<HTTPResponse, any Error>) {
        let waiter = state.withLock { state -> Waiter? in
            guard state.outcome == nil else { return nil }
            state.outcome = outcome
            defer { state.waiter = nil }
            return state.waiter
        }
        waiter?.resume()
    }

    /// The response, once the waiting task was told.
    ///
    /// It is handed over under the lock, and not through the continuation, whose quick path is out of the thread
    /// sanitizer's sight.
    ///
    /// - Throws: why there is none.
    func response() throws -> HTTPResponse {
        let outcome = state.withLock { $0.outcome }
        guard let outcome else { throw HTTPTransportError(.libraryFailure, "the request has no outcome") }
        return try outcome.get()
    }
}

/// A response as it arrives, within its limits.
///
/// The body, which may hold a data key, lies in memory that is overwritten at its end. What libcurl, its TLS and HTTP/2
/// libraries and the system keep of it in their own buffers is out of reach.
final class ResponseBuffer {
    /// The largest body, in bytes.
    var limit = 0
    /// Whether a limit was exceeded.
    private(set) var isTooLarge = false

    private var fields: [HTTPField] = []
    private var headerLength = 0
    private let body = SecretBuffer()

    /// The largest header, in bytes.
    private static let headerLimit = 1 << 16

    /// Takes one line of the header, or of an interim response's.
    ///
    /// - Returns: whether it is within the limit.
    func appendHeaderLine(_ line: UnsafeRawBufferPointer) -> Bool {
        headerLength += line.count
        guard headerLength <= Self.headerLimit else {
            isTooLarge = true
            return false
        }
        if unsafe line.starts(with: "HTTP/".utf8) {
            // A final response follows an interim one: only its own fields count.
            fields = []
            return true
        }
        guard let colon = unsafe line.firstIndex(of: UInt8(ascii: ":")) else { return true }
        let name = unsafe String(decoding: line[..<colon], as: UTF8.self)
        let value = unsafe Self.trimmed(line[(colon + 1)...])
        unsafe fields.append(HTTPField(name, String(decoding: value, as: UTF8.self)))
        return true
    }

    /// Takes a part of the body.
    ///
    /// - Returns: whether it is within the limit.
    func appendBody(_ part: UnsafeRawBufferPointer) -> Bool {
        guard part.count <= limit - body.count else {
            isTooLarge = true
            return false
        }
        unsafe body.append(Span(_unsafeBytes: part))
        return true
    }

    /// The complete response; the buffer is empty afterwards.
    ///
    /// - Parameter status: the status code.
    func response(status: Int) -> HTTPResponse {
        HTTPResponse(status: status, headers: fields, body: body.take())
    }

    private static func trimmed(_ text: Slice<UnsafeRawBufferPointer>) -> Slice<UnsafeRawBufferPointer> {
        var text = unsafe text
        while let first = unsafe text.first, first <= 0x20 { unsafe text.removeFirst() }
        while let last = unsafe text.last, last <= 0x20 { unsafe text.removeLast() }
        return unsafe text
    }
}
