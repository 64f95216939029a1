extension PodGroup {
    /// The annotation with the seconds that the group's members are expected to run, as the one who submits it believes.
    ///
    /// Schedulers plan by it; nobody ends a pod that runs longer.
    public static let expectedRunAnnotation = "switchyard.dev/expected-run-seconds"

    /// The seconds that the members are expected to run, rounded up; nil where the annotation is absent or is no number
    /// above 0.
    public var expectedRunSeconds: Int? {
        guard let text = metadata.annotations[PodGroup.expectedRunAnnotation], let seconds = Double(text),
            seconds > 0, seconds < 1e12
        else { return nil }
        return Int(seconds.rounded(.up))
    }
}
