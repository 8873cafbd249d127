internal import StrictJSON

/// A manifest that has been read, and what it says it is.
struct ManifestFile {
    /// The file's path.
    let path: String

    /// Its members.
    let fields: ManifestFields

    /// Its tests, which are many: they are not among the members.
    private let deferred: (tests: JSONMembers, document: [UInt8])?

    /// What it is, or why that is not known.
    let header: Result<ManifestHeader, VectorError>

    /// Reads a manifest.
    ///
    /// - Parameter path: the file's path.
    /// - Throws: where it cannot be read, or is not a JSON object.
    init(path: String) throws(VectorError) {
        self.path = path
        let bytes: [UInt8]
        do {
            bytes = try RegularFile.read(path, limit: StrictJSON.maximumLength)
        } catch {
            let code: VectorError.Code = error.code == .notFound ? .notFound : .unreadable
            let advice =
                switch error.code {
                case .notFound: "; check the path"
                case .notRegular: "; name a manifest or the folder of a set"
                default: ""
                }
            throw VectorError(code, path: path, reason: error.reason + advice)
        }
        if bytes.starts(with: [0x50, 0x4B, 0x03, 0x04]) {
            throw VectorError(.notJSON, path: path, reason: "a zip archive; unpack it and name the folder")
        }
        let value: JSONValue
        do {
            let (parsed, deferred) = try StrictJSON.parse(bytes, source: path, deferring: [JSONName("tests")])
            value = parsed
            self.deferred = deferred[JSONName("tests")].map { ($0, bytes) }
        } catch {
            let place = error.location.map { "line \($0.line), column \($0.column): " } ?? ""
            throw VectorError(.notJSON, path: path, reason: "not JSON: \(place)\(error.reason); correct the file")
        }
        guard let object = value.object else {
            throw VectorError(.malformed, path: path, reason: "\(value.kind), not an object, so not a manifest")
        }
        fields = ManifestFields(object, "the manifest")
        header = Self.header(of: fields, path: path)
    }

    /// The file's header.
    ///
    /// - Throws: where its type or version is not known.
    func knownHeader() throws(VectorError) -> ManifestHeader {
        try header.get()
    }

    /// The members of an object that the file must have.
    ///
    /// - Parameter name: the object's name.
    /// - Throws: where it is absent, or is not an object.
    func members(_ name: String) throws(VectorError) -> ManifestFields {
        let members: ManifestFields?
        do {
            members = try fields.fields(name)
        } catch {
            throw VectorError(.malformed, path: path, reason: "\(error.reason); correct the file")
        }
        guard let members else {
            throw VectorError(.malformed, path: path, reason: "no \"\(name)\" member; correct the file")
        }
        return members
    }

    /// How many tests it has.
    ///
    /// - Throws: where it has none, or something else instead.
    func testCount() throws(VectorError) -> Int {
        if let deferred { return deferred.tests.count }
        return try members("tests").object.count
    }

    /// Hands on the tests, one at a time: all at once they would take many times the memory of the file.
    ///
    /// - Parameters:
    ///   - isWanted: whether a test of a name is handed on.
    ///   - body: gets the name and the value of each, in their order.
    /// - Throws: where they cannot be read.
    func forEachTest(
        where isWanted: (_ name: String) -> Bool = { _ in true },
        _ body: (_ name: String, _ value: JSONValue) -> Void
    ) throws(VectorError) {
        guard let deferred else {
            for member in try members("tests").object.members where isWanted(member.name) {
                body(member.name, member.value)
            }
            return
        }
        do {
            try StrictJSON.forEachMember(
                of: deferred.tests,
                in: deferred.document,
                source: path,
                where: isWanted,
                body
            )
        } catch {
            throw VectorError(.notJSON, path: path, reason: "not JSON: \(error.reason); correct the file")
        }
    }

    private static func header(of fields: ManifestFields, path: String) -> Result<ManifestHeader, VectorError> {
        guard let member = fields.value("manifest") else {
            if CommitmentKnownAnswerReader.recognises(fields) {
                return .success(ManifestHeader(kind: .commitmentKnownAnswers, type: nil, version: nil))
            }
            return .failure(
                VectorError(
                    .unknownType,
                    path: path,
                    reason: "not a manifest: it has no \"manifest\" member that tells its type; "
                        + "name a decrypt manifest (awses-decrypt)"
                )
            )
        }
        do throws(VectorError) {
            let manifest = try ManifestFields(member, "member \"manifest\"")
            let type = try manifest.requiredString("type")
            guard let kind = ManifestKind(type: type) else {
                let reason =
                    "manifest type \(ManifestText.quoted(type)) is not known; name a decrypt manifest (awses-decrypt)"
                return .failure(VectorError(.unknownType, path: path, reason: reason))
            }
            guard !kind.versions.isEmpty else {
                return .success(ManifestHeader(kind: kind, type: type, version: nil))
            }
            guard let version = try manifest.count("version") else { throw manifest.missing("version") }
            guard kind.versions.contains(version) else {
                let known = kind.versions.map(String.init).joined(separator: ", ")
                let reason = "\(type) version \(version) is not known; versions \(known) are"
                return .failure(VectorError(.unknownVersion, path: path, reason: reason))
            }
            return .success(ManifestHeader(kind: kind, type: type, version: version))
        } catch {
            return .failure(VectorError(.malformed, path: path, reason: "\(error.reason); correct the file"))
        }
    }

    /// Whether there is an object of tests.
    var hasTests: Bool { deferred != nil }

    /// Who wrote the manifest: an object with name and version, or a bare name.
    var producer: Producer {
        switch fields.value("client") {
        case .string(let name)?: Producer(name: name, version: nil)
        case .object(let object)?: Producer(name: object["name"]?.string, version: object["version"]?.string)
        default: Producer(name: nil, version: nil)
        }
    }

    /// The folder that the file lies in.
    var folderPath: String {
        Self.folderPath(of: path)
    }

    static func folderPath(of path: String) -> String {
        guard let slash = path.utf8.lastIndex(of: UInt8(ascii: "/")) else { return "." }
        return slash == path.startIndex ? "/" : String(path[..<slash])
    }
}
