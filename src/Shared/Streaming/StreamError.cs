namespace Lockstep.Shared.Streaming;

/// <summary>Why a tensor stream cannot go on.</summary>
public enum StreamError
{
    /// <summary>The peer could not be reached.</summary>
    Unreachable,

    /// <summary>The peer closed the stream or died: a clean end between frames, or in the middle of one.</summary>
    EndOfStream,

    /// <summary>The connection broke, for example by a reset.</summary>
    Broken,

    /// <summary>This side closed the stream.</summary>
    Closed,

    /// <summary>A deadline passed.</summary>
    Timeout,

    /// <summary>The first bytes are not those of a frame: the peer speaks another protocol.</summary>
    BadMagic,

    /// <summary>The peer speaks another version of this protocol.</summary>
    BadVersion,

    /// <summary>A header field is outside its range.</summary>
    BadHeader,

    /// <summary>Header or payload changed on the way.</summary>
    BadHash,

    /// <summary>The announced payload is longer than this run allows for its kind.</summary>
    TooLong,

    /// <summary>The announced payload is not as long as its place.</summary>
    WrongLength,

    /// <summary>A valid frame, but not the one that may come now.</summary>
    UnexpectedKind,

    /// <summary>A valid frame whose content makes no sense.</summary>
    BadContent,

    /// <summary>The peer said goodbye; the message gives its reason.</summary>
    Refused,

    /// <summary>The peer did not prove that it knows this side's secret, or has a certificate of the same authority and the right name.</summary>
    Unproven,
}
