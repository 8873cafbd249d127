import ESDKCrypto
import ESDKSystem
import Foundation
import Glibc

/// An HTTP server on a loopback port that answers as a test tells it, one step for each request.
///
/// Past its script it repeats the last step. Connections are kept, unless a step ends them.
final class ScriptedServer: Sendable {
    struct Request: Sendable {
        let line: String
        let fields: [(name: String, value: String)]
        let body: String

        func field(_ name: String) -> String? {
            fields.first { $0.name.lowercased() == name.lowercased() }?.value
        }
    }

    enum Step: Sendable {
        /// A complete answer.
        case answer(status: Int, fields: [String: String] = [:], body: String)
        /// The head and half of the body that it announces, then the end of the connection.
        case cut
        /// The end of the connection instead of an answer.
        case close
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

    struct SocketFailure: Error {}

    let port: Int
    private let listener: Int32
    private let state: Guarded<State>

    init(_ steps: [Step]) throws {
        state = Guarded(State(steps: steps))
        listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        guard listener >= 0 else { throw SocketFailure() }
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
        guard isListening else { throw SocketFailure() }
        port = Int(UInt16(bigEndian: address.sin_port))
        Thread { self.acceptConnections() }.start()
    }

    var url: String { "http://127.0.0.1:\(port)" }
    var requests: [Request] { state.withLock { $0.requests } }
    var connectionCount: Int { state.withLock { $0.connectionCount } }

    /// Ends all connections and the threads that serve them.
    func stop() {
        let connections = state.withLock { state in
            state.isStopped = true
            defer { state.connections = [] }
            return state.connections
        }
        for connection in connections { shutdown(connection, Int32(SHUT_RDWR)) }
        shutdown(listener, Int32(SHUT_RDWR))
    }

    private func acceptConnections() {
        while true {
            let connection = accept(listener, nil, nil)
            guard connection >= 0 else { break }
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
        close(listener)
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
        state.withLock { state in state.connections.removeAll { $0 == connection } }
        close(connection)
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
            guard let onward = Self.connect(to: port) else { return false }
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

    private static func connect(to port: Int) -> Int32? {
        let handle = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        guard handle >= 0 else { return nil }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = in_addr_t(0x7F00_0001).bigEndian
        address.sin_port = UInt16(port).bigEndian
        let status = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { pointer in
                Glibc.connect(handle, pointer, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard status == 0 else {
            close(handle)
            return nil
        }
        return handle
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
    static func error(
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

    /// The answer of GenerateDataKey with a data key of 32 bytes, all 0x61.
    static let dataKey = Self.answer(
        status: 200,
        body:
            #"{"CiphertextBlob":"AQID","KeyId":"\#(TestValues.keyARN)","KeyMaterialId":null,"#
            + #""Plaintext":"\#(TestValues.plaintext)"}"#
    )
}
