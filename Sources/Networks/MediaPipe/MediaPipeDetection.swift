import Foundation

/// What a detector of the BlazeFace family has found, in pixels of the picture.
struct MediaPipeDetection: Sendable {
    var box: FaceBox
    /// 0…1.
    var score: Float
    var keypoints: [SIMD2<Float>]

    /// The detection in a picture of which the one it was made in is a part that begins at `origin`.
    func shifted(by origin: SIMD2<Float>) -> MediaPipeDetection {
        var shifted = self
        shifted.box = FaceBox(
            left: box.left + origin.x, top: box.top + origin.y, right: box.right + origin.x,
            bottom: box.bottom + origin.y)
        shifted.keypoints = keypoints.map { $0 + origin }
        return shifted
    }
}

extension [MediaPipeDetection] {
    /// Merges detections of the same thing: the surest one takes the mean, weighted by score, of all that overlap it by
    /// more than `threshold` (intersection over union), and so on (BlazeFace, arXiv 1907.05047, section 3.3).
    ///
    /// - Returns: surest first.
    func merged(above threshold: Float) -> [MediaPipeDetection] {
        var rest = sorted { $0.score > $1.score }
        var merged: [MediaPipeDetection] = []
        while let best = rest.first {
            let same = rest.filter { best.box.overlap(with: $0.box) > threshold }
            rest.removeAll { best.box.overlap(with: $0.box) > threshold }
            // An empty or broken box overlaps nothing, itself included.
            if same.isEmpty {
                rest.removeFirst()
            } else {
                merged.append(same.weightedMean(score: best.score))
            }
        }
        return merged
    }

    /// Keeps of detections that lie largely inside each other the surest one.
    ///
    /// - Returns: surest first.
    func distinct(above threshold: Float) -> [MediaPipeDetection] {
        var kept: [MediaPipeDetection] = []
        for detection in sorted(by: { $0.score > $1.score })
        where !kept.contains(where: { $0.box.overlapOfSmaller(with: detection.box) > threshold }) {
            kept.append(detection)
        }
        return kept
    }

    private func weightedMean(score: Float) -> MediaPipeDetection {
        let total = reduce(0) { $0 + $1.score }
        func mean(_ value: (MediaPipeDetection) -> Float) -> Float {
            reduce(0) { $0 + $1.score * value($1) } / total
        }
        return MediaPipeDetection(
            box: FaceBox(
                left: mean(\.box.left), top: mean(\.box.top), right: mean(\.box.right),
                bottom: mean(\.box.bottom)),
            score: score,
            keypoints: self[0].keypoints.indices.map { index in
                SIMD2(mean { $0.keypoints[index].x }, mean { $0.keypoints[index].y })
            })
    }
}
