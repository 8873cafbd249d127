/// A module of the user's own.
public let testVectors = 1
