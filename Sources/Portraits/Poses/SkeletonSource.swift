import Imaging

/// Finds the people of a picture and draws their skeletons.
protocol SkeletonSource {
    /// OpenPose's drawing of the people in a picture that is letterboxed to `width` × `height` pixels.
    ///
    /// - Parameter picture: opaque.
    /// - Returns: `nil` if nobody is found.
    func skeleton(of picture: Image, width: Int, height: Int) throws -> Image?
}
