/// A module of the user's own.
public let cryptoPrimitives = 2
