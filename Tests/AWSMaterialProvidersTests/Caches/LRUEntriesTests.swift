import Testing

@testable import AWSMaterialProviders

@Suite struct LRUEntriesTests {
    private final class Weak {
        weak var usage: CacheEntryUsage?
        init(_ usage: CacheEntryUsage) { self.usage = usage }
    }

    private func put(_ id: String, into entries: inout LRUEntries) throws -> Weak {
        let usage = CacheEntryUsage()
        let identifier = CacheIdentifier(id)
        let materials = CachedMaterials(.encryption(try encryptionMaterials(), usage), for: identifier)
        entries.put(LRUEntries.Entry(materials: materials, created: .zero, expiry: .seconds(1)), for: identifier)
        return Weak(usage)
    }

    @Test("keys that have left the cache are held by nothing, whatever the order in which they leave")
    func nothingStays() throws {
        let ids = ["a", "b", "c", "d"]
        for first in ids {
            for second in ids {
                for third in ids {
                    var entries = LRUEntries(capacity: 10, pruningTailSize: 1)
                    var held: [String: Weak] = [:]
                    for id in ids.prefix(3) { held[id] = try put(id, into: &entries) }
                    entries.delete(CacheIdentifier(first))
                    entries.delete(CacheIdentifier(second))
                    held["d"] = try put("d", into: &entries)
                    entries.delete(CacheIdentifier(third))
                    for id in ids {
                        let isThere = entries.isLive(CacheIdentifier(id), now: .zero)
                        #expect((held[id]?.usage != nil) == isThere, "\(id) after \(first) \(second) \(third)")
                    }
                }
            }
        }
    }
}
