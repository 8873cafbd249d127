internal import AWSMaterialProviders

extension KeyTable {
    /// The region of the first AWS KMS key that is named by an ARN and is of use; nil when there is none.
    package var firstKMSRegion: String? {
        for entry in entries where entry.encrypt != false || entry.decrypt != false {
            guard case .awsKMS = entry.material, let region = try? KMSKeyIdentifier(entry.keyID).region else {
                continue
            }
            return region
        }
        return nil
    }
}
