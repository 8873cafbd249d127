import ESDKTestVectors
import Testing

@Suite("Requests for reports")
struct ReportRequestTests {
    @Test("a kind and a file, which may hold equals signs")
    func requests() {
        #expect(ReportRequest("json=a=b")?.path == "a=b")
        #expect(ReportRequest("json=a")?.kind == .json)
        #expect(ReportRequest("junit=x/y.xml")?.kind == .junit)
        #expect(ReportRequest("tap=x")?.kind == .tap)
        for text in ["", "json", "json=", "=x", "JSON=x", "html=x"] { #expect(ReportRequest(text) == nil) }
    }
}
