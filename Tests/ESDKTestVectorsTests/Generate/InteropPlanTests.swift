import Foundation
import Testing

@testable import ESDKTestVectors

@Suite("The plan of manifests/interop")
struct InteropPlanTests {
    @Test("All of it is written but for what needs AWS KMS")
    func plan() async throws {
        var root = URL(filePath: #filePath)
        for _ in 0..<4 { root.deleteLastPathComponent() }
        let set = try EncryptSetLoader.load(root.appending(path: "manifests/interop").path, kind: .encrypt)
        #expect(set.tests.count == 886)
        #expect(set.diagnostics.isEmpty)
        let folder = try FixtureFolder()
        var options = GenerationOptions(run: RunOptions(jobs: 4), output: folder.path + "/out")
        options.seed = "plan"
        let report = try await GenerationRun(set, options: options).run { _ in }
        #expect(report.positiveCount == 718)
        #expect(report.tests.counts.failed == 0)
        let reasons = Set(report.tests.sets[0].results.filter { $0.status == .skipped }.map(\.reason))
        #expect(reasons == ["only AWS KMS can wrap the data key"])
        #expect(report.tests.counts.skipped == 168)
    }
}
