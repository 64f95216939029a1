/// How GPUs are asked for and offered.
///
/// A node offers whole devices under `nvidia.com/gpu`. A pod asks for whole devices by that same name, or for a share of
/// one device, in thousandths, under `switchyard.dev/gpu-milli`. A share sits on one device; several GPUs are whole devices.
/// A node that offers more than `maxDevices`, as time-slicing makes them, has them counted: without indices, without shares.
public enum GPU {
    /// The resource that counts whole devices.
    public static let deviceResource = "nvidia.com/gpu"
    /// The resource that asks for thousandths of a single device.
    public static let shareResource = "switchyard.dev/gpu-milli"
    /// Thousandths in a device.
    public static let milliPerDevice: Int64 = 1000
    /// The node label that names the model of its GPUs.
    public static let modelLabel = "nvidia.com/gpu.product"
    /// The most devices of a node that are told apart.
    public static let maxDevices = 64
    /// The annotation with the device indices that a pod was given: `0,3`.
    public static let indexAnnotation = "switchyard.dev/gpu-index"
}
