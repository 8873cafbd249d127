import AWSMaterialProviders
import ESDKCrypto
import MessageForge

extension ForgeRules {
    /// The rules about the body and the end of the message (data-format/message-body.md).
    static let bodyRules = sequenceRules + bodyTagRules + endRules

    private static let twoFrames: [UInt8] = [UInt8](0..<16)

    // MARK: - Order and number of frames

    private static let sequenceRules: [ForgeRule] = [
        ForgeRule(
            "B01",
            "a first sequence number other than 1",
            in: "message-body/sequence-number.1",
            "decrypt/decrypt-the-message-body.10",
            "message-body-aad/sequence-number.1",
            cases: [
                order("from-0", [0, 1, 2, 3], fault: 0, on: .all.framed),
                order("from-2", [2, 3, 4, 5], fault: 0, on: .few),
                .refused(
                    "only-frame",
                    "The only frame has the sequence number 2.",
                    on: .few,
                    .body,
                    .sequenceNumberMismatch,
                    base: { $0.setPlaintext(Forgery.plaintext, .framed(64, .full)) }
                ) { $0.renumber([2]) },
            ]
        ),
        ForgeRule(
            "B02",
            "gaps, repeats and descending sequence numbers",
            in: "message-body/sequence-number.2",
            "decrypt/decrypt-the-message-body.11",
            cases: [
                order("gap", [1, 3, 4, 5], fault: 1, on: .all.framed),
                order("repeat", [1, 2, 2, 3], fault: 2, on: .few),
                order("descending", [4, 3, 2, 1], fault: 0, on: .few),
            ]
        ),
        ForgeRule(
            "B03",
            "frames that are swapped, dropped, duplicated or of another message",
            in: "message-body/sequence-number.2",
            "decrypt/decrypt-the-message-body.11",
            cases: [
                frames("swapped", "The first two frames are swapped.", at: 0) { $0.parts.swapAt(0, 1) },
                frames("dropped", "The second frame is missing.", at: 1) { $0.parts.remove(at: 1) },
                frames("first-dropped", "The first frame is missing.", at: 0, on: .few) { $0.parts.remove(at: 0) },
                frames("duplicated", "The third frame stands twice.", at: 3) { $0.parts.insert($0.parts[2], at: 2) },
                .refused(
                    "other-message",
                    "The second frame is one of another message under the same content key.",
                    on: .all.version1.unsigned.framed,
                    .body,
                    .bodyTagMismatch,
                    release: .frames(1),
                    base: { $0.message.algorithmSuite = .aes256GCM }
                ) { $0.reseal(1, messageID: $0.message.messageID.flipped(at: 0)) },
            ]
        ),
        ForgeRule(
            "B04",
            "a final frame whose number is not the number of frames",
            in: "message-body/final-frame/sequence-number.1",
            cases: [
                order("number-5", [1, 2, 3, 5], fault: 3, on: .all.framed),
                order("number-3", [1, 2, 3, 3], fault: 3, on: .few),
                order("number-0", [1, 2, 3, 0], fault: 3, on: .few),
                order("number-ffffffff", [1, 2, 3, .max], fault: 3, on: .few),
            ]
        ),
        ForgeRule(
            "B05",
            "a final frame longer than the frame length",
            in: "message-body/final-frame.3",
            "message-body-aad/content-length.4",
            "decrypt/decrypt-the-message-body.7",
            cases: [
                .refused(
                    "",
                    "The final frame has nine bytes, the frame length is eight.",
                    on: .all.framed,
                    .body,
                    .finalFrameTooLong,
                    release: .frames(3)
                ) { $0.parts[3].plaintext = [UInt8](repeating: 7, count: 9) },
                .refused(
                    "only-frame",
                    "The only frame has nine bytes, the frame length is eight.",
                    on: .all.framed,
                    .body,
                    .finalFrameTooLong
                ) {
                    $0.setPlaintext([UInt8](repeating: 7, count: 9), .framed(9, .full))
                    $0.message.frameLength = 8
                },
            ]
        ),
        ForgeRule(
            "B06",
            "a message without a final frame",
            in: "message-body/final-frame.1",
            "decrypt/decrypt-the-message-body.2",
            cases: [
                .refused(
                    "",
                    "The message ends where the final frame is due.",
                    on: .all.framed,
                    .body,
                    .truncatedMessage,
                    release: .frames(3)
                ) {
                    $0.parts.removeLast()
                    $0.footer = { _ in [] }
                },
                .refused(
                    "no-frame",
                    "The message has no frame at all.",
                    on: .few,
                    .body,
                    .truncatedMessage
                ) {
                    $0.parts = []
                    $0.footer = { _ in [] }
                },
                .refused(
                    "footer-follows",
                    "The footer stands where the final frame is due.",
                    on: .all.framed.signed,
                    .body,
                    .sequenceNumberMismatch,
                    release: .frames(3)
                ) { $0.parts.removeLast() },
            ]
        ),
        ForgeRule(
            "B07",
            "a frame behind the final frame",
            in: "message-body/final-frame.1",
            "message-body/final-frame.2",
            cases: [
                ("second-final", "A second final frame follows.", MessageBlueprint.Frame.Kind.final),
                ("regular", "A regular frame follows the final frame.", .regular),
            ].flatMap { (name: String, done: String, kind: MessageBlueprint.Frame.Kind) -> [ForgeCase] in
                let edit: ForgeCase.Edit = {
                    let plaintext = [UInt8](repeating: 7, count: 8)
                    $0.parts.append((MessageBlueprint.Frame(kind, sequenceNumber: 5, plaintextLength: 8), plaintext))
                }
                return [
                    .refused(
                        name,
                        done,
                        on: .all.framed.unsigned,
                        .end,
                        .trailingBytes,
                        release: .frames(4),
                        edit
                    ),
                    .refused(
                        name,
                        done,
                        on: .all.framed.signed,
                        .signature,
                        .invalidSignatureLength,
                        release: .frames(3),
                        edit
                    ),
                ]
            }
        ),
        ForgeRule(
            "B17",
            "a sequence number altered only on the wire",
            in: "decrypt/decrypt-the-message-body.10",
            "decrypt/decrypt-the-message-body.11",
            cases: [("first", 0), ("third", 2), ("final", 3)].map { (name: String, index: Int) -> ForgeCase in
                .refused(
                    name,
                    "The sequence number of the \(name) frame is one more on the wire; IV and additional data have the right one.",
                    on: index == 2 ? .few : .all.framed,
                    .body,
                    .sequenceNumberMismatch,
                    release: .frames(index)
                ) {
                    $0.message.frames[index].iv = .bytes($0.message.frames[index].ivBytes)
                    $0.reseal(index)
                    $0.message.frames[index].sequenceNumber += 1
                }
            }
        ),
    ]

    // MARK: - Additional data and tags

    private static let bodyTagRules: [ForgeRule] = [
        ForgeRule(
            "B09",
            "a frame sealed as another kind",
            in: "message-body-aad/body-aad-content.1",
            "message-body-aad/body-aad-content.2",
            "message-body-aad/body-aad-content.3",
            cases: [
                sealed("regular-as-final", "The first frame is sealed as a final one.", at: 0) {
                    $0.reseal(0, as: .final)
                },
                sealed("final-as-regular", "The final frame is sealed as a regular one.", at: 3) {
                    $0.reseal(3, as: .regular)
                },
                sealed("final-as-block", "The final frame is sealed as a non-framed body.", at: 3, on: .few) {
                    $0.reseal(3, as: .singleBlock)
                },
                sealed("block-as-final", "The body is sealed as a final frame.", at: 0, on: .all.nonFramed) {
                    $0.reseal(0, as: .final)
                },
            ]
        ),
        ForgeRule(
            "B10",
            "a frame sealed under another length or sequence number",
            in: "message-body-aad/content-length.1",
            "message-body-aad/content-length.2",
            "message-body-aad/content-length.3",
            "message-body-aad/sequence-number.1",
            "message-body-aad/sequence-number.2",
            "decrypt/decrypt-the-message-body.9",
            "decrypt/decrypt-the-message-body.12",
            cases: [
                sealed("length", "The second frame is sealed under a length of one more.", at: 1) {
                    $0.reseal(1, length: 9)
                },
                sealed("final-length", "The final frame is sealed under the frame length.", at: 3, on: .few) {
                    $0.reseal(3, length: 8)
                },
                sealed("block-length", "The body is sealed under the length 0.", at: 0, on: .all.nonFramed) {
                    $0.reseal(0, length: 0)
                },
                sealed("number", "The second frame is sealed under the sequence number 3.", at: 1) {
                    $0.reseal(1, sequenceNumber: 3)
                },
                sealed("block-number", "The body is sealed under the sequence number 0.", at: 0, on: .all.nonFramed) {
                    $0.reseal(0, sequenceNumber: 0)
                },
            ]
        ),
        ForgeRule(
            "B11",
            "a wrong tag of a frame, of which nothing is released",
            in: "decrypt/decrypt-the-message-body.8",
            "decrypt/decrypt-the-message-body.13",
            "decrypt/decrypt-the-message-body.14",
            "decrypt/authenticated-data.1",
            "message-body/regular-frame/authentication-tag.1",
            "message-body/final-frame/authentication-tag.1",
            cases: [
                sealed("first", "A bit of the first frame's tag is flipped.", at: 0) { $0.flip(.frame(0, .tag)) },
                sealed("final", "A bit of the final frame's tag is flipped.", at: 3) { $0.flip(.frame(3, .tag)) },
                sealed("content", "A bit of the second frame's content is flipped.", at: 1) {
                    $0.flip(.frame(1, .content))
                },
                sealed("iv", "A bit of the second frame's IV is flipped.", at: 1, on: .few) { $0.flip(.frame(1, .iv)) },
                sealed("block", "A bit of the body's tag is flipped.", at: 0, on: .all.nonFramed) {
                    $0.flip(.body(.tag))
                },
            ]
        ),
        ForgeRule(
            "B12",
            "a non-framed body that is longer than possible or than the input",
            in: "message-body/encrypted-content-length.1",
            cases: [
                ("beyond-the-limit", (1 << 36) - 31, EncryptionSDKError.Code.contentTooLong),
                ("ffffffffffffffff", .max, .contentTooLong), ("at-the-limit", (1 << 36) - 32, .truncatedMessage),
                ("4096", 4096, .truncatedMessage),
            ].map { (name: String, length: UInt64, code: EncryptionSDKError.Code) -> ForgeCase in
                .refused(name, "The content length is \(length).", on: .all.nonFramed, .body, code) {
                    $0.message.frames[0].announcedContentLength = length
                }
            }
        ),
        ForgeRule(
            "B13",
            "a frame sealed under another message id",
            in: "decrypt/decrypt-the-message-body.8",
            cases: [
                sealed("", "The second frame is sealed under another message id.", at: 1) {
                    $0.reseal(1, messageID: $0.message.messageID.flipped(at: 0))
                },
                sealed("", "The body is sealed under another message id.", at: 0, on: .all.nonFramed) {
                    $0.reseal(0, messageID: $0.message.messageID.flipped(at: 0))
                },
            ]
        ),
    ]

    // MARK: - The end

    private static let endRules: [ForgeRule] = [
        ForgeRule(
            "B14",
            "bytes behind the message",
            in: "decrypt/behavior.7",
            cases: [
                .refused("zero", "A zero byte follows the message.", .end, .trailingBytes) {
                    $0.alterations.append { bytes, _ in bytes.append(0) }
                },
                .refused("message", "The message follows once more.", on: .few, .end, .trailingBytes) {
                    $0.alterations.append { bytes, _ in bytes += bytes }
                },
            ]
        ),
        ForgeRule(
            "B15",
            "an input that ends inside the body",
            in: "decrypt/behavior.6",
            "decrypt/decrypt-the-message-body.1",
            cases: [
                cut(
                    "sequence-number",
                    "first frame's sequence number",
                    .frame(0, .sequenceNumber),
                    frames: 0,
                    on: .few
                ),
                cut("iv", "second frame's IV", .frame(1, .iv), frames: 1, on: .few),
                cut("content", "second frame's content", .frame(1, .content), frames: 1, on: .few),
                cut("tag", "third frame's tag", .frame(2, .tag), frames: 2, on: .all.framed),
                cut("final-marker", "marker of the final frame", .frame(3, .finalFrameMarker), frames: 3, on: .few),
                cut("final-length", "final frame's length", .frame(3, .contentLength), frames: 3, on: .few),
                cut("final-tag", "final frame's tag", .frame(3, .tag), frames: 3, on: .all.framed),
                cut("block-length", "body's length", .body(.contentLength), frames: 0, on: .all.nonFramed),
                cut("block-tag", "body's tag", .body(.tag), frames: 0, on: .all.nonFramed),
            ]
        ),
        ForgeRule(
            "B16",
            "nothing: every legal layout is read",
            in: "message-body/final-frame.3",
            "message-body/final-frame.5",
            "message-body/regular-frame/iv.2",
            "message-body/final-frame/iv.2",
            "message-body/regular-frame/encrypted-content.1",
            "message-body/framed-data.1",
            cases: [
                .opens("empty", "The plaintext is empty: one empty final frame.", on: .all.framed) {
                    $0.setPlaintext([], .framed(8, .full))
                },
                .opens("empty", "The plaintext is empty.", on: .all.nonFramed) { $0.setPlaintext([], .nonFramed) },
                .opens("one-frame", "All plaintext is in the final frame.", on: .all.framed) {
                    $0.setPlaintext(Forgery.plaintext, .framed(64, .full))
                },
                .opens("full-final-frame", "The final frame is as long as the others.", on: .all.framed) {
                    $0.setPlaintext(twoFrames, .framed(8, .full))
                },
                .opens(
                    "empty-final-frame",
                    "All plaintext is in regular frames; the final one is empty.",
                    on: .all.framed
                ) {
                    $0.setPlaintext(twoFrames, .framed(8, .empty))
                },
                .opens("random-ivs", "The IVs are random, as the earliest Java client's were.", flags: [.legacy]) {
                    try $0.message.randomizeIVs(from: $0.keys.source("IVs \($0.label)"))
                },
                .opens("no-context", "There is no encryption context.", on: .all.unsigned) { $0.setContext([]) },
            ]
        ),
    ]

    // MARK: - Cases of one kind

    private static func order(_ name: String, _ numbers: [UInt32], fault: Int, on variants: [ForgeVariant]) -> ForgeCase
    {
        .refused(
            name,
            "The sequence numbers are \(numbers.map(String.init).joined(separator: ", ")): on the wire, in the IVs and in the "
                + "additional data.",
            on: variants,
            .body,
            .sequenceNumberMismatch,
            release: .frames(fault)
        ) { $0.renumber(numbers) }
    }

    private static func frames(
        _ name: String,
        _ done: String,
        at index: Int,
        on variants: [ForgeVariant] = .all.framed,
        _ edit: @escaping ForgeCase.Edit
    ) -> ForgeCase {
        .refused(name, done, on: variants, .body, .sequenceNumberMismatch, release: .frames(index), edit)
    }

    private static func sealed(
        _ name: String,
        _ done: String,
        at index: Int,
        on variants: [ForgeVariant] = .all.framed,
        _ edit: @escaping ForgeCase.Edit
    ) -> ForgeCase {
        .refused(name, done, on: variants, .body, .bodyTagMismatch, release: .frames(index), edit)
    }

    private static func cut(
        _ name: String,
        _ what: String,
        _ field: MessageField,
        frames: Int,
        on variants: [ForgeVariant]
    ) -> ForgeCase {
        .refused(
            name,
            "The message ends one byte before the end of the \(what).",
            on: variants,
            .body,
            .truncatedMessage,
            release: .frames(frames)
        ) { $0.cut(in: field) }
    }
}
