import Synchronization

/// Where objects can be read once more, as they were written.
public protocol WrittenSource: AnyObject, Sendable {
    /// What stands at a path of a piece of the source; nil where nothing does.
    func value(ofPiece piece: Int, at path: FieldPath) -> Value?
}

/// An object as it was written, with everything that its view leaves out; read when somebody asks.
///
/// The pods of a collection share the template that they were made from: its `metadata` and `spec`. What an object was
/// made from is no part of what it is, so any two count as equal; what depends on it asks whether two are one in memory.
public final class WrittenObject: Hashable, Sendable {
    private let source: (any WrittenSource)?
    private let piece: Int
    private let path: FieldPath
    private let isKept: Bool
    private let known: Mutex<Value?>

    /// An object that is read from a source when it is asked for.
    ///
    /// - Parameter isKept: whether it is kept once it was read, as is worth it for one that many pods share.
    public init(from source: any WrittenSource, piece: Int, at path: FieldPath = FieldPath([]), isKept: Bool) {
        self.source = source
        self.piece = piece
        self.path = path
        self.isKept = isKept
        self.known = Mutex(nil)
    }

    /// An object that is there already.
    public init(_ value: Value) {
        self.source = nil
        self.piece = 0
        self.path = FieldPath([])
        self.isKept = true
        self.known = Mutex(value)
    }

    /// The object; an empty one where its source has it no more.
    ///
    /// - Complexity: that of reading it, unless it is kept.
    public var value: Value {
        if let value = known.withLock({ $0 }) { return value }
        let value = source?.value(ofPiece: piece, at: path) ?? .object([])
        if isKept { known.withLock { $0 = value } }
        return value
    }

    /// Any two are equal.
    public static func == (left: WrittenObject, right: WrittenObject) -> Bool { true }

    /// Feeds nothing.
    public func hash(into hasher: inout Hasher) {}
}
