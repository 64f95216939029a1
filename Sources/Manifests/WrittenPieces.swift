import ClusterModel
import Synchronization

/// The pieces of an input's files, in which an object can be read once more, whole.
///
/// It keeps the text of the files, and of the values no more than one.
final class WrittenPieces: WrittenSource {
    private let units: [SourceUnit]
    /// The piece that was read last, where it holds more than one object.
    private let latest = Mutex<(piece: Int, value: Value)?>(nil)

    init(_ units: [SourceUnit]) { self.units = units }

    /// The object as it was written; `inner` leads to the part of it that is meant, such as a collection's template, which
    /// many pods share.
    func object(_ loaded: LoadedObject, inner: FieldPath? = nil) -> WrittenObject {
        WrittenObject(
            from: self, piece: loaded.unit, at: FieldPath(loaded.path.elements + (inner?.elements ?? [])),
            isKept: inner != nil)
    }

    func value(ofPiece piece: Int, at path: FieldPath) -> Value? {
        guard units.indices.contains(piece) else { return nil }
        if path.elements.isEmpty { return (try? units[piece].parse()) ?? nil }
        // Of a list in one piece all objects are asked for, and each would have all of it read.
        let whole: Value? = latest.withLock { latest in
            if let latest, latest.piece == piece { return latest.value }
            guard let value = (try? units[piece].parse()) ?? nil else { return nil }
            latest = (piece, value)
            return value
        }
        return whole?[path]
    }
}
