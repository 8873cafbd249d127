internal import CCurl
internal import ESDKCrypto
import ESDKSystem
internal import Glibc

/// The thread that owns the `CURLM` handle, and the mailbox through which it is told what to do.
///
/// The handle is used by the thread only; `curl_multi_wakeup` alone may be called from anywhere, and is, as long as the
/// mailbox is open: the thread closes it, under its lock, before it frees the handle.
@safe final class CurlEngine: @unchecked Sendable {
    private struct Mailbox {
        var transfers: [CurlTransfer] = []
        var isStopping = false
        var isClosed = false
    }

    private let multi: OpaquePointer
    private let settings: TransportSettings
    private let mailbox = Guarded(Mailbox())

    /// How many idle connections are kept.
    private static let keptConnections = 128

    /// Set up by the first transport; libcurl wants it once per process.
    private static let isLibraryReady: Bool = esdk_curl_global_init() == CURLE_OK

    init(_ settings: TransportSettings) throws(HTTPTransportError) {
        guard Self.isLibraryReady, let handle = unsafe curl_multi_init() else {
            throw HTTPTransportError(.libraryFailure, "libcurl cannot be set up")
        }
        // By itself libcurl keeps four connections for each request under way: too few between bursts.
        _ = unsafe esdk_curl_multi_set_long(handle, CURLMOPT_MAXCONNECTS, Self.keptConnections)
        unsafe multi = OpaquePointer(handle)
        self.settings = settings
        var thread = pthread_t()
        // The thread holds its own reference to the engine until it ends.
        let retained = unsafe Unmanaged.passRetained(self)
        let status = unsafe pthread_create(
            &thread,
            nil,
            { argument in
                guard let argument = unsafe argument else { return nil }
                unsafe Unmanaged<CurlEngine>.fromOpaque(argument).takeRetainedValue().run()
                return nil
            },
            retained.toOpaque()
        )
        guard status == 0 else {
            unsafe retained.release()
            unsafe curl_multi_cleanup(handle)
            throw HTTPTransportError(.libraryFailure, "no thread can be started (\(status))")
        }
        pthread_detach(thread)
    }

    /// Hands a new or a cancelled transfer to the thread.
    ///
    /// - Parameter transfer: the transfer.
    func submit(_ transfer: CurlTransfer) {
        let isAccepted = mailbox.withLock { mailbox in
            guard !mailbox.isClosed else { return false }
            mailbox.transfers.append(transfer)
            unsafe curl_multi_wakeup(UnsafeMutableRawPointer(multi))
            return true
        }
        if !isAccepted {
            transfer.finish(.failure(HTTPTransportError(.libraryFailure, "the transport has ended")))
        }
    }

    /// Ends the thread; transfers still under way fail.
    func stop() {
        mailbox.withLock { mailbox in
            guard !mailbox.isClosed else { return }
            mailbox.isStopping = true
            unsafe curl_multi_wakeup(UnsafeMutableRawPointer(multi))
        }
    }

    /// The thread's work: one round for each time that libcurl or the mailbox has something.
    private func run() {
        let multi = unsafe UnsafeMutableRawPointer(multi)
        var active: [ObjectIdentifier: CurlHandle] = [:]
        var failure: HTTPTransportError?
        while failure == nil {
            let (arrived, isStopping) = mailbox.withLock { mailbox in
                defer { mailbox.transfers = [] }
                return (mailbox.transfers, mailbox.isStopping)
            }
            if isStopping { break }
            for transfer in arrived {
                unsafe admit(transfer, to: multi, active: &active)
            }
            var running: Int32 = 0
            let status = unsafe curl_multi_perform(multi, &running)
            if status != CURLM_OK {
                failure = unsafe HTTPTransportError(.libraryFailure, String(cString: curl_multi_strerror(status)))
                break
            }
            unsafe collect(from: multi, active: &active)
            // Returns early on traffic, on libcurl's own timers and on a wake-up.
            let longestWait: Int32 = 60_000
            _ = unsafe curl_multi_poll(multi, nil, 0, longestWait, nil)
        }
        let unheard = mailbox.withLock { mailbox in
            mailbox.isClosed = true
            defer { mailbox.transfers = [] }
            return mailbox.transfers
        }
        let reason = failure ?? HTTPTransportError(.libraryFailure, "the transport has ended")
        for handle in active.values {
            unsafe curl_multi_remove_handle(multi, handle.easy)
            handle.transfer.finish(.failure(reason))
        }
        for transfer in unheard { transfer.finish(.failure(reason)) }
        active = [:]
        unsafe curl_multi_cleanup(multi)
    }

    /// Starts a transfer, or ends it when it comes with the news of its cancellation.
    private func admit(
        _ transfer: CurlTransfer,
        to multi: UnsafeMutableRawPointer,
        active: inout [ObjectIdentifier: CurlHandle]
    ) {
        if transfer.isCancelled {
            if let handle = active.removeValue(forKey: ObjectIdentifier(transfer)) {
                unsafe curl_multi_remove_handle(multi, handle.easy)
            }
            transfer.finish(.failure(CancellationError()))
            return
        }
        do throws(HTTPTransportError) {
            let handle = try CurlHandle(transfer, settings)
            guard unsafe curl_multi_add_handle(multi, handle.easy) == CURLM_OK else {
                throw HTTPTransportError(.libraryFailure, "libcurl does not take the request")
            }
            active[ObjectIdentifier(transfer)] = handle
        } catch {
            transfer.finish(.failure(error))
        }
    }

    /// Finishes the transfers that libcurl has done with.
    private func collect(from multi: UnsafeMutableRawPointer, active: inout [ObjectIdentifier: CurlHandle]) {
        var remaining: Int32 = 0
        while let message = unsafe curl_multi_info_read(multi, &remaining) {
            guard unsafe message.pointee.msg == CURLMSG_DONE, let easy = unsafe message.pointee.easy_handle else {
                continue
            }
            let result = unsafe esdk_curl_result(message)
            unsafe curl_multi_remove_handle(multi, easy)
            guard let transfer = unsafe CurlHandle.transfer(of: easy),
                let handle = active.removeValue(forKey: ObjectIdentifier(transfer))
            else { continue }
            transfer.finish(handle.outcome(result))
        }
    }
}
