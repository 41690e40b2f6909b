import PortraitApp

FaceChain.main(Array(CommandLine.arguments.dropFirst()))
