import AWSEncryptionSDK
import CryptoPrimitives
import TestVectors

precondition(testVectors + cryptoPrimitives == 3)
_ = try EncryptionSDK()
