import ESDKSystem
import Foundation
import Glibc

/// An HTTP server on a loopback port that answers as a test tells it, one step for each request.
///
/// Past its script it repeats the last step. Connections are kept, unless a step ends them.
package final class ScriptedServer: Sendable {
    package struct Request: Sendable {
        package let line: String
        package let fields: [(name: String, value: String)]
        package let body: String

        package func field(_ name: String) -> String? {
            fields.first { $0.name.lowercased() == name.lowercased() }?.value
        }
    }

    package enum Step: Sendable {
        /// A complete answer.
        case answer(status: Int, fields: [String: String] = [:], body: String)
        /// The head and half of the body that it announces, then the end of the connection.
        case cut
        /// The end of the connection instead of an answer.
        case close
        /// The end of the connection, and of the server.
        case leave
        /// Nothing, until the server stops.
        case hang
        /// Bytes that are not HTTP.
        case garbage
        /// An answer without end, until the client gives up.
        case flood
        /// An answer to CONNECT, and then whatever a server on another loopback port says.
        case tunnel(port: Int)
        /// An answer whose body comes a byte at a time, without end.
        case trickle
    }

    private struct State {
        var steps: [Step]
        var requests: [Request] = []
        var connections: [Int32] = []
        var connectionCount = 0
        var isStopped = false
    }

    package let port: Int
    private let listener: LoopbackSocket
    private let state: Guarded<State>

    package init(_ steps: [Step]) throws {
        state = Guarded(State(steps: steps))
        listener = try LoopbackSocket(listens: true)
        port = listener.port
        Thread { self.acceptConnections() }.start()
    }

    package var url: String { "http://127.0.0.1:\(port)" }
    package var requests: [Request] { state.withLock { $0.requests } }
    package var connectionCount: Int { state.withLock { $0.connectionCount } }

    /// Waits until this many requests have come.
    package func waitForRequests(_ count: Int) { while requests.count < count { usleep(5000) } }

    /// Ends all connections and the threads that serve them.
    package func stop() {
        let connections = state.withLock { state in
            state.isStopped = true
            defer { state.connections = [] }
            return state.connections
        }
        for connection in connections { shutdown(connection, Int32(SHUT_RDWR)) }
        listener.shutDown()
    }

    private func acceptConnections() {
        while true {
            let connection = accept(listener.number, nil, nil)
            guard connection >= 0 else { break }
            _ = fcntl(connection, F_SETFD, FD_CLOEXEC)
            let isStopped = state.withLock { state in
                state.connections.append(connection)
                state.connectionCount += 1
                return state.isStopped
            }
            if isStopped {
                close(connection)
                break
            }
            Thread { self.serve(connection) }.start()
        }
    }

    private func serve(_ connection: Int32) {
        var pending: [UInt8] = []
        while let request = read(from: connection, &pending) {
            let step = state.withLock { state in
                state.requests.append(request)
                return state.steps.count > 1 ? state.steps.removeFirst() : state.steps.first ?? .close
            }
            guard perform(step, on: connection) else { break }
        }
        // A process that another test started meanwhile may hold it open.
        shutdown(connection, Int32(SHUT_RDWR))
        state.withLock { state in
            state.connections.removeAll { $0 == connection }
            _ = Glibc.close(connection)
        }
    }

    private func perform(_ step: Step, on connection: Int32) -> Bool {
        switch step {
        case .answer(let status, let fields, let body):
            let lines = fields.sorted { $0.key < $1.key }.map { "\($0.key): \($0.value)\r\n" }.joined()
            return write(
                "HTTP/1.1 \(status) X\r\nContent-Length: \(body.utf8.count)\r\n\(lines)\r\n\(body)",
                to: connection
            )
        case .cut:
            _ = write("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{\"KeyId\":\"half of", to: connection)
            return false
        case .close:
            return false
        case .leave:
            listener.shutDown()
            return false
        case .hang:
            var byte: UInt8 = 0
            while Glibc.read(connection, &byte, 1) > 0 {}
            return false
        case .garbage:
            _ = write("SSH-2.0-OpenSSH\r\n\r\n", to: connection)
            return false
        case .flood:
            guard write("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", to: connection) else { return false }
            let chunk = "10000\r\n" + String(repeating: " ", count: 0x10000) + "\r\n"
            while write(chunk, to: connection) {}
            return false
        case .tunnel(let port):
            guard let onward = LoopbackSocket.connect(to: port) else { return false }
            guard write("HTTP/1.1 200 Connection established\r\nX-Proxy: p\r\n\r\n", to: connection) else {
                close(onward)
                return false
            }
            let back = Thread {
                Self.pass(from: onward, to: connection)
                shutdown(connection, Int32(SHUT_RDWR))
            }
            back.start()
            Self.pass(from: connection, to: onward)
            shutdown(onward, Int32(SHUT_RDWR))
            while !back.isFinished { usleep(1000) }
            close(onward)
            return false
        case .trickle:
            guard write("HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n", to: connection) else { return false }
            while write(" ", to: connection) { usleep(10_000) }
            return false
        }
    }

    /// Copies what comes, until the end.
    private static func pass(from source: Int32, to target: Int32) {
        var buffer = [UInt8](repeating: 0, count: 16_384)
        while true {
            let count = Glibc.read(source, &buffer, buffer.count)
            guard count > 0 else { return }
            var rest = buffer.prefix(count)
            while !rest.isEmpty {
                let sent = rest.withUnsafeBytes { send(target, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
                guard sent > 0 else { return }
                rest = rest.dropFirst(sent)
            }
        }
    }

    private func write(_ text: String, to connection: Int32) -> Bool {
        var rest = Array(text.utf8)[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { send(connection, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
            guard count > 0 else { return false }
            rest = rest.dropFirst(count)
        }
        return true
    }

    private func read(from connection: Int32, _ pending: inout [UInt8]) -> Request? {
        while true {
            if let request = Self.take(&pending) { return request }
            var buffer = [UInt8](repeating: 0, count: 16_384)
            let count = Glibc.read(connection, &buffer, buffer.count)
            guard count > 0 else { return nil }
            pending += buffer.prefix(count)
        }
    }

    private static func take(_ pending: inout [UInt8]) -> Request? {
        let text = String(decoding: pending, as: UTF8.self)
        guard let end = text.ranges(of: "\r\n\r\n").first else { return nil }
        let lines = text[..<end.lowerBound].split(separator: "\r\n").map(String.init)
        let fields = lines.dropFirst().compactMap { line -> (name: String, value: String)? in
            guard let colon = line.firstIndex(of: ":") else { return nil }
            let value = line[line.index(after: colon)...].drop { $0 == " " }
            return (String(line[..<colon]), String(value))
        }
        let length = fields.first { $0.name.lowercased() == "content-length" }.flatMap { Int($0.value) } ?? 0
        let head = text[..<end.upperBound].utf8.count
        guard pending.count >= head + length else { return nil }
        let body = String(decoding: pending[head..<(head + length)], as: UTF8.self)
        pending.removeFirst(head + length)
        return Request(line: lines.first ?? "", fields: fields, body: body)
    }
}

extension ScriptedServer.Step {
    /// An error as AWS writes it.
    package static func error(
        _ code: String,
        status: Int = 400,
        message: String = "",
        fields: [String: String] = [:]
    ) -> Self {
        .answer(
            status: status,
            fields: fields.merging(["x-amzn-requestid": "request-7"]) { first, _ in first },
            body: #"{"__type":"com.amazon.coral.service#\#(code)","message":"\#(message)"}"#
        )
    }
}

/// A TCP socket on a loopback port of the system's choice.
///
/// One that does not listen refuses connections, and keeps its port from others.
package final class LoopbackSocket: Sendable {
    package struct Failure: Error {}

    package let port: Int
    let number: Int32

    package init(listens: Bool) throws {
        number = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        guard number >= 0 else { throw Failure() }
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let handle = number
        var address = Self.address(port: 0)
        let isBound = Self.withAddress(&address) {
            bind(handle, $0, length) == 0 && getsockname(handle, $0, &length) == 0
        }
        port = Int(UInt16(bigEndian: address.sin_port))
        guard isBound, !listens || listen(number, 64) == 0 else {
            close(number)
            throw Failure()
        }
    }

    /// Not before: the number of a closed socket may be that of another one.
    deinit { close(number) }

    /// The URL of the port.
    package var url: String { "http://127.0.0.1:\(port)" }

    func shutDown() { shutdown(number, Int32(SHUT_RDWR)) }

    static func connect(to port: Int) -> Int32? {
        let handle = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        guard handle >= 0 else { return nil }
        var address = address(port: port)
        let length = socklen_t(MemoryLayout<sockaddr_in>.size)
        guard withAddress(&address, { Glibc.connect(handle, $0, length) == 0 }) else {
            close(handle)
            return nil
        }
        return handle
    }

    private static func address(port: Int) -> sockaddr_in {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = in_addr_t(0x7F00_0001).bigEndian
        address.sin_port = UInt16(port).bigEndian
        return address
    }

    private static func withAddress(
        _ address: inout sockaddr_in,
        _ body: (UnsafeMutablePointer<sockaddr>) -> Bool
    ) -> Bool {
        withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1, body)
        }
    }
}
