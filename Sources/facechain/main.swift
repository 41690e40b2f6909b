import Foundation
import PortraitApp

exit(await FaceChain.run(Array(CommandLine.arguments.dropFirst())))
