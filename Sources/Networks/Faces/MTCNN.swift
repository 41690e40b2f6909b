import Tensors
import Weights

/// A face in a picture, in pixels of that picture: x to the right, y down.
public struct DetectedFace: Sendable, Equatable {
    /// The face without most of hair and neck.
    public let box: FaceBox
    /// How sure the last network is, 0.7 to 1.
    public let score: Float
    /// The centres of the eyes, the tip of the nose and the corners of the mouth; of each pair the one on the left of
    /// the picture comes first.
    public let landmarks: [SIMD2<Float>]

    /// A face as another detector, or a person, has found it.
    public init(box: FaceBox, score: Float, landmarks: [SIMD2<Float>]) {
        self.box = box
        self.score = score
        self.landmarks = landmarks
    }
}

extension [DetectedFace] {
    /// The faces in the order in which people are numbered in a picture: from left to right, by box centre.
    public var leftToRight: [DetectedFace] {
        sorted { ($0.box.center.x, $0.box.center.y) < ($1.box.center.x, $1.box.center.y) }
    }

    /// The face whose box has the largest area.
    public var largest: DetectedFace? {
        self.max { $0.box.area < $1.box.area }
    }
}

/// The face detector MTCNN: three small networks, each looking closer at what the one before it proposes.
///
/// Zhang, Zhang, Li, Qiao: "Joint Face Detection and Alignment using Multi-task Cascaded Convolutional Networks",
/// IEEE Signal Processing Letters 23 (2016), arXiv:1604.02878. Constants and order of operations are those of
/// facenet-pytorch 2.6.0, whose weights are in `Models/perception`. The five landmarks are the ones for which the
/// ArcFace alignment template was made.
public struct MTCNN: Sendable {
    /// The smallest face that is looked for, in pixels.
    private static let smallestFace = 20.0
    /// The side of the window that the proposal network judges.
    private static let cellSize = 12
    private static let cellStride = 2
    /// Each level of the image pyramid is this much smaller than the one before: about half the area.
    private static let pyramidFactor = 0.709
    /// Candidates that go through the second and third network at once: bounds memory, and how long a cancellation waits.
    private static let batchSize = 256

    private let proposalNetwork: ProposalNetwork
    private let refinementNetwork: RefinementNetwork
    private let outputNetwork: OutputNetwork

    /// Reads the three networks from `pnet.pt`, `rnet.pt` and `onet.pt`.
    ///
    /// - Parameter folder: `Models/perception`, or another folder with these files.
    /// - Throws: `WeightsError` if a file cannot be read, or if a tensor is missing, left over or of the wrong shape.
    public init(folder: String, in workspace: Workspace) throws {
        func scope(_ file: String) throws -> WeightScope {
            WeightScope(try WeightFile.open("\(folder)/\(file)"), in: workspace)
        }
        try self.init(proposal: scope("pnet.pt"), refinement: scope("rnet.pt"), output: scope("onet.pt"))
    }

    /// - Parameters:
    ///   - proposal: the weights of `pnet.pt`.
    ///   - refinement: the weights of `rnet.pt`.
    ///   - output: the weights of `onet.pt`.
    /// - Throws: `WeightsError` if a tensor is missing, left over or of the wrong shape.
    public init(proposal: WeightScope, refinement: WeightScope, output: WeightScope) throws {
        proposalNetwork = try ProposalNetwork(proposal)
        refinementNetwork = try RefinementNetwork(refinement)
        outputNetwork = try OutputNetwork(output)
    }

    /// Finds the upright faces in a picture.
    ///
    /// - Parameter image: RGB [1, height, width, 3], 0 to 255.
    /// - Returns: the faces, surest first; none if the picture is smaller than a face of 20 pixels.
    /// - Throws: `CancellationError` if the image's workspace was cancelled.
    public func faces(in image: Tensor) throws -> [DetectedFace] {
        precondition(
            image.shape.count == 4 && image.shape[0] == 1 && image.shape[3] == 3,
            "MTCNN wants one RGB image [1, height, width, 3], not \(image.shape)")
        let proposed = try proposals(in: image)
        let refined = try refined(proposed, in: image)
        return try described(refined, in: image)
    }

    // MARK: First stage

    private func proposals(in image: Tensor) throws -> [FaceCandidate] {
        var candidates: [FaceCandidate] = []
        for scale in Self.pyramid(height: image.shape[1], width: image.shape[2]) {
            try image.workspace.checkCancellation()
            candidates += proposals(in: image, at: scale).suppressed(above: 0.5, by: FaceBox.overlap)
        }
        return candidates.suppressed(above: 0.7, by: FaceBox.overlap).map { candidate in
            var candidate = candidate
            candidate.box = candidate.box.regressed(by: candidate.offsets, inclusion: 0).squared
            return candidate
        }
    }

    /// The scales at which the picture is searched, from the smallest face (largest scale) to the largest one.
    private static func pyramid(height: Int, width: Int) -> [Double] {
        var scale = Double(cellSize) / smallestFace
        var shorterSide = Double(min(height, width)) * scale
        var scales: [Double] = []
        while shorterSide >= Double(cellSize) {
            scales.append(scale)
            scale *= pyramidFactor
            shorterSide *= pyramidFactor
        }
        return scales
    }

    private func proposals(in image: Tensor, at scale: Double) -> [FaceCandidate] {
        let (height, width) = (image.shape[1], image.shape[2])
        let level = areaResampled(
            image, [PixelRegion(top: 0, bottom: height, left: 0, right: width)],
            height: Int(Double(height) * scale + 1), width: Int(Double(width) * scale + 1))
        let output = proposalNetwork(normalized(level))
        let columns = output.faceProbability.shape[2]
        let offsets = output.offsets.values
        return output.faceProbability.values.enumerated().compactMap { position, score in
            guard score >= 0.6 else { return nil }
            let (row, column) = position.quotientAndRemainder(dividingBy: columns)
            return FaceCandidate(
                box: Self.window(row: row, column: column, scale: Float(scale)), score: score,
                offsets: SIMD4(offsets[position * 4..<position * 4 + 4]))
        }
    }

    /// The window of the proposal network's output cell, in pixels of the full picture.
    private static func window(row: Int, column: Int, scale: Float) -> FaceBox {
        func position(_ cell: Int, _ offset: Int) -> Float {
            (Float(cellStride * cell + offset) / scale).rounded(.down)
        }
        return FaceBox(
            left: position(column, 1), top: position(row, 1),
            right: position(column, cellSize), bottom: position(row, cellSize))
    }

    // MARK: Second stage

    private func refined(_ candidates: [FaceCandidate], in image: Tensor) throws -> [FaceCandidate] {
        let judged = try judged(candidates, in: image, side: 24) { patches in
            let output = refinementNetwork(patches)
            return (output.faceProbability, output.offsets, nil)
        }
        return judged.filter { $0.score > 0.7 }.suppressed(above: 0.7, by: FaceBox.overlap).map { candidate in
            var candidate = candidate
            candidate.box = candidate.box.regressed(by: candidate.offsets, inclusion: 1).squared
            return candidate
        }
    }

    // MARK: Third stage

    private func described(_ candidates: [FaceCandidate], in image: Tensor) throws -> [DetectedFace] {
        let judged = try judged(candidates, in: image, side: 48) { patches in
            let output = outputNetwork(patches)
            return (output.faceProbability, output.offsets, output.landmarks)
        }
        let moved = judged.filter { $0.score > 0.7 }.map { candidate in
            let box = candidate.box
            let size = SIMD2(box.width + 1, box.height + 1)
            var moved = candidate
            moved.landmarks = candidate.landmarks.map { $0 * size + SIMD2(box.left - 1, box.top - 1) }
            moved.box = box.regressed(by: candidate.offsets, inclusion: 1)
            return moved
        }
        return moved.suppressed(above: 0.7, by: FaceBox.overlapOfSmaller).map { candidate in
            DetectedFace(box: candidate.box, score: candidate.score, landmarks: candidate.landmarks)
        }
    }

    /// The candidates with a network's score, offsets and (if it gives any) landmarks in place of their own.
    private func judged(
        _ candidates: [FaceCandidate], in image: Tensor, side: Int,
        by network: (Tensor) -> (faceProbability: Tensor, offsets: Tensor, landmarks: Tensor?)
    ) throws -> [FaceCandidate] {
        let visible = candidates.compactMap { candidate in
            candidate.box.pixels(inWidth: image.shape[2], height: image.shape[1]).map { (candidate, $0) }
        }
        var judged: [FaceCandidate] = []
        for start in stride(from: 0, to: visible.count, by: Self.batchSize) {
            try image.workspace.checkCancellation()
            let batch = visible[start..<min(start + Self.batchSize, visible.count)]
            let patches = areaResampled(image, batch.map(\.1), height: side, width: side)
            let output = network(normalized(patches))
            let scores = output.faceProbability.values
            let offsets = output.offsets.values
            let landmarks = output.landmarks?.values
            for (index, (candidate, _)) in batch.enumerated() {
                judged.append(
                    FaceCandidate(
                        box: candidate.box, score: scores[index],
                        offsets: SIMD4(offsets[index * 4..<index * 4 + 4]),
                        landmarks: landmarks.map { Self.points($0[index * 10..<index * 10 + 10]) } ?? []))
            }
        }
        return judged
    }

    /// Five points from five x, then five y.
    private static func points(_ values: ArraySlice<Float>) -> [SIMD2<Float>] {
        zip(values.prefix(5), values.suffix(5)).map { SIMD2($0, $1) }
    }
}
