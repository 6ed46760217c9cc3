using System.Net;
using Lockstep.Shared.Streaming;

namespace Lockstep.Worker.Slices;

/// <summary>Connections between workers. Callbacks come on any thread.</summary>
internal interface IMateNetwork : IDisposable
{
    /// <summary>Begins to accept connections of workers of a run that have a token. Called once.</summary>
    /// <param name="run">The run.</param>
    /// <param name="tokens">The valid tokens.</param>
    /// <param name="accepted">Takes over a connection, and the id of the worker that dialed.</param>
    /// <returns>Where it accepts.</returns>
    IPEndPoint Listen(ulong run, StreamTokens tokens, Action<FrameStream, string> accepted);

    /// <summary>Connects to another worker.</summary>
    /// <param name="address">Where it accepts.</param>
    /// <param name="run">The run.</param>
    /// <param name="token">The token of this pair.</param>
    /// <param name="self">This worker's id.</param>
    /// <param name="after">When.</param>
    /// <param name="connected">Takes over the connection.</param>
    /// <param name="failed">Told why there is none.</param>
    void Dial(
        IPEndPoint address, ulong run, ReadOnlyMemory<byte> token, string self, TimeSpan after, Action<FrameStream> connected,
        Action<string> failed);

    /// <summary>Lets a link send and receive, until its stream ends.</summary>
    void Start(MateLink link);
}
