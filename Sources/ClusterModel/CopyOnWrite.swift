/// A large value behind one reference: to copy it costs one count, and copies share it until one of them is changed.
///
/// Two copies of one value are seen to be equal without a look at it, which is how pods of one template are recognised.
@propertyWrapper
public struct CopyOnWrite<Value: Hashable & Sendable>: Hashable, Sendable {
    // Changed only while one copy alone refers to it, so that what is shared never changes.
    private final class Storage: @unchecked Sendable {
        // The serialiser is the uniqueness check of `wrappedValue`, which also makes checks of exclusive access needless.
        @exclusivity(unchecked) var value: Value

        init(_ value: Value) { self.value = value }
    }

    private var storage: Storage

    /// A value that is the wrapper's own.
    public init(wrappedValue: Value) { storage = Storage(wrappedValue) }

    /// The value.
    public var wrappedValue: Value {
        _read { yield storage.value }
        _modify {
            if !isKnownUniquelyReferenced(&storage) { storage = Storage(storage.value) }
            yield &storage.value
        }
    }

    /// The wrapper itself, which is compared and copied faster than the value.
    public var projectedValue: CopyOnWrite {
        get { self }
        set { self = newValue }
    }

    /// Whether two copies have not been told apart by a change since they were one.
    public func isShared(with other: CopyOnWrite) -> Bool { storage === other.storage }

    /// Equal values are equal, whether they are one or two in memory.
    public static func == (left: CopyOnWrite, right: CopyOnWrite) -> Bool {
        left.storage === right.storage || left.storage.value == right.storage.value
    }

    /// Feeds the value's hash.
    public func hash(into hasher: inout Hasher) { hasher.combine(storage.value) }
}
