import AWSMaterialProviders
import ESDKCrypto
import MessageForge

extension [ForgeRule] {
    static let headerRules: [ForgeRule] = [
        ForgeRule(
            "H19",
            "a reserved field that is not zero",
            in: "message-header/reserved",
            cases: [
                .refused("", "The last reserved byte is 1.", on: .all.version1, .header, .reservedFieldNotZero) {
                    $0.message.overrides[.reserved] = [0, 0, 0, 1]
                }
            ]
        )
    ]
    static let bodyRules: [ForgeRule] = [
        ForgeRule(
            "B04",
            "a final frame whose number is not the number of frames",
            in: "message-body/final-frame",
            cases: [
                .refused(
                    "number-5",
                    "The final frame, the fourth, has the sequence number 5: on the wire, in the IV and in its additional data.",
                    on: .all.framed,
                    .body,
                    .sequenceNumberMismatch,
                    release: .frames(3)
                ) { $0.renumber([1, 2, 3, 5]) }
            ]
        )
    ]
    static let signatureRules: [ForgeRule] = [
        ForgeRule(
            "S06",
            "a signature over another hash",
            in: "algorithm-suites/asymmetric-signature-algorithm",
            cases: [
                .refused("sha512", "The signature is over SHA-512.", on: .all.signed, .signature, .signatureMismatch) {
                    $0.footer = {
                        Forgery.SignedParts.footer(try $0.signature(over: $0.header + $0.body, hash: .sha512))
                    }
                }
            ]
        )
    ]
    static let keyRules: [ForgeRule] = []
}
