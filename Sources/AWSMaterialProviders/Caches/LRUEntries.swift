// spec: local-cryptographic-materials-cache/entry-capacity
// spec: local-cryptographic-materials-cache/entry-pruning-tail-size
// spec: local-cryptographic-materials-cache/put-cache-entry, local-cryptographic-materials-cache/get-cache-entry
// spec: local-cryptographic-materials-cache/pruning
/// The entries of a local cache in the order of their last use (framework/local-cryptographic-materials-cache.md).
///
/// A doubly linked list through the slots of an array, and a dictionary to find them: every operation takes constant time but for
/// the pruning of the tail, whose length is fixed, and the removal of all that has expired.
struct LRUEntries: Sendable {
    struct Entry: Sendable {
        let materials: CachedMaterials
        let created: Duration
        let expiry: Duration
    }

    private struct Slot: Sendable {
        var identifier: CacheIdentifier
        /// Nil in a free slot: a key that has left the cache is held by nothing.
        var entry: Entry?
        /// The slot that was used next after this one.
        var newer: Int?
        /// The slot that was used last before this one.
        var older: Int?
    }

    private let capacity: Int
    private let pruningTailSize: Int
    private var slots: [Slot] = []
    /// Slots that are not in the list.
    private var free: [Int] = []
    private var positions: [CacheIdentifier: Int] = [:]
    private var newest: Int?
    private var oldest: Int?

    ///   - pruningTailSize: how many of the least recently used entries are looked at for expired ones in every search.
    init(capacity: Int, pruningTailSize: Int) {
        self.capacity = capacity
        self.pruningTailSize = pruningTailSize
    }

    var count: Int { positions.count }

    /// The entry of this identifier that has not expired; it becomes the one used last.
    mutating func entry(for identifier: CacheIdentifier, now: Duration) -> Entry? {
        prune(now: now)
        guard let position = positions[identifier] else { return nil }
        guard let entry = slots[position].entry, now < entry.expiry else {
            remove(position)
            return nil
        }
        if position != newest {
            unlink(position)
            linkAsNewest(position)
        }
        return entry
    }

    /// Whether there is an entry of this identifier that has not expired; its place stays.
    func isLive(_ identifier: CacheIdentifier, now: Duration) -> Bool {
        guard let position = positions[identifier], let entry = slots[position].entry else { return false }
        return now < entry.expiry
    }

    mutating func put(_ entry: Entry, for identifier: CacheIdentifier) {
        delete(identifier)
        let slot = Slot(identifier: identifier, entry: entry)
        let position: Int
        if let reused = free.popLast() {
            position = reused
            slots[position] = slot
        } else {
            position = slots.count
            slots.append(slot)
        }
        positions[identifier] = position
        linkAsNewest(position)
        while positions.count > capacity, let oldest { remove(oldest) }
    }

    mutating func delete(_ identifier: CacheIdentifier) {
        if let position = positions[identifier] { remove(position) }
    }

    /// Takes out every entry that has expired.
    ///
    /// - Returns: when the next one expires; nil when none is left.
    mutating func removeExpired(now: Duration) -> Duration? {
        var next: Duration?
        for position in slots.indices {
            guard let expiry = slots[position].entry?.expiry else { continue }
            if now >= expiry { remove(position) } else { next = min(next ?? expiry, expiry) }
        }
        return next
    }

    private mutating func prune(now: Duration) {
        var next = oldest
        for _ in 0..<pruningTailSize {
            guard let position = next else { return }
            next = slots[position].newer
            if let entry = slots[position].entry, now >= entry.expiry { remove(position) }
        }
    }

    private mutating func remove(_ position: Int) {
        unlink(position)
        positions[slots[position].identifier] = nil
        free.append(position)
        slots[position].entry = nil
    }

    private mutating func unlink(_ position: Int) {
        let slot = slots[position]
        if let newer = slot.newer { slots[newer].older = slot.older } else { newest = slot.older }
        if let older = slot.older { slots[older].newer = slot.newer } else { oldest = slot.newer }
    }

    private mutating func linkAsNewest(_ position: Int) {
        slots[position].newer = nil
        slots[position].older = newest
        if let newest { slots[newest].newer = position } else { oldest = position }
        newest = position
    }
}
