/// How a picture came to be, for the label that generated pictures carry.
///
/// The label is XMP with the IPTC property `DigitalSourceType` (IPTC Photo Metadata Standard 2023.2, and its
/// guidance for generative AI).
public enum PictureOrigin: String, Sendable {
    /// Wholly made by a model.
    case trainedAlgorithmicMedia
    /// A photograph of which a model redrew parts.
    case compositeWithTrainedAlgorithmicMedia

    /// The XMP packet that says so.
    public var xmpPacket: String {
        """
        <?xpacket begin="\u{FEFF}" id="W5M0MpCehiHzreSzNTczkc9d"?>
        <x:xmpmeta xmlns:x="adobe:ns:meta/">
         <rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
          <rdf:Description rdf:about="" xmlns:Iptc4xmpExt="http://iptc.org/std/Iptc4xmpExt/2008-02-29/"
           Iptc4xmpExt:DigitalSourceType="http://cv.iptc.org/newscodes/digitalsourcetype/\(rawValue)"/>
         </rdf:RDF>
        </x:xmpmeta>
        <?xpacket end="r"?>
        """
    }

    /// The packet as a PNG chunk (XMP specification part 3, §1.1.5).
    public var pngText: PNGText { PNGText(keyword: "XML:com.adobe.xmp", text: xmpPacket) }
}
