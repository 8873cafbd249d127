import ESDKSystem
import Foundation
import Glibc
import TestSupport
import Testing

/// Roles that need a code from a device, as `mfa_serial` says.
@Suite("esdk: codes of a device", .serialized)
struct CodePromptTests {
    private static let session = """
        <A><AccessKeyId>ASIAROLE</AccessKeyId><SecretAccessKey>secret</SecretAccessKey><SessionToken>token</SessionToken>\
        <Expiration>2050-01-01T00:00:00Z</Expiration></A>
        """

    /// A home folder with such a role, and what a command needs to use it here.
    private struct Scene {
        let folder: TemporaryFolder
        let sts: ScriptedServer
        let variables: [String: String]

        init() throws {
            folder = try TemporaryFolder()
            sts = try ScriptedServer([.answer(status: 200, body: CodePromptTests.session)])
            // It answers DescribeKey, and all that follows, as KMS does for keys that are not there.
            try folder.writeSet("set", [.kmsRefusing("one")])
            try folder.write(
                ".aws/config",
                """
                [default]
                role_arn = arn:aws:iam::111122223333:role/demo
                source_profile = base
                mfa_serial = arn:aws:iam::111122223333:mfa/me
                region = us-west-2
                [profile base]
                aws_access_key_id = AKIDBASE
                aws_secret_access_key = secret
                """
            )
            variables = [
                "HOME": folder.path, "AWS_ENDPOINT_URL_STS": sts.url, "AWS_ACCESS_KEY_ID": "",
                "AWS_SECRET_ACCESS_KEY": "", "AWS_PROFILE": "", "AWS_CONFIG_FILE": "",
                "AWS_SHARED_CREDENTIALS_FILE": "",
            ]
        }
    }

    /// Not a loopback address by its spelling, so that credentials are needed.
    private static func words(_ kms: ScriptedServer) -> [String] {
        [ESDK.path, "vectors", "decrypt", "set", "--aws", "--quiet"]
    }

    @Test("On a terminal the code is asked for, and what is typed is not shown")
    func terminal() throws {
        let scene = try Scene()
        defer { scene.sts.stop() }
        let kms = try ScriptedServer(.notFound)
        defer { kms.stop() }
        let main = try FileDescriptor.open("/dev/ptmx", O_RDWR | O_NOCTTY)
        let (setLock, getNumber): (UInt, UInt) = (0x4004_5431, 0x8004_5430)  // TIOCSPTLCK, TIOCGPTN
        var (unlocked, number): (Int32, Int32) = (0, 0)
        #expect(ioctl(main.number, setLock, &unlocked) == 0 && ioctl(main.number, getNumber, &number) == 0)
        let terminal = try FileDescriptor.open(SystemPath("/dev/pts/\(number)"), O_RDWR | O_NOCTTY)
        let process = try TestProcess(
            Self.words(kms).map { Array($0.utf8) },
            variables: scene.variables.merging(["AWS_ENDPOINT_URL_KMS": kms.url]) { $1 },
            in: scene.folder.path,
            input: terminal
        )
        func echoes() -> Bool {
            var settings = termios()
            return tcgetattr(terminal.number, &settings) != 0 || settings.c_lflag & tcflag_t(ECHO) != 0
        }
        while echoes(), !process.hasEnded { usleep(1000) }
        try main.write("123 456\n")
        let output = try process.finish()
        #expect(output.standardError.hasPrefix("Enter MFA code for arn:aws:iam::111122223333:mfa/me: \n"))
        #expect(echoes(), "the terminal is as it was")
        var shown = pollfd(fd: main.number, events: Int16(POLLIN), revents: 0)
        let echo = poll(&shown, 1, 0) > 0 ? try main.read(upTo: 1024) : []
        #expect(!String(decoding: echo, as: UTF8.self).contains("123"))
        let asked = scene.sts.requests.map(\.body)
        #expect(asked.count == 1)
        #expect(asked.first?.contains("TokenCode=123456") == true)
        #expect(kms.requests.first?.field("authorization")?.contains("Credential=ASIAROLE/") == true)

        // One code serves many commands.
        let again = try TestProcess.run(
            Self.words(kms),
            variables: scene.variables.merging(["AWS_ENDPOINT_URL_KMS": kms.url]) { $1 },
            in: scene.folder.path
        )
        #expect(again.status == output.status)
        #expect(scene.sts.requests.count == 1)
    }

    @Test("In a pipe, without a terminal, the error says what is needed")
    func pipe() throws {
        let scene = try Scene()
        defer { scene.sts.stop() }
        let kms = try ScriptedServer(.notFound)
        defer { kms.stop() }
        let output = try TestProcess.run(
            Self.words(kms),
            variables: scene.variables.merging(["AWS_ENDPOINT_URL_KMS": kms.url]) { $1 },
            in: scene.folder.path
        )
        #expect(output.status == 2)
        #expect(output.standardError.contains("needs a code from arn:aws:iam::111122223333:mfa/me (mfa_serial)"))
        #expect(output.standardError.contains("there is no terminal to ask for it"))
        #expect(scene.sts.requests.isEmpty && kms.requests.isEmpty)
    }

    /// Asks on its terminal while data comes through standard input; prints what the terminal showed, and whether it
    /// echoed.
    private static let pseudoTerminal = """
        import os, pty, sys, termios, time
        child, terminal = pty.fork()
        if child == 0:
            os.dup2(os.open("/dev/null", os.O_RDONLY), 0)
            os.execv(sys.argv[1], sys.argv[1:])
        shown = b""
        while b"MFA code" not in shown:
            shown += os.read(terminal, 1024)
        while termios.tcgetattr(terminal)[3] & termios.ECHO:
            time.sleep(0.001)
        os.write(terminal, b"123456\\n")
        try:
            while True:
                shown += os.read(terminal, 1024)
        except OSError:
            pass
        os.waitpid(child, 0)
        print(shown.decode(), end="")
        """

    @Test("Where standard input is not a terminal, the terminal of the process is asked", Python.isThere)
    func terminalOfTheProcess() throws {
        let scene = try Scene()
        defer { scene.sts.stop() }
        let kms = try ScriptedServer(.notFound)
        defer { kms.stop() }
        let output = try TestProcess.run(
            [#require(Python.interpreter), "-c", Self.pseudoTerminal] + Self.words(kms),
            variables: scene.variables.merging(["AWS_ENDPOINT_URL_KMS": kms.url]) { $1 },
            in: scene.folder.path
        )
        #expect(output.status == 0, "\(output.standardError)")
        #expect(output.standardOutput.hasPrefix("Enter MFA code for arn:aws:iam::111122223333:mfa/me: \r\n"))
        #expect(!output.standardOutput.contains("123456"))
        #expect(scene.sts.requests.map(\.body).contains { $0.contains("TokenCode=123456") })
    }
}
