import CPrefetch
import ClusterModel

/// A pod that comes to be decided about is often in no cache near, and its parts refer to one another: the pod to its labels
/// and its spec, the spec to the containers, a container to its requests. Waiting for one after the other costs as much as
/// the decision. So the processor is told of each part as soon as its address is known, and what needs it comes later.
///
/// ```
///   pod ──┬── labels             dictionary of up to 3 entries: 4 lines of 64 bytes
///         ├── owners             2 lines
///         └── spec  2 lines ── containers  1 line ── requests  5 lines
/// ```
extension Pod {
    /// Begins to fetch what the pod itself refers to.
    @inline(__always)
    func prefetchParts() {
        prefetch(unsafeBitCast(metadata.labels, to: UnsafeRawPointer.self), lines: 4)
        prefetch(unsafeBitCast($spec, to: UnsafeRawPointer.self), lines: 2)
        prefetch(unsafeBitCast(metadata.ownerReferences, to: UnsafeRawPointer.self), lines: 2)
    }

    /// Begins to fetch the first container; waits for the spec.
    @inline(__always)
    func prefetchContainer() {
        let spec = $spec
        prefetch(unsafeBitCast(spec.wrappedValue.containers, to: UnsafeRawPointer.self), lines: 1)
    }

    /// Begins to fetch the first container's requests; waits for the container.
    @inline(__always)
    func prefetchRequests() {
        let spec = $spec
        if spec.wrappedValue.containers.isEmpty { return }
        prefetch(unsafeBitCast(spec.wrappedValue.containers[0].requests, to: UnsafeRawPointer.self), lines: 5)
    }
}

/// Begins to fetch the lines of 64 bytes from where a collection keeps its entries, to which it is a mere reference.
@inline(__always)
private func prefetch(_ start: UnsafeRawPointer, lines: Int) {
    for line in 0..<lines { switchyard_prefetch(start + 64 * line) }
}
