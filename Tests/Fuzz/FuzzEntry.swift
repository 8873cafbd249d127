import ESDKCrypto
import ESDKSystem
import Glibc
import StrictJSON

/// What one target does with one input: it ends the process with `finding` when the library is wrong.
typealias FuzzTarget = @Sendable (_ input: [UInt8]) throws -> Void

private let targets: [String: FuzzTarget] = [
    "header": fuzzHeader,
    "context": fuzzEncryptionContext,
    "json": fuzzJSON,
    "keys": fuzzKeys,
    "manifest": fuzzManifest,
    "decrypt": fuzzDecryption,
    "roundtrip": fuzzRoundTrip,
    "reseal": fuzzResealing,
    "reseal-signed": fuzzSigning,
    "profiles": fuzzProfiles,
    "sts": fuzzSTSAnswer,
    "kms": fuzzKMSAnswer,
    "dynamodb": fuzzDynamoDBAnswer,
]

private let chosen: FuzzTarget = {
    guard let name = unsafe getenv("ESDK_FUZZ_TARGET").map({ unsafe String(cString: $0) }), let target = targets[name]
    else { finding("set ESDK_FUZZ_TARGET to one of \(targets.keys.sorted().joined(separator: ", "))") }
    return target
}()

/// The function that libFuzzer calls, millions of times in one process.
@_cdecl("LLVMFuzzerTestOneInput")
func testOneInput(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let input = unsafe [UInt8](UnsafeBufferPointer(start: start, count: count))
    do { try chosen(input) } catch { finding("an error that the target did not expect: \(error)") }
    return 0
}

/// Called before the first input: with `ESDK_FUZZ_TARGET=read-json`, reads documents instead, each a line of hexadecimal digits, and
/// writes what they say as a line of JSON, or the code of the error.
@_cdecl("LLVMFuzzerInitialize")
func initialize(_ count: UnsafePointer<CInt>?, _ arguments: UnsafeMutableRawPointer?) -> CInt {
    guard let name = unsafe getenv("ESDK_FUZZ_TARGET"), unsafe String(cString: name) == "read-json" else { return 0 }
    while let line = readLine() {
        guard let document = Hex.decode(line) else { finding("a line is not hexadecimal") }
        do {
            let written = try StrictJSON.serialize(try StrictJSON.parse(document, source: "line"), pretty: false)
            print(String(decoding: written, as: UTF8.self))
        } catch { print("error: \(error.code)") }
    }
    exit(0)
}

/// Ends the process so that libFuzzer stores the input.
func finding(_ what: String) -> Never {
    try? FileDescriptor.standardError.writeAll(Array("FINDING: \(what)\n".utf8).span)
    abort()
}

/// Runs asynchronous work to its end on the calling thread: no input is handed from thread to thread, and a stack in a report begins
/// at the target.
func runToEnd<Value: Sendable>(_ work: @escaping @Sendable () async -> Value) -> Value {
    let executor = CallingThread()
    let result = Guarded<Value?>(nil)
    Task(executorPreference: executor) {
        let value = await work()
        result.withLock { $0 = value }
    }
    executor.run()
    guard let value = result.withLock({ $0 }) else { finding("the work waits for something outside its thread") }
    return value
}

private final class CallingThread: TaskExecutor {
    private let jobs = Guarded<[UnownedJob]>([])

    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        jobs.withLock { $0.append(job) }
    }

    func run() {
        while let job = jobs.withLock({ $0.isEmpty ? nil : $0.removeFirst() }) {
            unsafe job.runSynchronously(on: asUnownedTaskExecutor())
        }
    }
}

/// Reads choices from an input; zero when there are no more.
struct Choices {
    private var rest: ArraySlice<UInt8>

    init(_ input: [UInt8]) { rest = input[...] }

    var isEmpty: Bool { rest.isEmpty }

    mutating func byte() -> UInt8 { rest.popFirst() ?? 0 }

    mutating func index(below count: Int) -> Int { count > 0 ? Int(byte()) % count : 0 }

    mutating func bytes(_ count: Int) -> [UInt8] { (0..<count).map { _ in byte() } }

    mutating func bool() -> Bool { byte() & 1 == 1 }
}

/// Numbers that an input decides: the same input is cut the same way each time.
struct InputRandom: RandomNumberGenerator {
    private var state: UInt64

    init(_ input: [UInt8]) {
        state = input.reduce(0xCBF2_9CE4_8422_2325) { ($0 ^ UInt64($1)) &* 0x100_0000_01B3 }
    }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = (state ^ (state >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}
