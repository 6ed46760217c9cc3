namespace Lockstep.Shared.Streaming;

/// <summary>Why a tensor stream cannot continue.</summary>
public enum StreamError
{
    /// <summary>The peer could not be reached.</summary>
    Unreachable,

    /// <summary>The peer closed the stream or died, between or within frames.</summary>
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

    /// <summary>Header or payload were corrupted.</summary>
    BadHash,

    /// <summary>The announced payload is longer than this run allows for its kind.</summary>
    TooLong,

    /// <summary>The announced payload does not have the length of its destination.</summary>
    WrongLength,

    /// <summary>A valid frame that may not come now.</summary>
    UnexpectedKind,

    /// <summary>A valid frame with invalid content.</summary>
    BadContent,

    /// <summary>The peer refused this side; the message gives its reason.</summary>
    Refused,

    /// <summary>The peer did not prove this side's secret, or has no certificate of the same CA with the right name.</summary>
    Unproven,
}
