internal import Glibc
internal import Synchronization

/// Whether the user, or the system, has asked the process to stop.
package enum TerminationSignals {
    /// The signals that ask a program to stop: from the keyboard, from the system, and when the terminal goes away.
    package static let all: [Int32] = [SIGINT, SIGTERM, SIGHUP, SIGQUIT]

    private static let arrived = Atomic<Int32>(0)

    /// The signal that arrived first; nil when there was none.
    package static var first: Int32? {
        let number = arrived.load(ordering: .relaxed)
        return number == 0 ? nil : number
    }

    /// Seconds from the first signal to the end of the process; 0 for no end, and its exit status then.
    private static let grace = Atomic<UInt32>(0)
    private static let lateStatus = Atomic<Int32>(0)

    /// Notes the first signal of `all` from now on; the second one ends the process after temporary files and folders
    /// have been removed.
    ///
    /// A third one does not wait for folders. A signal that is ignored, as SIGHUP is under `nohup`, stays ignored.
    ///
    /// - Parameters:
    ///   - grace: how many seconds after the first signal the process ends, because a read or write may be stuck; nil
    ///     to let it take its time.
    ///   - status: its exit status then.
    package static func watch(grace: UInt32? = nil, exitingWith status: Int32 = 1) {
        // A first access initializes the state, which a signal handler must not do.
        arrived.store(0, ordering: .relaxed)
        Self.grace.store(grace ?? 0, ordering: .relaxed)
        lateStatus.store(status, ordering: .relaxed)
        TemporaryName.prepare()
        UnfinishedFolder.prepare()
        if grace != nil {
            signal(SIGALRM) { _ in
                TemporaryName.removeAll()
                _exit(TerminationSignals.lateStatus.load(ordering: .relaxed))
            }
        }
        for number in all {
            let previous = signal(number) { number in
                let isFirst = TerminationSignals.arrived.compareExchange(
                    expected: 0,
                    desired: number,
                    ordering: .relaxed
                ).exchanged
                if isFirst {
                    let grace = TerminationSignals.grace.load(ordering: .relaxed)
                    if grace > 0 { alarm(grace) }
                    return
                }
                if UnfinishedFolder.removeAll(andEndBy: number) { return }
                TemporaryName.removeAll()
                _ = signal(number, SIG_DFL)
                raise(number)
            }
            if unsafe unsafeBitCast(previous, to: Int.self) == 1 { _ = signal(number, SIG_IGN) }
        }
    }
}

/// A file that has a name for as long as this object lives, unless the name was taken away before.
///
/// A second signal removes those that are left.
final class TemporaryName: Sendable {
    let name: SystemPath
    private let folder: FileDescriptor
    private let slot: Int?

    /// As many as are named at one time in earnest; what has no room is not removed on a signal.
    private static let slots = (0..<64).map { _ in Slot() }

    /// The address of a path for C; 0 where there is none.
    private final class Slot: Sendable {
        let address = Atomic<UInt>(0)

        var path: UnsafeMutablePointer<CChar>? {
            unsafe UnsafeMutablePointer(bitPattern: address.load(ordering: .relaxed))
        }
    }

    /// Takes charge of a file that has just been made.
    ///
    /// - Parameters:
    ///   - name: its name in the folder.
    ///   - folder: the folder that it lies in.
    init(_ name: SystemPath, in folder: FileDescriptor) {
        self.name = name
        self.folder = folder
        var slot: Int?
        // A path that stays right when the current folder changes.
        let path = Array("/proc/self/fd/\(folder.number)/".utf8) + name.bytes
        if let text = unsafe strdup(path.map { CChar(bitPattern: $0) } + [0]) {
            let address = UInt(bitPattern: text)
            slot = Self.slots.firstIndex { slot in
                slot.address.compareExchange(expected: 0, desired: address, ordering: .relaxed).exchanged
            }
            if slot == nil { unsafe free(text) }
        }
        self.slot = slot
    }

    deinit {
        if let text = try? name.cString(to: "remove") { _ = unsafe unlinkat(folder.number, text, 0) }
        if let slot {
            let path = unsafe Self.slots[slot].path
            Self.slots[slot].address.store(0, ordering: .relaxed)
            unsafe free(path)
        }
    }

    /// What temporary names start with.
    static let prefix = ".esdk-"

    /// How many names of a folder are looked at in search of leftovers: one that holds more is not read for that.
    private static let searchedNames = 65_536

    /// Marks a file as that of a living process.
    static func lock(_ file: FileDescriptor) { _ = flock(file.number, LOCK_EX | LOCK_NB) }

    /// Removes files with temporary names that no living process has locked: those of processes that were killed.
    static func removeLeftovers(in folder: SystemPath) {
        guard let names = try? Folder.names(in: folder, limit: searchedNames) else { return }
        for name in names where name.bytes.starts(with: prefix.utf8) && name.bytes.count == prefix.utf8.count + 13 {
            let path = folder.appending(name)
            guard let file = try? FileDescriptor.open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK),
                let status = try? file.status(), status.kind == .regular, status.owner == geteuid(),
                flock(file.number, LOCK_EX | LOCK_NB) == 0
            else { continue }
            try? SystemFile.remove(path)
        }
    }

    static func prepare() { _ = slots.count }

    /// Removes all files that are left; may be called in a signal handler.
    static func removeAll() {
        for slot in slots {
            if let text = unsafe slot.path { _ = unsafe unlink(text) }
        }
    }
}

/// A folder that is there, with all that is in it, for as long as the process needs it: a second signal removes it.
package final class UnfinishedFolder: Sendable {
    private static let paths = Guarded<[ObjectIdentifier: SystemPath]>([:])
    /// How many there are, for a signal handler, which must not wait for a lock.
    private static let count = Atomic<Int>(0)
    /// The signal that is to end the process once they are gone.
    private static let ending = Atomic<Int32>(0)
    /// Wakes the thread that removes them: a signal handler must not read folders.
    private static let alarm: (read: FileDescriptor, write: FileDescriptor)? = {
        guard let pipe = try? FileDescriptor.pipe() else { return nil }
        var thread = pthread_t()
        let status = unsafe pthread_create(
            &thread,
            nil,
            { _ in
                if (try? UnfinishedFolder.alarm?.read.read(upTo: 1)) != nil { UnfinishedFolder.removeAllAndEnd() }
                return nil
            },
            nil
        )
        guard status == 0 else { return nil }
        pthread_detach(thread)
        return pipe
    }()

    /// Takes charge of a folder that has just been made.
    ///
    /// - Parameter path: its absolute path.
    package init(_ path: SystemPath) {
        Self.paths.withLock { $0[ObjectIdentifier(self)] = path }
        Self.count.add(1, ordering: .relaxed)
    }

    deinit { release() }

    /// Leaves the folder to others, wherever it is now.
    package func release() {
        let wasThere = Self.paths.withLock { $0.removeValue(forKey: ObjectIdentifier(self)) != nil }
        if wasThere { Self.count.subtract(1, ordering: .relaxed) }
    }

    /// Starts the thread that removes folders.
    static func prepare() { _ = alarm }

    /// Has the folders removed and then the process ended; may be called in a signal handler.
    ///
    /// - Parameter number: the signal.
    /// - Returns: whether that will happen: not without folders, and not when it is happening already.
    static func removeAll(andEndBy number: Int32) -> Bool {
        guard count.load(ordering: .relaxed) > 0, let alarm,
            ending.compareExchange(expected: 0, desired: number, ordering: .relaxed).exchanged
        else { return false }
        var byte: UInt8 = 0
        return unsafe write(alarm.write.number, &byte, 1) == 1
    }

    private static func removeAllAndEnd() {
        TemporaryName.removeAll()
        for path in paths.withLock({ Array($0.values) }) {
            // Other threads may still write into it.
            for _ in 0..<1000 where (try? FileStatus(of: path, followingLinks: false)) != nil {
                Folder.removeAll(path)
                usleep(1000)
            }
        }
        let number = ending.load(ordering: .relaxed)
        _ = signal(number, SIG_DFL)
        kill(getpid(), number)
    }
}
