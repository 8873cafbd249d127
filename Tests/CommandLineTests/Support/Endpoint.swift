import ESDKCrypto
import ESDKSystem
import Foundation
import Glibc

/// An HTTP server on a loopback port that takes itself for KMS, up to a point.
///
/// It knows no key, refuses to decrypt, and after a number of answers does something else; each connection serves one request.
final class Endpoint: Sendable {
    enum Behaviour: Sendable {
        /// What KMS says of a key that it does not know.
        case notFound
        /// A status and a body, to whatever is asked.
        case answer(Int, String)
        /// An error of KMS, to whatever is asked.
        case refusal(String)
        /// Nothing, for as long as the client waits.
        case silence
        /// The end of the connection, and of the server.
        case gone
    }

    private struct State {
        var first: Int
        let later: Behaviour
        var connections: [Int32] = []
        var requestCount = 0
    }

    private let listener: Int32
    private let port: Int
    private let state: Guarded<State>

    /// A server.
    ///
    /// - Parameters:
    ///   - count: how many requests are answered as `notFound`.
    ///   - later: what happens to others.
    init(after count: Int = 0, _ later: Behaviour) throws {
        state = Guarded(State(first: count, later: later))
        listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = in_addr_t(0x7F00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let handle = listener
        let isListening = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { pointer in
                bind(handle, pointer, length) == 0 && listen(handle, 64) == 0
                    && getsockname(handle, pointer, &length) == 0
            }
        }
        guard listener >= 0, isListening else { throw Child.Failure(what: "listen", number: errno) }
        port = Int(UInt16(bigEndian: address.sin_port))
        Thread { self.acceptConnections() }.start()
    }

    var url: String { "http://127.0.0.1:\(port)" }
    var requestCount: Int { state.withLock { $0.requestCount } }

    /// Ends the server and its connections.
    func stop() {
        shutdown(listener, Int32(SHUT_RDWR))
        state.withLock { state in
            for connection in state.connections { shutdown(connection, Int32(SHUT_RDWR)) }
        }
    }

    /// Not before: the number of a closed descriptor may be that of another server.
    deinit { close(listener) }

    /// Waits until a number of requests have come.
    func waitForRequests(_ count: Int) {
        while requestCount < count { usleep(5000) }
    }

    private func acceptConnections() {
        while true {
            let connection = accept(listener, nil, nil)
            guard connection >= 0 else { break }
            _ = fcntl(connection, F_SETFD, FD_CLOEXEC)
            state.withLock { $0.connections.append(connection) }
            Thread {
                self.serve(connection)
                // A process that another test started meanwhile may hold it open.
                shutdown(connection, Int32(SHUT_RDWR))
                self.state.withLock { state in
                    state.connections.removeAll { $0 == connection }
                    _ = close(connection)
                }
            }.start()
        }
    }

    private func serve(_ connection: Int32) {
        guard Self.readRequest(from: connection) else { return }
        let behaviour = state.withLock { state in
            state.requestCount += 1
            defer { state.first -= 1 }
            return state.first > 0 ? Behaviour.notFound : state.later
        }
        switch behaviour {
        case .notFound:
            Self.answer(400, #"{"__type":"NotFoundException","message":"no such key"}"#, on: connection)
        case .refusal(let code):
            Self.answer(400, #"{"__type":"\#(code)","message":"refused"}"#, on: connection)
        case .answer(let status, let body):
            Self.answer(status, body, on: connection)
        case .silence:
            var byte: UInt8 = 0
            while read(connection, &byte, 1) > 0 {}
        case .gone:
            shutdown(listener, Int32(SHUT_RDWR))
        }
    }

    private static func readRequest(from connection: Int32) -> Bool {
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 16_384)
        while true {
            let text = String(decoding: bytes, as: UTF8.self)
            if let end = text.ranges(of: "\r\n\r\n").first {
                let length = text.split(separator: "\r\n").lazy
                    .filter { $0.lowercased().hasPrefix("content-length:") }
                    .compactMap { Int($0.split(separator: " ").last ?? "") }.first
                if bytes.count >= text[..<end.upperBound].utf8.count + (length ?? 0) { return true }
            }
            let count = read(connection, &buffer, buffer.count)
            guard count > 0 else { return false }
            bytes += buffer.prefix(count)
        }
    }

    private static func answer(_ status: Int, _ body: String, on connection: Int32) {
        let text =
            "HTTP/1.1 \(status) X\r\nConnection: close\r\nContent-Length: \(body.utf8.count)\r\n\r\n\(body)"
        var rest = Array(text.utf8)[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { send(connection, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
            guard count > 0 else { return }
            rest = rest.dropFirst(count)
        }
    }
}
