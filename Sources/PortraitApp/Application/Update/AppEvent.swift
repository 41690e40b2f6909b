import Foundation
import Portraits
import TerminalKit

/// Something that happened: at the terminal, in the engine, or in a file that was read.
package enum AppEvent: Sendable {
    case key(Key)
    case paste(String)
    case pointed(MouseTarget, MouseEvent.Kind)
    case resized(CellSize)
    case focus(Bool)
    /// Seconds on the application's clock.
    case clock(Double)
    case memory(bytes: Int)
    case graphics(String)

    case photoInspected(path: String, Result<PhotoInspection, AppProblem>)
    case pictureLoaded(PictureKey, Result<PixelImage, AppProblem>)
    case folderListed(URL, Result<[FilePicker.Entry], AppProblem>)
    case galleryLoaded([GalleryItem])
    case thumbnailsFound([String: String])
    case modelExamined(ModelSummary)
    case trashed(URL, Result<Void, AppProblem>)
    case failed(AppProblem)
    case job(Int, JobEvent)
}

/// What the engine tells of a job.
package enum JobEvent: Sendable {
    case progress(PortraitProgress)
    case notice(String)
    /// A picture has been painted and written.
    case picture(GalleryItem)
    case finished
    case cancelled
    case failed(String)
}

/// What the outside world is to do.
package enum AppEffect: Sendable, Equatable {
    case inspect(photo: String)
    case list(URL, FilePicker.Purpose)
    case loadGallery
    case findThumbnails(ModelSummary)
    case examineModel(path: String)
    case start(job: Int, PortraitRequest, Job.Purpose, threadCount: Int?)
    case cancel(job: Int)
    case trash(URL)
    case open(URL)
    case copy(String)
    case notify(title: String, body: String)
    case save
    case redraw
    case suspend
    case quit
}

/// What lies under the mouse.
package enum MouseTarget: Sendable, Equatable {
    case action(String)
    case pane(Pane)
    /// An entry of a pane's list.
    case entry(Pane, Int)
    /// An entry of the innermost window's list.
    case overlayEntry(Int)
    case overlay
}
