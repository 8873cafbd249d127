/// The requests and responses of AWS KMS, as far as keyrings and the key store need them.
///
/// A key id in a request may be anything that KMS takes: key id, key ARN, alias name or alias ARN.
public enum KMS {}
